"""What Dagster's web interface shows of checks by day, worked out as a whole and remembered until something happens.

The list of assets asks for it every few seconds, and the stock storages work it out anew each time, execution by
execution. Here a check's days are put together at once, and the answer stands until the log has another event that
bears on it (decision 37). Partitioned checks are a preview feature of the pinned Dagster release;
`nba_assets_tests/local/test_check_states.py` holds this against what Dagster makes of the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from dagster import AssetCheckKey, PartitionsDefinition, RunsFilter
from dagster._core.asset_graph_view.serializable_entity_subset import SerializableEntitySubset
from dagster._core.definitions.partitions.subset import PartitionsSubset
from dagster._core.events import DagsterEventType
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecordStatus,
    AssetCheckExecutionResolvedStatus,
    AssetCheckPartitionInfo,
)
from dagster._core.storage.asset_check_state import AssetCheckState
from dagster._core.storage.dagster_run import FINISHED_STATUSES, DagsterRunStatus
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster_shared.record import copy
from sqlalchemy import func, literal, select

_BEAR_ON_IT = (
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
    DagsterEventType.ASSET_CHECK_EVALUATION,
)
_RESOLVED = {
    AssetCheckExecutionRecordStatus.SUCCEEDED: AssetCheckExecutionResolvedStatus.SUCCEEDED,
    AssetCheckExecutionRecordStatus.FAILED: AssetCheckExecutionResolvedStatus.FAILED,
}

_Asked = tuple[AssetCheckKey, PartitionsDefinition | None]
Events = tuple[tuple[str, int, int | None], ...]
"""Of each kind of event that bears on checks, and of their executions: how many there are, and the last's number."""


class CheckStates(SqlEventLogStorage):
    """Mixed into a stock storage."""

    _remembered: tuple[Events, dict[_Asked, AssetCheckState]] = ((), {})

    def get_asset_check_state(self, keys: Sequence[_Asked]) -> Mapping[AssetCheckKey, AssetCheckState]:
        """As in the stock storage: by check, the days on which it passed, failed, or is still to be executed."""
        # Counted first: what happens from here on is found by the next who asks.
        events = self._events()
        known_at, known = self._remembered
        if known_at != events:
            known = {}
            # Both at once: the web server asks in several threads.
            self._remembered = events, known
        unknown = [asked for asked in keys if asked not in known]
        of_no_days = [asked for asked in unknown if asked[1] is None]
        found = {
            **self._states({key: days for key, days in unknown if days is not None}),
            **(super().get_asset_check_state(of_no_days) if of_no_days else {}),
        }
        # Not of runs that go on: they may end without an event that is counted here.
        known.update({asked: found[asked[0]] for asked in unknown if not found[asked[0]].in_progress_runs})
        return {key: found[key] if key in found else known[key, days] for key, days in keys}

    def _events(self) -> Events:
        table = SqlEventLogStorageTable
        kind = table.c.dagster_event_type
        counted = select(kind, func.count(), func.max(table.c.id)).group_by(kind)
        number = AssetCheckExecutionsTable.c.id
        executed = select(literal("executions"), func.count(number), func.max(number))
        with self.index_connection() as connection:
            found = connection.execute(counted.where(kind.in_([one.value for one in _BEAR_ON_IT]))).all()
            # Of an asset that is wiped, PostgreSQL's storage keeps the events, and deletes these.
            found = [*found, *connection.execute(executed).all()]
        return tuple(sorted((name, count, last) for name, count, last in found))

    def _states(self, of: Mapping[AssetCheckKey, PartitionsDefinition]) -> dict[AssetCheckKey, AssetCheckState]:
        infos: dict[AssetCheckKey, list[AssetCheckPartitionInfo]] = {key: [] for key in of}
        for info in self.get_asset_check_partition_info(list(of)) if of else ():
            infos[info.check_key].append(info)
        planned = {info.latest_planned_run_id for of_key in infos.values() for info in of_key if _is_planned(info)}
        # A filter of no runs is refused.
        ended = RunsFilter(run_ids=list(planned), statuses=FINISHED_STATUSES) if planned else None
        status = {run.run_id: run.status for run in self._instance.get_runs(filters=ended)} if ended else {}
        valid = {days: frozenset(days.get_partition_keys()) for days in set(of.values())}
        # Most checks passed on the very same days.
        subset = cache(lambda days, keys: days.subset_with_partition_keys(keys))
        return {key: _state(key, days, valid[days], infos[key], status, subset) for key, days in of.items()}


def _state(
    key: AssetCheckKey,
    days: PartitionsDefinition,
    valid: frozenset[str],
    infos: Sequence[AssetCheckPartitionInfo],
    status: Mapping[str, DagsterRunStatus],
    subset: Callable[[PartitionsDefinition, frozenset[str]], PartitionsSubset],
) -> AssetCheckState:
    """infos: the latest execution on each day. status: of the runs that ended. subset: of the days."""
    judged: dict[AssetCheckExecutionResolvedStatus, SerializableEntitySubset[AssetCheckKey]] = {}
    for recorded, resolved in _RESOLVED.items():
        mine = {i.partition_key for i in infos if i.latest_execution_status == recorded and i.is_current}
        judged[resolved] = SerializableEntitySubset(key, subset(days, valid & mine))
    seen = (max(i.latest_check_event_storage_id, i.latest_materialization_storage_id or 0) for i in infos)
    # What is planned, and what became of it, is left to Dagster.
    state = AssetCheckState(latest_storage_id=0, subsets=judged, in_progress_runs={})
    state = state.with_updates(key, days, [i for i in infos if _is_planned(i)], status)
    return copy(state, latest_storage_id=max(seen, default=0))


def _is_planned(info: AssetCheckPartitionInfo) -> bool:
    return info.latest_execution_status == AssetCheckExecutionRecordStatus.PLANNED
