"""Building what a request needs: each step of its plan is one Dagster run over a range of days, in this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from nba_assets.planning import Plan, Request, Step, TableDay, make_plan, steps_over
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import Warehouse

if TYPE_CHECKING:
    import dagster as dg

    from nba_assets.platform import Platform


PROCESS_TAG = "nba_assets/process"
"""Tag of a run: host and number of the process that it lives and dies with."""


_FOR_PEOPLE = ("nba_assets.", "dagster._core.definitions.events.Failure: ")
"""How errors begin that are written for people; the name of the class says nothing more."""


class BackfillError(Exception):
    """A step failed; says which tables and days, why, and what was built before it."""


def current_plan(
    request: Request, warehouse: Warehouse, done: Collection[TableDay] = (), read_only: bool = False
) -> Plan:
    """The plan for a request, by the warehouse's ledger as it is now."""
    with warehouse.session(read_only) as session:
        return make_plan(request, session.day_states(request.reach), done)


def build(
    request: Request, platform: Platform, instance: dg.DagsterInstance, tags: Mapping[str, str] | None = None
) -> list[str]:
    """Build what a request needs; returns the ids of the runs. Checks look at the days that were asked for.

    Of those, what stands as it is and was never judged, or did not pass a check that blocks, is judged before anything
    is built on it: a run that was killed or stopped after it wrote is no way around a check.
    What is due for certain is built first, and then one looks again: of what might have been due, only what rests on
    days that did turn out different is left. So a source that says nothing new costs nothing downstream.
    A step that fails ends it: what follows would build on a hole. What was built before stays, and the same request
    goes on from there.

    tags: of each run, besides those of its days.

    Raises:
        BackfillError: a step failed.
    """
    close_abandoned_runs(instance)
    tell_dagster(request, platform.warehouse, instance)
    runs: list[str] = []
    done: set[TableDay] = set()
    judged: set[TableDay] = set()
    while True:
        plan = current_plan(request, platform.warehouse, done)
        stands = _standing(request, plan)
        for step in _to_judge(stands - judged, platform, instance):
            runs.append(_run(step, platform, instance, tags or {}, only_checks=True))
        judged |= stands
        if not plan.first:
            return runs
        for step in plan.first:
            runs.append(_run(step, platform, instance, tags or {}))
            done.update((name, day) for name in step.tables for day in step.days)
        judged |= done


def _standing(request: Request, plan: Plan) -> set[TableDay]:
    """What is needed on the days asked for and stays as it is; of history outside of them no check is asked."""
    return {
        (name, day)
        for name, needed in request.needed.items()
        for day in request.days
        if day in needed and day not in plan.why.get(name, ())
    }


def _to_judge(stands: Collection[TableDay], platform: Platform, instance: dg.DagsterInstance) -> list[Step]:
    """Runs of the checks that the days still owe a verdict of."""
    from nba_assets.checks.unjudged import unjudged

    owing = unjudged(instance, stands)
    if owing:
        platform.observer.judges(
            f"{len(owing):,} table-days are built and not judged by every check; they are judged now."
        )
    return steps_over(owing)


def _run(
    step: Step,
    platform: Platform,
    instance: dg.DagsterInstance,
    tags: Mapping[str, str],
    only_checks: bool = False,
) -> str:
    from nba_assets.assets.factory import asset_key
    from nba_assets.checks.unjudged import check_keys
    from nba_assets.definitions import build_definitions
    from nba_assets.partitions import range_tags

    definitions = build_definitions(platform, with_checks=not step.is_history)
    job = definitions.resolve_implicit_global_asset_job_def()
    if only_checks:
        job = job.get_subset(asset_check_selection={key for name in step.tables for key in check_keys(name)})
    result = job.execute_in_process(
        asset_selection=None if only_checks else [asset_key(TABLES[name]) for name in step.tables],
        instance=instance,
        tags={**tags, **range_tags(step.days), PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"},
        raise_on_error=False,
        # A failure is told once, by BackfillError; its traceback is in the run's log.
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    if not result.success:
        raise BackfillError(_why(result))
    return result.run_id


def close_abandoned_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of this machine as failed whose process is gone, killed in the middle; returns their ids.

    Dagster cannot tell by itself, and a run that seems to go on forever keeps the ones launched in the UI waiting.
    """
    import dagster as dg

    # A run is on the list before it has started.
    status = dg.DagsterRunStatus
    going_on = dg.RunsFilter(statuses=[status.NOT_STARTED, status.STARTING, status.STARTED, status.CANCELING])
    closed = []
    for run in instance.get_runs(filters=going_on):
        host, _, process = run.tags.get(PROCESS_TAG, "").partition(":")
        if host == socket.gethostname() and not _is_alive(int(process)):
            instance.report_run_failed(run, "The process was killed. A backfill of the same days goes on from there.")
            if instance.event_log_storage.supports_global_concurrency_limits:
                # Its place in a pool, for which everybody else would wait.
                instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    return closed


def tell_dagster(request: Request, warehouse: Warehouse, instance: dg.DagsterInstance) -> int:
    """Days that the ledger has and Dagster's event log lacks are reported to it as materialized; returns how many.

    Killed between a write and its event, a process leaves such a day behind; a lost event log lacks them all. They are
    built, so that no run will tell of them any more.
    """
    import dagster as dg

    from nba_assets.assets.factory import asset_key

    if not warehouse.exists():
        return 0
    with warehouse.session() as session:
        states = session.day_states(request.reach, request.needed)
    known = {name: instance.get_materialized_partitions(asset_key(TABLES[name])) for name in request.needed}
    lacking = [s for s in states if s.day in request.needed[s.table] and s.day.isoformat() not in known[s.table]]
    for state in lacking:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset_key(TABLES[state.table]),
                partition=state.day.isoformat(),
                description="Built before, says the warehouse's ledger; the event of its run was lost.",
                metadata={"dagster/partition_row_count": state.rows, "set_aside": state.set_aside},
            )
        )
    return len(lacking)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _why(result: dg.ExecuteInProcessResult) -> str:
    failures = [event for event in result.all_events if event.is_step_failure]
    if not failures:
        return f"Run {result.run_id} failed before any table was begun."
    error = failures[0].step_failure_data.error
    cause = error.cause if error is not None and error.cause is not None else error
    text = cause.message.strip() if cause is not None else "no reason given"
    if text.startswith(_FOR_PEOPLE):
        text = text.partition(": ")[2]
    return f"{(failures[0].step_key or 'run').replace('__', '.')}: {text} (run {result.run_id})"
