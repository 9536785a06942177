"""nba-assets predictions: a day's predictions as a table that a person reads."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import click

from nba_assets.cli.arguments import Day, json_option


@click.command()
@click.argument("day", type=Day(), metavar="DATE")
@click.option("--market", default="points", show_default=True, help="Which market.")
@click.option("--team", help="Only this team, by its three-letter code.")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True, help="How many players.")
@json_option
def predictions(day: date, market: str, team: str | None, limit: int, as_json: bool) -> None:
    """Show the predictions of DATE (YYYY-MM-DD), the highest first. Exit status 1 if there are none."""
    rows, is_built = _rows(day, market, _team_code(team))
    if as_json:
        click.echo(json.dumps(rows, default=str))
    elif not rows:
        of = f" of {team.upper()}" if team else ""
        hint = "The day is built." if is_built else f"Build them with: nba-assets backfill {day} {day}"
        click.echo(f"There are no {market} predictions{of} for {day}. {hint}", err=True)
    else:
        _print(rows, day, market, limit)
    sys.exit(0 if rows else 1)


def _team_code(text: str | None) -> str | None:
    from nba_assets.teams import TEAMS

    codes = sorted(t.abbreviation for t in TEAMS)
    if text is not None and text.upper() not in codes:
        raise click.UsageError(f"No team has the code {text}. Codes: {', '.join(codes)}.")
    return text.upper() if text is not None else None


def _rows(day: date, market: str, team: str | None) -> tuple[list[dict[str, Any]], bool]:
    """Per player the ensemble's row with every system's value under `systems`; and whether the day is built."""
    from nba_assets.days import DayRange
    from nba_assets.markets import MARKETS
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables import TABLES
    from nba_assets.teams import TEAMS

    if market not in [m.name for m in MARKETS]:
        raise click.UsageError(f"No market is named {market}. Markets: {', '.join(m.name for m in MARKETS)}.")
    with build_warehouse(load_settings()).session(read_only=True) as session:
        table = session.read(TABLES["player_prop_predictions"], DayRange(day, day))
        found = session.frame(table.filter(table.market == market)).to_pylist()
        is_built = bool(session.day_states(DayRange(day, day), ["player_prop_predictions"]))
    codes = {t.team_id: t.abbreviation for t in TEAMS}
    systems: dict[int, dict[str, float]] = {}
    for row in found:
        systems.setdefault(row["player_id"], {})[row["system_id"]] = row["predicted_value"]
    rows = [
        {
            **row,
            "team": codes.get(row["team_id"], str(row["team_id"])),
            "opponent": codes.get(row["opponent_team_id"], str(row["opponent_team_id"])),
            "systems": systems[row["player_id"]],
        }
        for row in found
        if row["system_id"] == "ensemble"
    ]
    rows = [row for row in rows if team is None or row["team"] == team]
    return sorted(rows, key=lambda row: (-row["predicted_value"], row["player_id"])), is_built


def _print(rows: list[dict[str, Any]], day: date, market: str, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table

    names = ["moving_average", "zone_matchup", "similarity", "lightgbm"]
    grid = Table(title=f"{market.capitalize()} predictions for {day}", title_justify="left")
    for heading in ("player", "team", "opp"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("forecast", "80 % between", *(n.replace("_", " ") for n in names), "line", "P(over)"):
        grid.add_column(heading, justify="right")
    for heading in ("call", "confidence", "known"):
        grid.add_column(heading, no_wrap=True)
    for row in rows[:limit]:
        grid.add_row(
            row["player_name"],
            row["team"],
            row["opponent"],
            f"[bold]{row['predicted_value']:.1f}[/bold]",
            "-" if row["p10"] is None else f"{row['p10']:.0f} - {row['p90']:.0f}",
            *("-" if name not in row["systems"] else f"{row['systems'][name]:.1f}" for name in names),
            "-" if row["line"] is None else f"{row['line']:.1f}",
            "-" if row["over_probability"] is None else f"{row['over_probability']:.2f}",
            row["recommendation"],
            f"{row['confidence_score']:.2f}",
            "before tip-off" if row["information_set"] == "pregame" else "from line-up",
        )
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(grid)
    if len(rows) > limit:
        console.print(f"{len(rows) - limit} more players; see --limit.")
