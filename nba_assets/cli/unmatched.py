"""nba-assets unmatched: names in lines and injury reports that no player was found for."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, json_option
from nba_assets.visible import visible

if TYPE_CHECKING:
    from nba_assets.days import DayRange


@click.command()
@day_range
@json_option
def unmatched(start: date, end: date, as_json: bool) -> None:
    """List names from START to END (YYYY-MM-DD, both included) that no player was found for, most rows first.

    Their rows are set aside. A name that is another spelling of a known one belongs into sources/live/aliases.csv.
    """
    days = as_range(start, end)
    lines = _names(days)
    if as_json:
        click.echo(json.dumps(lines))
    else:
        _print(lines, days)


def _names(days: DayRange) -> list[dict[str, Any]]:
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables import TABLES

    with_names = [name for name, table in TABLES.items() if {"player_id", "player_name"} <= set(table.column_names)]
    with build_warehouse(load_settings()).session(read_only=True) as session:
        aside = session.set_aside(days)
        refused = session.frame(aside.filter(aside.table_name.isin(with_names), aside.reason.contains("player_id")))
    rows: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], set[date]] = {}
    for one in refused.to_pylist():
        row = json.loads(one["row"])
        if row["player_id"] is None and row["player_name"]:
            key = (row["player_name"], one["table_name"])
            rows[key] += 1
            seen.setdefault(key, set()).add(one["game_date"])
    return [
        {
            "name": name,
            "table": table,
            "rows": count,
            "days": len(seen[name, table]),
            "last": str(max(seen[name, table])),
        }
        for (name, table), count in sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    ]


def _print(lines: list[dict[str, Any]], days: DayRange) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not lines:
        click.echo(f"{days}: every name was matched.")
        return
    grid = Table(title=f"Names without a player, {days}", title_justify="left")
    for heading in ("name", "table", "rows", "days", "last"):
        grid.add_column(heading, justify="right" if heading in ("rows", "days") else "left", no_wrap=True)
    for line in lines:
        grid.add_row(*(f"{value:,}" if isinstance(value, int) else Text(visible(value)) for value in line.values()))
    Console(width=None if sys.stdout.isatty() else 160).print(grid)
