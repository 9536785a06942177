"""nba-assets backtest: what betting on the recommendations of a range of days would have returned."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, information_set_type, json_option, market_type, system_type

if TYPE_CHECKING:
    from nba_assets.days import DayRange

_GROUP = ("market", "information_set", "system_id")
_Parts = dict[str, list[dict[str, Any]]]


@click.command()
@day_range
@click.option("--market", type=market_type, help="Only this market.")
@click.option(
    "--set",
    "information_set",
    type=information_set_type,
    help="Only forecasts made before tip-off, or only those that took knowing who played.",
)
@click.option("--system", type=system_type, help="Only this system.")
@json_option
def backtest(
    start: date, end: date, market: str | None, information_set: str | None, system: str | None, as_json: bool
) -> None:
    """Settle the recommendations from START to END (YYYY-MM-DD, both included) as bets of one unit.

    Exit status 0 only if there is a bet, and every day and forecast is graded that could be.
    """
    days = as_range(start, end)
    parts, ungraded, unsettled = _read(days, market, information_set, system)
    is_in_full = bool(parts["total"]) and not ungraded and not unsettled
    if as_json:
        click.echo(json.dumps({"complete": is_in_full, "ungraded": ungraded, "unsettled": unsettled, **parts}))
    elif parts["total"]:
        _print(parts, days)
    if not parts["total"]:
        named = " ".join(name for name in (market, information_set, system) if name)
        hint = "" if ungraded else " Every day is graded: nothing was recommended against a line."
        click.echo(f"There is no graded {named + ' ' if named else ''}bet on {days}.{hint}", err=True)
    if ungraded:
        click.echo(
            f"Not graded with results: {', '.join(ungraded)}. Grade them with: nba-assets backfill {start} {end}",
            err=True,
        )
    for reason, forecasts in unsettled.items():
        click.echo(f"Forecasts that cannot be settled, as {reason}: {forecasts:,}.", err=True)
    sys.exit(0 if is_in_full else 1)


def _read(
    days: DayRange, market: str | None, information_set: str | None, system: str | None
) -> tuple[_Parts, list[str], dict[str, int]]:
    """Results over the whole range, by month and by expected value; the ranges of days that are not graded with their
    results; and, of the days that are, how many forecasts cannot be settled though their players may have played."""
    from nba_assets.absence import ACCEPTED
    from nba_assets.backtest.bets import BANDS, STRATEGIES, graded_bets, settled
    from nba_assets.backtest.results import results
    from nba_assets.days import ranges_of
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables.predictions import PREDICTION_ACCURACY

    with build_warehouse(load_settings()).session(read_only=True) as session:
        bets = settled(graded_bets(session.read(PREDICTION_ACCURACY, days), market, information_set, system))
        parts = {
            name: results(session, bets, *_GROUP, *by)
            for name, by in (("total", ()), ("by_month", ("month",)), ("by_expected_value", ("band",)))
        }
        states = session.day_states(days, [PREDICTION_ACCURACY.name])
        aside = session.set_aside(days)
        aside = aside.filter((aside.table_name == PREDICTION_ACCURACY.name) & aside.reason.notin(sorted(ACCEPTED)))
        reasons = session.frame(aside.group_by("reason").agg(forecasts=aside.count()).order_by("reason")).to_pylist()
    for rows in parts.values():
        rows.sort(key=lambda row: STRATEGIES.index(row["strategy"]))
        rows.sort(key=lambda row: tuple(row[name] for name in _GROUP))
    parts["by_month"].sort(key=lambda row: row["month"])
    parts["by_expected_value"].sort(key=lambda row: BANDS.index(row["band"]))
    graded = {state.day for state in states if state.is_settled}
    ungraded = [str(r) for r in ranges_of(day for day in days if day not in graded)]
    return parts, ungraded, {row["reason"]: row["forecasts"] for row in reasons}


def _print(parts: _Parts, days: DayRange) -> None:
    """One grid for each market, set and system: by strategy, and as recommended by month and by expected value."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    for group in dict.fromkeys(tuple(row[name] for name in _GROUP) for row in parts["total"]):
        grid = Table(title=f"{', '.join(group)}: bets of one unit, {days}", title_justify="left")
        grid.add_column("", no_wrap=True)
        for heading in ("bets", "won-lost-push", "hit rate (95 %)", "break-even", "profit", "return (95 %)"):
            grid.add_column(heading, justify="right", no_wrap=True)
        for heading in ("line moved", "drawdown"):
            grid.add_column(heading, justify="right", no_wrap=True)
        for rows, label, start in (
            (parts["total"], "strategy", ""),
            (parts["by_month"], "month", ""),
            (parts["by_expected_value"], "band", "value "),
        ):
            for row in rows:
                is_shown = label == "strategy" or row["strategy"] == "recommended"
                if is_shown and tuple(row[name] for name in _GROUP) == group:
                    grid.add_row(start + row[label], *_cells(row))
            grid.add_section()
        console.print(grid)
    recommended = [row for row in parts["total"] if row["strategy"] == "recommended"]
    bets, assumed = (sum(row[name] for row in recommended) for name in ("bets", "assumed_prices"))
    if assumed:
        click.echo(f"{assumed:,} of {bets:,} recommended bets have no quoted price and are settled at -110.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    moved = row["closing_line_value"]
    return (
        f"{row['bets']:,}",
        f"{row['wins']}-{row['losses']}-{row['pushes']}",
        _share(row["hit_rate"], row["hit_rate_low"], row["hit_rate_high"]),
        _share(row["break_even_hit_rate"]),
        f"{row['profit']:+.1f}",
        _share(row["return_on_stake"], row["return_low"], row["return_high"]),
        "-" if moved is None else f"{moved:+.2f} (n {row['closing_lines']:,})",
        f"{row['maximum_drawdown']:.1f}",
    )


def _share(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """In percent, with its interval where there is one."""
    if value is None:
        return "-"
    interval = "" if low is None or high is None else f" ({100 * low:.1f} to {100 * high:.1f})"
    return f"{100 * value:.1f} %{interval}"
