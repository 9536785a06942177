"""Schedules, and the jobs that they and people start. What is asked for, and when, is decided in `cycle.py`.

(No postponed annotations here: Dagster reads those of an op and of a schedule at definition.)
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import dagster as dg

from nba_assets import cycle
from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets.platform import Observer, Platform
from nba_assets.sources.protocol import Source, SourceError
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import WriteReport

CYCLE_TAG = "nba_assets/cycle"
"""Tag of a run: which part of the daily cycle it belongs to."""
CYCLE_RUN_TAG = "nba_assets/cycle_run"
"""Tag of a run that materializes tables: the run of daily_cycle that it is part of."""

whole_graph = dg.define_asset_job(
    "whole_graph",
    selection=dg.AssetSelection.all(),
    description=f"All {len(TABLES)} tables of a day or of a range of days, in order.",
)


class CycleConfig(dg.Config):
    """A request as run config: days as YYYY-MM-DD, tables by name (none for all)."""

    first_day: str
    last_day: str
    tables: list[str] | None = None
    refetch: bool = False


class _Told(Observer):
    """Writes into the log of the cycle's own run how the tables come along, which is also its sign of life."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self._log = log

    def begun(self, table: Table, days: DayRange) -> None:
        self._log.info(f"{table.full_name} {days}: begun")

    def written(self, table: Table, days: DayRange, report: WriteReport) -> None:
        rows, changed = sum(report.rows.values()), len(report.changed)
        self._log.info(f"{table.full_name} {days}: {rows:,} rows, {changed} days differ from before")

    def judges(self, text: str) -> None:
        self._log.info(text)


@dg.op(required_resource_keys={"platform"}, description="Builds what of the days is due, as nba-assets backfill does.")
def build_what_is_due(context: dg.OpExecutionContext, config: CycleConfig) -> None:
    """Each step of the plan is a run of its own, with the days and tables that it materializes."""
    from nba_assets.backfill import build

    platform: Platform = context.resources.platform
    request = Request(
        DayRange(date.fromisoformat(config.first_day), date.fromisoformat(config.last_day)),
        tables=tuple(config.tables) if config.tables else None,
        refetch=config.refetch,
    )
    tags = {CYCLE_TAG: context.run.tags.get(CYCLE_TAG, "by hand"), CYCLE_RUN_TAG: context.run_id}
    runs = build(request, replace(platform, observer=_Told(context.log)), context.instance, tags)
    context.log.info(f"{request.days}: {len(runs)} runs." if runs else f"{request.days}: nothing was due.")


@dg.job(
    executor_def=dg.in_process_executor,
    description="What of some days is due: never built, not yet settled, or resting on something that changed.",
)
def daily_cycle() -> None:
    """The job that the schedules launch."""
    build_what_is_due()


def run_config(request: Request) -> dict[str, Any]:
    """The request as run config of daily_cycle."""
    config = {
        "first_day": request.days.first.isoformat(),
        "last_day": request.days.last.isoformat(),
        "tables": list(request.tables) if request.tables else None,
        "refetch": request.refetch,
    }
    return {"ops": {build_what_is_due.name: {"config": config}}}


def _schedule(
    name: str,
    cron: str,
    description: str,
    request_of: Callable[[datetime], Request],
    nothing_to_do: Callable[[datetime, Source], str | None],
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job=daily_cycle,
        cron_schedule=cron,
        execution_timezone=str(cycle.EASTERN),
        # Not the platform, which waits for its turn: a look at the schedule of games needs none.
        required_resource_keys={"source"},
        description=description,
    )
    def evaluate(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = context.scheduled_execution_time
        try:
            reason = nothing_to_do(now, context.resources.source)
        except SourceError as error:
            # The run fails on it in the open, and is told; a tick that fails is seen by nobody.
            context.log.warning(f"The source cannot say which games there are: {error}")
            reason = None
        if reason is not None:
            return dg.SkipReason(reason)
        return dg.RunRequest(
            run_key=f"{name} {now.isoformat()}", run_config=run_config(request_of(now)), tags={CYCLE_TAG: name}
        )

    return evaluate


morning = _schedule(
    "morning",
    # After noon UTC the whole year: from then on a day counts as settled.
    "30 8 * * *",
    "Yesterday's results, grading and checks, and corrections of the days before. Nothing in the off-season.",
    cycle.morning,
    cycle.nothing_to_settle,
)
before_games = _schedule(
    "before_games",
    "*/15 10-23 * * *",
    "Slate, injuries, lines and forecasts of today: hourly until the last tip-off, and when line-ups are named.",
    cycle.before_games,
    cycle.nothing_to_forecast,
)

JOBS: list[Any] = [whole_graph, daily_cycle]
SCHEDULES = [morning, before_games]
