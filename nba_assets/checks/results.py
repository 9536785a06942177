"""Verdicts as Dagster's check results, one per day, also in a run over a range of days.

What the platform needs of Dagster's partitioned checks, a preview feature, is in this file, and in `unjudged.py`,
which reads what is written here; what it relies on is characterized in `nba_assets_tests/checks/test_results.py`. A
check that returns `AssetCheckResult` in a range run is stored without a partition, and every day shows as skipped.
Here one evaluation a day is written to the event log as a batch, the way a run records the materialization of many
partitions; written one by one, a season of checks would take longer than the season's tables.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, DagsterEventType, generate_event_batch_id

from nba_assets.checks.check import Check, worst
from nba_assets.checks.evaluate import CheckError, Results
from nba_assets.checks.verdict import Severity, Verdict, on_first
from nba_assets.days import DayRange, ranges_of
from nba_assets.partitions import DAILY, days_of

# Dagster compiles this record when the first is made, and keeps the variables of whoever makes it for good: all events
# that the first run of a process plans, if it is left to that run.
AssetCheckEvaluationPlanned(asset_key=dg.AssetKey("none"), check_name="none")

Evaluate = Callable[[Any, DayRange, list[Check]], tuple[Results, str]]
"""(resources' platform, days, the checks that were selected) -> verdicts, and a calendar in Markdown or nothing."""


def daily_checks(key: dg.AssetKey, checks: tuple[Check, ...], evaluate: Evaluate) -> dg.AssetChecksDefinition:
    """The checks of an asset as one step, each with a result for every day of the run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        specs = {
            check.name: dg.AssetCheckSpec(
                check.name,
                asset=key,
                description=_description(check),
                blocking=check.is_blocking,
                partitions_def=DAILY,
            )
            for check in checks
        }

    def run_checks(context):  # type: ignore[no-untyped-def]
        if not (context.has_partition_key or context.has_partition_key_range):
            raise dg.Failure(
                "A check is asked of days, and this run has none. Materialize the days (checks run with them), or ask "
                "without Dagster: nba-assets check START END",
                allow_retries=False,
            )
        selected = {k.name for k in context.selected_asset_check_keys}
        days, wanted = days_of(context), [check for check in checks if check.name in selected]
        results, calendar = evaluate(context.resources.platform, days, wanted)
        _observe(context, key, days, wanted, results, calendar)
        yield from report(context, key, days, wanted, results)

    op = "__".join((*key.path, "checks"))
    return dg.multi_asset_check(
        specs=list(specs.values()), name=op, can_subset=True, required_resource_keys={"platform"}
    )(run_checks)


def report(
    context: dg.AssetCheckExecutionContext, key: dg.AssetKey, days: DayRange, checks: list[Check], results: Results
) -> Iterator[dg.Output[None]]:
    """Store a result for each check and day; fails the step if one that blocks did not pass.

    Raises:
        CheckError: a verdict is missing; without one a blocking check would block nothing.
        dg.Failure: a blocking check of severity ERROR failed; what is downstream in the run is not built.
    """
    for check in checks:
        unsaid = [day for day in days if day not in results.get(check.name, {})]
        if unsaid:
            raise CheckError(f"{key.to_user_string()}: no verdict of {check.name} on {unsaid[0]}.")
    materialized = _latest_materializations(context.instance, key, days)
    evaluations = [
        _evaluation(key, check, day, results[check.name][day], materialized.get(day.isoformat()))
        for check in checks
        for day in days
    ]
    _store(context, evaluations)
    blocking = []
    for check in checks:
        bad = {day: v for day, v in results[check.name].items() if not v.is_passed}
        if bad:
            context.log.warning(f"{key.to_user_string()}: {summary(check, bad)}")
        if check.is_blocking and bad and worst(check, bad) is Severity.ERROR:
            blocking.append(summary(check, bad))
        spec = dg.AssetCheckSpec(check.name, asset=key)
        yield dg.Output(None, output_name=spec.get_python_identifier())
    if blocking:
        raise dg.Failure(
            f"{key.to_user_string()}: a blocking check failed, and nothing downstream was built: {'; '.join(blocking)}",
            allow_retries=False,
        )


def _observe(
    context: dg.AssetCheckExecutionContext,
    key: dg.AssetKey,
    days: DayRange,
    checks: list[Check],
    results: Results,
    calendar: str,
) -> None:
    """What a person reads on the asset's page of the run as a whole: coverage by day, and what did not pass."""
    bad = {c: {day: v for day, v in results.get(c.name, {}).items() if not v.is_passed} for c in checks}
    text = "\n".join(f"- {summary(check, days_of_check)}" for check, days_of_check in bad.items() if days_of_check)
    metadata: dict[str, Any] = {"checks": dg.MetadataValue.md(text or "Every check passed on every day.")}
    if calendar:
        metadata["coverage_calendar"] = dg.MetadataValue.md(calendar)
    context.op_execution_context.log_event(
        dg.AssetObservation(key, partition=days.last.isoformat(), description=f"Checks of {days}", metadata=metadata)
    )


def summary(check: Check, bad: Mapping[date, Verdict]) -> str:
    """A failing check in a line: how bad at worst, its days as ranges, and what it says of the first."""
    return f"{worst(check, bad)} {check.name} on {', '.join(str(r) for r in ranges_of(bad))}: {on_first(bad)}"


def _description(check: Check) -> str:
    blocking = ", and stops what is downstream" if check.is_blocking else ""
    return f"{check.question} A failure is of severity {check.severity}{blocking}: {check.why}"


def _evaluation(
    key: dg.AssetKey,
    check: Check,
    day: date,
    verdict: Verdict,
    target: AssetCheckEvaluationTargetMaterializationData | None,
) -> dg.AssetCheckEvaluation:
    metadata: dict[str, Any] = dict(verdict.figures)
    if verdict.details:
        metadata["details"] = _as_table(verdict.details)
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=check.name,
        passed=verdict.is_passed,
        severity=dg.AssetCheckSeverity((verdict.severity or check.severity).value),
        description=verdict.text,
        metadata=metadata,
        # Without the materialization that it speaks of, the UI shows nothing for the day.
        target_materialization_data=target,
        blocking=check.is_blocking,
        partition=day.isoformat(),
    )


def _as_table(details: Any) -> dg.TableMetadataValue:
    columns = list(dict.fromkeys(name for row in details for name in row))
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: _plain(row.get(name)) for name in columns}) for row in details],
        schema=dg.TableSchema([dg.TableColumn(name) for name in columns]),
    )


def _plain(value: Any) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _latest_materializations(
    instance: dg.DagsterInstance, key: dg.AssetKey, days: DayRange
) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
    """Partition -> its latest materialization."""
    latest = instance.event_log_storage.get_latest_storage_id_by_partition(
        key, DagsterEventType.ASSET_MATERIALIZATION, {day.isoformat() for day in days}
    )
    if not latest:
        return {}
    chosen = dg.AssetRecordsFilter(asset_key=key, storage_ids=list(latest.values()))
    return {
        record.partition_key: AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in instance.fetch_materializations(chosen, limit=len(latest)).records
        if record.partition_key is not None
    }


def _store(context: dg.AssetCheckExecutionContext, evaluations: list[dg.AssetCheckEvaluation]) -> None:
    """Write the evaluations to the event log, as events of this step, in one batch."""
    step = context.op_execution_context.get_step_execution_context().step
    batch = generate_event_batch_id()
    for number, evaluation in enumerate(evaluations, 1):
        outcome = "passed" if evaluation.passed else f"did not pass: {evaluation.description}"
        event = DagsterEvent(
            event_type_value=DagsterEventType.ASSET_CHECK_EVALUATION.value,
            job_name=context.run.job_name,
            event_specific_data=evaluation,
            message=f"{evaluation.check_name} on {evaluation.partition} {outcome}",
            pid=os.getpid(),
            step_key=step.key,
        )
        context.instance.report_dagster_event(
            event, context.run.run_id, batch_metadata=DagsterEventBatchMetadata(batch, number == len(evaluations))
        )
