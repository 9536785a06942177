"""nba-assets backfill: build what a range of days needs, and the days themselves."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import click

from nba_assets.cli.arguments import as_range, day_range, json_option, table_names

if TYPE_CHECKING:
    from nba_assets.days import DayRange
    from nba_assets.planning import Plan
    from nba_assets.settings import Settings
    from nba_assets.turns.turns import Turns


@click.command()
@day_range
@click.option("--tables", help="Only these tables (names separated by commas) and the history that they need.")
@click.option("--rebuild", is_flag=True, help="Build the days asked for again, even if they are up to date.")
@click.option("--no-history", is_flag=True, help="Build the days asked for only, whatever history is missing.")
@click.option("--strict", is_flag=True, help="A source row that breaks its contract is an error, not set aside.")
@click.option("--dry-run", is_flag=True, help="Print what would be built, and build nothing.")
@json_option
def backfill(
    start: date,
    end: date,
    tables: str | None,
    rebuild: bool,
    no_history: bool,
    strict: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Build all tables from START to END (YYYY-MM-DD, both included).

    History that the days depend on is built first where it is missing. Days that are built and up to date are skipped.
    While another run builds, it waits for its turn, and says for whom.
    """
    from nba_assets.settings import load_settings

    settings, days, wanted = load_settings(), as_range(start, end), table_names(tables)

    def make(is_dry: bool) -> Plan:
        return _plan(settings, days, wanted, rebuild, with_history=not no_history, is_dry=is_dry)

    def show(plan: Plan) -> None:
        if as_json:
            click.echo(json.dumps(_plan_as_json(plan)))
        else:
            _print_plan(plan, days)

    if dry_run:
        show(make(is_dry=True))
        return
    with _planned_in_turn(settings, days, partial(make, is_dry=False)) as (plan, turns):
        show(plan)
        if plan.steps:
            _run(settings, plan, turns, strict, accepts_missing_history=no_history, is_quiet=as_json)


@contextmanager
def _planned_in_turn(settings: Settings, days: DayRange, make: Callable[[], Plan]) -> Iterator[tuple[Plan, Turns]]:
    """A plan, and the turn on all of its days. It is made in the turn: what others changed meanwhile is in it.

    Where history is due, it is let go and taken again with those days, since two who widen theirs would wait for each
    other; and planned anew.
    """
    from nba_assets.cli.progress import say
    from nba_assets.days import DayRange
    from nba_assets.platform import build_turns

    turns, wanted = build_turns(settings), days
    while True:
        with turns.taken(wanted, f"nba-assets backfill {days}", say) as held:
            plan = make()
            first = min((step.days.first for step in plan.steps), default=wanted.first)
            if first in held:
                yield plan, turns
                return
        wanted = DayRange(first, wanted.last)


def _plan(
    settings: Settings, days: DayRange, tables: list[str] | None, rebuild: bool, with_history: bool, is_dry: bool
) -> Plan:
    from nba_assets.cli.progress import say
    from nba_assets.days import DayRange
    from nba_assets.planning import make_plan, needed_days
    from nba_assets.platform import build_warehouse
    from nba_assets.tables import TABLES

    warehouse = build_warehouse(settings, say)
    needed = needed_days(days, tables or TABLES, with_history)
    states = []
    if warehouse.exists():
        # Opened for writing, one of an older version gets the columns it lacks; a dry run changes nothing.
        with warehouse.session(read_only=is_dry) as session:
            states = session.day_states(DayRange(min(r.first for r in needed.values()), days.last))
    return make_plan(days, states, tables, rebuild, with_history)


def _plan_as_json(plan: Plan) -> list[dict[str, object]]:
    return [
        {"tables": list(step.tables), "first_day": str(step.days.first), "last_day": str(step.days.last)}
        for step in plan.steps
    ]


def _print_plan(plan: Plan, days: DayRange) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not plan.steps:
        console.print(f"Every table is built and up to date for {days}.")
        return
    grid = Table(title=f"To build for {days}", title_justify="left")
    for heading in ("run", "days", "tables"):
        grid.add_column(heading)
    for number, step in enumerate(plan.steps, 1):
        grid.add_row(str(number), str(step.days), ", ".join(step.tables))
    console.print(grid)
    past = sum(len(found) for found in plan.history.values())
    total = sum(len(found) for found in plan.days.values())
    current = sum(plan.current.values())
    console.print(f"{total:,} table-days to build, {past:,} of them history; {current:,} are up to date and skipped.")


def _run(
    settings: Settings, plan: Plan, turns: Turns, strict: bool, accepts_missing_history: bool, is_quiet: bool
) -> None:
    from nba_assets.backfill import run_plan
    from nba_assets.cli.progress import table_progress
    from nba_assets.local.home import open_instance
    from nba_assets.platform import build_platform

    # The libraries just loaded stay: looking through them for garbage again and again takes a tenth of a short run.
    gc.set_threshold(50_000, 20, 20)
    with table_progress(plan, is_quiet) as observer, open_instance(settings) as instance:
        platform = build_platform(settings, strict, accepts_missing_history, observer, turns)
        run_plan(plan, platform, instance)
