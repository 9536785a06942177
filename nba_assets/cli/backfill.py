"""nba-assets backfill builds a range of days and what it needs; nba-assets plan shows what that would be, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, json_option, table_names
from nba_assets.days import DayRange, ranges_of
from nba_assets.tables import TABLES

if TYPE_CHECKING:
    from rich.console import Console

    from nba_assets.planning import Due, Plan, Request
    from nba_assets.settings import Settings
    from nba_assets.turns.turns import Turns


def _what(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say what is asked for, the same for both commands."""
    options = (
        day_range,
        click.option("--tables", help="Only these tables (names separated by commas) and the history that they need."),
        click.option("--rebuild", is_flag=True, help="Build the days asked for again, even if they are up to date."),
        click.option(
            "--refetch", is_flag=True, help="Ask the source again; what rests on days that then differ is built."
        ),
        click.option("--no-history", is_flag=True, help="Build the days asked for only, whatever history is missing."),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_what
@click.option("--strict", is_flag=True, help="A source row that breaks its contract is an error, not set aside.")
@click.option("--dry-run", is_flag=True, help="Print what would be built, and build nothing.")
def backfill(as_json: bool, strict: bool, dry_run: bool, **what: Any) -> None:
    """Build all tables from START to END (YYYY-MM-DD, both included).

    History that the days depend on is built first where it is missing. Days that are built and up to date are skipped.
    While another run builds, it waits for its turn, and says for whom.
    """
    from nba_assets.settings import load_settings

    settings, request = load_settings(), _request(**what)

    def show(plan: Plan) -> None:
        if as_json:
            click.echo(json.dumps(_steps_as_json(plan)))
        else:
            _print_steps(plan, request)

    if dry_run:
        show(_plan(settings, request, is_dry=True))
        return
    with _planned_in_turn(settings, request) as (plan, turns):
        show(plan)
        # Without anything to build as well: what a killed process, or a lost event log, left untold is told.
        _run(settings, request, plan, turns, strict, is_quiet=as_json)


@click.command("plan")
@_what
def show_plan(as_json: bool, **what: Any) -> None:
    """Show what a backfill from START to END would build, and why; nothing is built.

    What rests on days that are to be built themselves is due only if they turn out different: "if ... changes".
    """
    from nba_assets.settings import load_settings

    request = _request(**what)
    plan = _plan(load_settings(), request, is_dry=True)
    if as_json:
        click.echo(json.dumps([_reason_as_json(*found) for found in _reasons(plan)]))
    else:
        _print_reasons(plan, request)


def _request(start: date, end: date, tables: str | None, rebuild: bool, refetch: bool, no_history: bool) -> Request:
    from nba_assets.planning import Request

    names = table_names(tables)
    return Request(as_range(start, end), tuple(names) if names else None, rebuild, refetch, not no_history)


@contextmanager
def _planned_in_turn(settings: Settings, request: Request) -> Iterator[tuple[Plan, Turns]]:
    """A plan, and the turn on all of its days. It is made in the turn: what others changed meanwhile is in it.

    Where history is due, it is let go and taken again with those days, since two who widen theirs would wait for each
    other; and planned anew.
    """
    from nba_assets.cli.progress import say
    from nba_assets.platform import build_turns

    turns, wanted = build_turns(settings), request.days
    while True:
        with turns.taken(wanted, f"nba-assets backfill {request.days}", say) as held:
            plan = _plan(settings, request, is_dry=False)
            first = min((step.days.first for step in plan.steps), default=wanted.first)
            if first in held:
                yield plan, turns
                return
        wanted = DayRange(first, wanted.last)


def _plan(settings: Settings, request: Request, is_dry: bool) -> Plan:
    from nba_assets.backfill import current_plan
    from nba_assets.cli.progress import say
    from nba_assets.planning import make_plan
    from nba_assets.platform import build_warehouse

    warehouse = build_warehouse(settings, say)
    if not warehouse.exists():
        return make_plan(request, [])
    # Opened for writing, one of an older version gets the columns it lacks; a dry run changes nothing.
    return current_plan(request, warehouse, read_only=is_dry)


def _reasons(plan: Plan) -> Iterator[tuple[str, DayRange, Due]]:
    """Table, consecutive days with the same reason, and the reason, in graph order."""
    for name, why in plan.why.items():
        for due in dict.fromkeys(why.values()):
            for days in ranges_of(day for day, reason in why.items() if reason == due):
                yield name, days, due


def _reason_as_json(name: str, days: DayRange, due: Due) -> dict[str, object]:
    return {
        "table": TABLES[name].full_name,
        "first_day": str(days.first),
        "last_day": str(days.last),
        "reason": due.reason,
        "is_certain": due.is_certain,
        "upstream": TABLES[due.upstream].full_name if due.upstream else None,
        "upstream_day": str(due.upstream_day) if due.upstream_day else None,
        "version": due.version,
    }


def _print_reasons(plan: Plan, request: Request) -> None:
    rows = [(TABLES[name].full_name, str(days), str(due)) for name, days, due in _reasons(plan)]
    _print_plan(plan, request, "Due", ("table", "days", "why"), rows)


def _steps_as_json(plan: Plan) -> list[dict[str, object]]:
    return [
        {"tables": list(step.tables), "first_day": str(step.days.first), "last_day": str(step.days.last)}
        for step in plan.steps
    ]


def _print_steps(plan: Plan, request: Request) -> None:
    rows = [(str(number), str(step.days), ", ".join(step.tables)) for number, step in enumerate(plan.steps, 1)]
    _print_plan(plan, request, "To build", ("run", "days", "tables"), rows)


def _print_plan(
    plan: Plan, request: Request, title: str, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not plan.steps:
        console.print(f"Every table is built and up to date for {request.days}.")
        return
    grid = Table(title=f"{title} for {request.days}", title_justify="left")
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console.print(grid)
    _print_counts(console, plan)


def _print_counts(console: Console, plan: Plan) -> None:
    past = sum(len(found) for found in plan.history.values())
    reasons = [due for why in plan.why.values() for due in why.values()]
    open_ = sum(not due.is_certain for due in reasons)
    console.print(
        f"{len(reasons):,} table-days to build, {past:,} of them history"
        + (f", {open_:,} only if what they rest on turns out different" if open_ else "")
        + f"; {sum(plan.current.values()):,} are up to date and skipped."
    )


def _run(settings: Settings, request: Request, plan: Plan, turns: Turns, strict: bool, is_quiet: bool) -> None:
    from nba_assets.backfill import build
    from nba_assets.cli.progress import table_progress
    from nba_assets.local.home import open_instance
    from nba_assets.platform import build_platform

    with table_progress(plan, is_quiet) as observer, open_instance(settings) as instance:
        build(request, build_platform(settings, strict, not request.with_history, observer, turns), instance)
