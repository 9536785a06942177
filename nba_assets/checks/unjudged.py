"""Which rows no check has judged since they were written, by Dagster's event log.

A run judges what it writes. One that was killed in between, or that a failed check stopped, leaves rows that the ledger
calls built: nothing may be built on them before they are judged. The judging itself is a run like any other
(`backfill.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecordStatus,
    AssetCheckPartitionInfo,
)

from nba_assets.assets.factory import asset_key
from nba_assets.checks.catalog import checks_of
from nba_assets.checks.check import Check
from nba_assets.planning import TableDay
from nba_assets.tables import TABLES


def check_keys(name: str) -> dict[dg.AssetCheckKey, Check]:
    """Dagster's keys of a table's checks."""
    return {dg.AssetCheckKey(asset_key(TABLES[name]), check.name): check for check in checks_of(TABLES[name])}


def unjudged(instance: dg.DagsterInstance, built: Iterable[TableDay]) -> set[TableDay]:
    """Of days that are built, those that lack a verdict of one of their table's checks on the rows that are there now,
    and those at which a check stopped a run."""
    days: dict[str, dict[str, date]] = {}
    for name, day in built:
        days.setdefault(name, {})[day.isoformat()] = day
    return {
        (name, of_table[partition])
        for name, of_table in days.items()
        for partition in of_table.keys() - _judged(instance, name, list(of_table))
    }


def _judged(instance: dg.DagsterInstance, name: str, partitions: Sequence[str]) -> set[str]:
    """The partitions whose latest materialization every check of the table has judged, and that may be built upon."""
    checks = check_keys(name)
    infos = instance.event_log_storage.get_asset_check_partition_info(list(checks), partition_keys=partitions)
    failed = {i.latest_planned_run_id for i in infos if checks[i.check_key].is_blocking and not _is_passed(i)}
    stopped = _not_succeeded(instance, failed)
    counts = Counter(
        info.partition_key
        for info in infos
        if info.is_current
        and (_is_passed(info) or not checks[info.check_key].is_blocking or info.latest_planned_run_id not in stopped)
    )
    return {str(partition) for partition, count in counts.items() if count == len(checks)}


def _is_passed(info: AssetCheckPartitionInfo) -> bool:
    return info.latest_execution_status is AssetCheckExecutionRecordStatus.SUCCEEDED


def _not_succeeded(instance: dg.DagsterInstance, runs: set[str]) -> set[str]:
    """Of the runs, those that a failure ended; what a blocking check only warns of ends none."""
    if not runs:
        return runs
    succeeded = dg.RunsFilter(run_ids=list(runs), statuses=[dg.DagsterRunStatus.SUCCESS])
    return runs - {run.run_id for run in instance.get_runs(succeeded)}
