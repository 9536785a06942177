"""nba-assets predictions: a day's predictions as a table that a person reads."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import Day, FiniteRange, information_set_type, json_option, market_type
from nba_assets.information import PREGAME
from nba_assets.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

    from nba_assets.explained import Explained


@click.command()
@click.argument("day", type=Day(), metavar="DATE")
@click.option("--market", type=market_type, default="points", show_default=True, help="Which market.")
@click.option(
    "--set",
    "information_set",
    type=information_set_type,
    default=PREGAME,
    show_default=True,
    help="From the projected roster, or knowing who plays as well.",
)
@click.option("--team", help="Only this team, by its three-letter code.")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True, help="How many players.")
@click.option("--line", type=FiniteRange(min=0, max=100), help="Hold every forecast against this line, priced at -110.")
@click.option("--why", is_flag=True, help="Say what moved each player's forecast away from his usual one.")
@json_option
def predictions(
    day: date,
    market: str,
    information_set: str,
    team: str | None,
    limit: int,
    line: float | None,
    why: bool,
    as_json: bool,
) -> None:
    """Show the predictions of DATE (YYYY-MM-DD), the highest first. Exit status 1 if there are none."""
    rows, is_built = _rows(day, market, information_set, _team_code(team))
    if line is not None and rows:
        rows = _held_against(rows, day, line)
    if why and rows:
        _add_reasons(rows if as_json else rows[:limit], day, market, information_set)
    if as_json:
        click.echo(json.dumps(rows, default=str))
    elif not rows:
        of = f" of {team.upper()}" if team else ""
        hint = "The day is built." if is_built else f"Build them with: nba-assets backfill {day} {day}"
        click.echo(f"There are no {information_set} {market} predictions{of} for {day}. {hint}", err=True)
    else:
        _print(rows, f"{market.capitalize()} predictions for {day}, {information_set}", limit, why)
    sys.exit(0 if rows else 1)


def _team_code(text: str | None) -> str | None:
    from nba_assets.teams import TEAMS

    codes = sorted(t.abbreviation for t in TEAMS)
    if text is not None and text.upper() not in codes:
        raise click.UsageError(f"No team has the code {text}. Codes: {', '.join(codes)}.")
    return text.upper() if text is not None else None


def _rows(day: date, market: str, information_set: str, team: str | None) -> tuple[list[dict[str, Any]], bool]:
    """Per player the ensemble's row with every system's value under `systems`; and whether the day is built."""
    from nba_assets.days import DayRange
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables import TABLES
    from nba_assets.teams import TEAMS

    with build_warehouse(load_settings()).session(read_only=True) as session:
        table = session.read(TABLES["player_prop_predictions"], DayRange(day, day))
        asked = (table.market == market) & (table.information_set == information_set)
        found = session.frame(table.filter(asked)).to_pylist()
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


def _held_against(rows: list[dict[str, Any]], day: date, line: float) -> list[dict[str, Any]]:
    """The rows with this line in the place of the bookmakers'."""
    import pandas as pd

    from nba_assets.days import DayRange
    from nba_assets.models.later_lines import held_against
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables.predictions import PROP_MODEL

    with build_warehouse(load_settings()).session(read_only=True) as session:
        models = session.frame(session.read(PROP_MODEL, DayRange(day, day))).to_pandas()
    found = held_against(pd.DataFrame(rows), models, line).astype(object)
    return [{str(k): v for k, v in row.items()} for row in found.where(found.notna(), None).to_dict("records")]


def _add_reasons(rows: list[dict[str, Any]], day: date, market: str, information_set: str) -> None:
    """Give each row `usual_value` and `learned_value`, what the trained systems say of the player's usual night and of
    this one, and `reasons`. Where there is no trained model they are None and empty, and it is said why.
    """
    explained = _explained(day, market, information_set, [row["player_id"] for row in rows])
    for reason in explained.unexplained.values():
        click.echo(f"No reasons can be given: {reason}.", err=True)
    for row in rows:
        of_player = explained.found.get((market, row["player_id"]))
        row["usual_value"] = of_player.usual if of_player else None
        row["learned_value"] = of_player.forecast if of_player else None
        row["reasons"] = [asdict(reason) for reason in of_player.reasons] if of_player else []


def _explained(day: date, market: str, information_set: str, players: list[int]) -> Explained:
    from nba_assets.explained import explain_day
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings

    settings = load_settings()
    with build_warehouse(settings).session(read_only=True) as session:
        explained = explain_day(session, settings.models_folder, day, information_set, {market: players})
    for error in explained.broken.values():
        raise click.ClickException(error)
    return explained


def _print(rows: list[dict[str, Any]], title: str, limit: int, why: bool) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(_why_grid(rows[:limit], title) if why else _grid(rows[:limit], title))
    if why:
        console.print(
            "usual is what the trained systems, lightgbm and network, say of the player's usual night, mixed as the "
            "ensemble mixes them; the reasons are what moved the forecast most from there."
        )
    if len(rows) > limit:
        console.print(f"{len(rows) - limit} more players; see --limit.")


def _why_grid(rows: list[dict[str, Any]], title: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title, title_justify="left", show_lines=True)
    for heading in ("player", "team", "opp"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("forecast", "line"):
        grid.add_column(heading, justify="right")
    grid.add_column("call", no_wrap=True)
    grid.add_column("usual", justify="right")
    grid.add_column("why")
    for row in rows:
        grid.add_row(
            Text(visible(row["player_name"])),
            row["team"],
            row["opponent"],
            f"[bold]{row['predicted_value']:.1f}[/bold]",
            "-" if row["line"] is None else f"{row['line']:.1f}",
            row["recommendation"],
            "-" if row["usual_value"] is None else f"{row['usual_value']:.1f}",
            Text(visible("\n".join(reason["text"] for reason in row["reasons"]) or "-", has_lines=True)),
        )
    return grid


def _grid(rows: list[dict[str, Any]], title: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    from nba_assets.systems import SYSTEMS

    names = SYSTEMS[:-1]
    grid = Table(title=title, title_justify="left")
    for heading in ("player", "team", "opp"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("forecast", "80 % between", *(n.replace("_", " ") for n in names), "line", "P(over)"):
        grid.add_column(heading, justify="right")
    for heading in ("call", "confidence"):
        grid.add_column(heading, no_wrap=True)
    for row in rows:
        grid.add_row(
            Text(visible(row["player_name"])),
            row["team"],
            row["opponent"],
            f"[bold]{row['predicted_value']:.1f}[/bold]",
            "-" if row["p10"] is None else f"{row['p10']:.0f} - {row['p90']:.0f}",
            *("-" if name not in row["systems"] else f"{row['systems'][name]:.1f}" for name in names),
            "-" if row["line"] is None else f"{row['line']:.1f}",
            "-" if row["over_probability"] is None else f"{row['over_probability']:.2f}",
            row["recommendation"],
            "-" if row["confidence_score"] is None else f"{row['confidence_score']:.2f}",
        )
    return grid
