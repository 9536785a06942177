"""What Dagster's instance tells: runs that ended, their evaluations, why they failed, and what still goes on.

Plain values come out of here; what they mean for alerts is decided elsewhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

import dagster as dg

from nba_assets.alerts.messages import FailedRun
from nba_assets.alerts.stalled import Work
from nba_assets.alerts.state import Evaluation, Group, Progress
from nba_assets.partitions import days_of_tags

FIRST_LOOK_SECONDS = 24 * 3_600
"""How far back a sensor looks when it runs for the first time: what is older has been seen, or is past caring."""
PAGE = 2_000
RUNS_AT_ONCE = 100
BACKFILL_TAG = "dagster/backfill"

End = Literal[dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED]
_ENDS: tuple[End, ...] = (
    dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.RUN_CANCELED,
)
_WAITING = (dg.DagsterRunStatus.QUEUED,)
_STARTED = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


class EndedRun(NamedTuple):
    """The end of a run. `position` grows from one end to the next, whichever run began first."""

    position: int
    run_id: str
    is_failed: bool


def first_position(instance: dg.DagsterInstance, now: float) -> int:
    """The position after which the runs of the last day ended: where a sensor begins that never ran."""
    latest = [0]
    for event_type in _ENDS:
        older = dg.RunStatusChangeRecordsFilter(event_type, before_timestamp=now - FIRST_LOOK_SECONDS)
        records = instance.fetch_run_status_changes(older, limit=1).records
        latest += [record.storage_id for record in records]
    return max(latest)


def ended_runs(instance: dg.DagsterInstance, after: int, only_failed: bool = False) -> list[EndedRun]:
    """Runs that ended after a position, in the order of their ends, at most RUNS_AT_ONCE."""
    pages = []
    wanted_ends: tuple[End, ...] = (dg.DagsterEventType.RUN_FAILURE,) if only_failed else _ENDS
    for event_type in wanted_ends:
        wanted = dg.RunStatusChangeRecordsFilter(event_type, after_storage_id=after)
        records = instance.fetch_run_status_changes(wanted, limit=RUNS_AT_ONCE, ascending=True).records
        is_failed = event_type == dg.DagsterEventType.RUN_FAILURE
        pages.append([EndedRun(record.storage_id, record.run_id, is_failed) for record in records])
    # Each page holds the earliest of its kind, so that the earliest of all are among them.
    return list(heapq.merge(*pages))[:RUNS_AT_ONCE]


def evaluations_of(instance: dg.DagsterInstance, run_id: str) -> Iterator[Evaluation]:
    """What the checks of a run found, in the order in which they said it."""
    for page, _ in _pages_of(instance, run_id):
        yield from page


class Page(NamedTuple):
    """Evaluations of one ended run, and how far the runs are read with them."""

    evaluations: list[Evaluation]
    is_run_failed: bool
    progress: Progress


def pages_after(instance: dg.DagsterInstance, progress: Progress) -> Iterator[Page]:
    """What the checks of ended runs found, run by run in the order of their ends, each from where it was read to."""
    position = progress.position
    for run in ended_runs(instance, position):
        for evaluations, read in _pages_of(instance, run.run_id, progress.read_of(run.run_id)):
            reached = Progress(run.position) if read is None else Progress(position, run.run_id, read)
            yield Page(evaluations, run.is_failed, reached)
        position = run.position


def _pages_of(
    instance: dg.DagsterInstance, run_id: str, read: str | None = None
) -> Iterator[tuple[list[Evaluation], str | None]]:
    """A run's evaluations, with what marks the end of a page, or None if it is the last. read: a mark to go on from."""
    while True:
        page = instance.get_records_for_run(
            run_id, cursor=read, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION, limit=PAGE
        )
        entries = [record.event_log_entry for record in page.records]
        read = page.cursor if page.has_more else None
        yield (
            [_evaluation(e.asset_check_evaluation, e.step_key or "") for e in entries if e.asset_check_evaluation],
            read,
        )
        if read is None:
            return


def failed_run(instance: dg.DagsterInstance, run_id: str) -> FailedRun:
    """Why a run failed: the steps with their errors, or the run's own where no step failed, and what stopped it."""
    run = instance.get_run_by_id(run_id)
    stopped_by = tuple(e for e in evaluations_of(instance, run_id) if e.stops_a_run)
    said = {evaluation.step for evaluation in stopped_by}
    reasons = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        # What a blocking check has to say is in its evaluations, with the days; a crash of the step is not.
        if not (entry.step_key in said and _is_verdict(entry)):
            reasons.append((entry.step_key or "", _reason(entry)))
    if not reasons and not stopped_by:
        reasons = [("", _reason(e)) for e in instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)]
    return FailedRun(run_id, run.job_name if run else "", _days(run.tags) if run else "", tuple(reasons), stopped_by)


def is_told_by_its_part(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run failed because one that it started did: a step of the daily cycle, which is told itself."""
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    return any(error is not None and error.cls_name == "BackfillError" for error in map(_root_error, failures))


def going_on(instance: dg.DagsterInstance) -> list[Work]:
    """Backfills and runs of their own that have not ended. A run of a backfill counts as that backfill's."""
    records = instance.get_run_records(dg.RunsFilter(statuses=[*_WAITING, *_STARTED]))
    moved: dict[str, float] = {}
    started = set()
    found = []
    for record in records:
        run = record.dagster_run
        latest = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
        # The record's own time is that of the last change of its status.
        times = [record.update_timestamp.timestamp(), *(r.event_log_entry.timestamp for r in latest)]
        is_waiting = run.status in _WAITING
        backfill_id = run.tags.get(BACKFILL_TAG)
        if backfill_id is None:
            what = f"Run {run.run_id[:8]}" + (f" ({days})" if (days := _days(run.tags)) else "")
            found.append(Work(f"run {run.run_id}", what, max(times), is_waiting))
            continue
        moved[backfill_id] = max([*times, moved.get(backfill_id, 0.0)])
        if not is_waiting:
            started.add(backfill_id)
    for backfill in _open_backfills(instance):
        backfill_id = backfill.backfill_id
        # Its runs that ended are signs of life as well, between one of its runs and the next.
        last = instance.get_run_records(
            dg.RunsFilter(tags={BACKFILL_TAG: backfill_id}), limit=1, order_by="update_timestamp"
        )
        times = [backfill.backfill_timestamp, *(r.update_timestamp.timestamp() for r in last)]
        times.append(moved.get(backfill_id, 0.0))
        is_waiting = backfill_id in moved and backfill_id not in started
        found.append(Work(f"backfill {backfill_id}", f"Backfill {backfill_id}", max(times), is_waiting))
    return found


def _open_backfills(instance: dg.DagsterInstance) -> list[Any]:
    from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus

    still_open = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]
    return list(instance.get_backfills(filters=BulkActionsFilter(statuses=still_open)))


def _evaluation(found: dg.AssetCheckEvaluation, step: str) -> Evaluation:
    return Evaluation(
        group=Group(".".join(found.asset_key.path), found.check_name),
        day=date.fromisoformat(found.partition) if found.partition else None,
        passed=found.passed,
        severity=found.severity.value,
        is_blocking=bool(found.blocking),
        description=found.description or "",
        step=step,
    )


def _days(tags: Any) -> str:
    return str(days_of_tags(tags) or "")


def _error(entry: Any) -> Any:
    return getattr(entry.dagster_event.event_specific_data, "error", None)


def _is_verdict(entry: Any) -> bool:
    """Whether a step failed because of what its checks found: by Dagster's own error, or as a declared failure."""
    error = _error(entry)
    is_declared = getattr(entry.dagster_event.event_specific_data, "user_failure_data", None) is not None
    return is_declared or (error is not None and error.cls_name == "DagsterAssetCheckFailedError")


def _root_error(entry: Any) -> Any:
    error = _error(entry)
    while error is not None and error.cause is not None:
        error = error.cause
    return error


def _reason(entry: Any) -> str:
    error = _root_error(entry)
    return error.message.strip() if error is not None else entry.dagster_event.message or "no reason was recorded"
