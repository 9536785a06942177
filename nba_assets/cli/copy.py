"""nba-assets copy: move days between the DuckDB file and BigQuery."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, json_option, table_names

if TYPE_CHECKING:
    from nba_assets.copying import Copied


@click.command()
@day_range
@click.option("--to", "target", type=click.Choice(["bigquery", "duckdb"]), required=True, help="Where the days go.")
@click.option("--tables", help="Only these tables (names separated by commas).")
@json_option
def copy(start: date, end: date, target: str, tables: str | None, as_json: bool) -> None:
    """Copy the built days from START to END (YYYY-MM-DD, both included) between the DuckDB file and BigQuery.

    Needs NBA_ASSETS_WAREHOUSE=bigquery and its project. Copying twice changes nothing. Exit status 1 if days stayed
    behind because they are out of date where they are: build them first, or build them anew where they go.
    """
    from nba_assets.cli.progress import say
    from nba_assets.copying import copy_days
    from nba_assets.days import ranges_of
    from nba_assets.platform import build_turns, build_warehouse
    from nba_assets.settings import SettingsError, load_settings
    from nba_assets.warehouse.duckdb import DuckDBWarehouse

    settings = load_settings()
    if settings.bigquery is None:
        raise SettingsError("copy moves days between the DuckDB file and BigQuery: set NBA_ASSETS_WAREHOUSE=bigquery.")
    days, wanted = as_range(start, end), table_names(tables)
    file, cloud = DuckDBWarehouse(settings.warehouse_file, say), build_warehouse(settings, say)
    source, into = (file, cloud) if target == "bigquery" else (cloud, file)
    copied = []
    with (
        build_turns(settings).taken(days, f"nba-assets copy {days} --to {target}", say),
        source.session(read_only=True) as reading,
        into.session() as writing,
    ):
        for one in copy_days(reading, writing, days, wanted):
            copied.append(one)
            if not as_json:
                left = ", ".join(map(str, ranges_of(one.left)))
                text = f"{one.table.full_name:<44} {len(one.days):>5} days  {one.rows:>9,} rows"
                click.echo(text + (f", out of date and left: {left}" if left else ""))
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in copied]))
    sys.exit(1 if any(one.left for one in copied) else 0)


def _as_json(one: Copied) -> dict[str, Any]:
    return {
        "table": one.table.full_name,
        "days": len(one.days),
        "rows": one.rows,
        "set_aside": one.set_aside,
        "out_of_date": [str(day) for day in one.left],
    }
