"""What a day's run would be billed for on BigQuery, by table: every statement of the run, counted as BigQuery counts.

    NBA_ASSETS_HOME=built-home NBA_ASSETS_TEST_BIGQUERY=.bigquery-server python benchmarks/bigquery_bytes.py 2022-01-08

The home's DuckDB file holds the day's history, and its days before are copied to a server that speaks BigQuery's API;
the day is built there. The server counts no bytes, so they are counted here from the statements: of each table that one
names, all columns of the days that stand beside it (BigQuery reads only the columns that are used: this is an upper
bound), by BigQuery's sizes of types, and at least 10 MB for each table of a query, BigQuery's minimum.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from nba_assets.copying import copy_days
from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets.platform import Platform, _build_source
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES
from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.bigquery_session import BigQuerySession
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.graph import materialize
from nba_assets_tests.warehouse.server import started

MINIMUM = 10 * 2**20
WIDTHS = {"int64": 8, "float64": 8, "boolean": 1, "date": 8, "timestamp": 8}
_PATH = re.compile(r"`?([\w-]+)`?\.`?(nba_\w+)`?\.`?(\w+)`")
_DAYS = re.compile(r"BETWEEN DATE\((\d+), (\d+), (\d+)\) AND DATE\((\d+), (\d+), (\d+)\)")


def sizes(warehouse: DuckDBWarehouse, days: DayRange) -> dict[str, dict[date, int]]:
    """Table -> bytes of each day, by BigQuery's sizes of types."""
    found = {}
    with warehouse.session(read_only=True) as session:
        for name, table in TABLES.items():
            width = " + ".join(
                f"COALESCE(SUM(2 + LENGTH({c.name})), 0)"
                if c.type == "string"
                else f"{WIDTHS[c.type]} * COUNT({c.name})"
                for c in table.columns
            )
            statement = (
                f"SELECT game_date, {width} AS size FROM {table.full_name} "
                "WHERE game_date BETWEEN $first AND $last GROUP BY 1"
            )
            rows = session.rows(statement, {"first": days.first, "last": days.last})
            found[name] = {row["game_date"]: int(row["size"]) for row in rows}
    return found


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The statements that sessions run."""
    run, statements = BigQuerySession._run, []

    def told(session: BigQuerySession, statement: str, parameters: dict | None = None) -> object:
        shown = statement
        for name, value in (parameters or {}).items():
            if isinstance(value, date):
                shown = shown.replace(f"@{name}", f"DATE({value.year}, {value.month}, {value.day})")
        statements.append(shown)
        return run(session, statement, parameters)

    with mock.patch.object(BigQuerySession, "_run", told):
        yield statements


def billed(statement: str, by_day: dict[str, dict[date, int]], today: DayRange) -> int:
    """Bytes of a statement: of each table it names, the days that it may read, and at least the minimum."""
    ranges = [DayRange(date(*map(int, d[:3])), date(*map(int, d[3:]))) for d in _DAYS.findall(statement)]
    total = 0
    for _, dataset, name in set(_PATH.findall(statement)):
        if dataset == "nba_assets_scratch" or name not in by_day:
            total += MINIMUM
            continue
        widest = max(ranges, key=len, default=today)
        total += max(MINIMUM, sum(size for day, size in by_day[name].items() if day in widest))
    return total


def main(day: date) -> None:
    """Print queries and bytes of the day's run, as a whole and with its checks."""
    settings, today = load_settings(), DayRange(day, day)
    file = DuckDBWarehouse(settings.warehouse_file)
    history = DayRange(Request(today).reach.first, day - timedelta(days=1))
    by_day = sizes(file, DayRange(history.first, day))
    with tempfile.TemporaryDirectory() as folder, started(Path(folder) / "data") as server:
        cloud = BigQueryWarehouse(server.client(), server.storage(), needs_filter=False)
        with file.session(read_only=True) as reading, cloud.session() as writing:
            for one in copy_days(reading, writing, history):
                print(f"copied {one.table.name}: {one.rows:,} rows", file=sys.stderr, flush=True)
        platform = Platform(cloud, _build_source(settings), settings.models_folder)
        totals = defaultdict(int)
        for with_checks in (False, True):
            for name in TABLES:
                with recorded() as statements:
                    materialize(platform, today, [name], with_checks=with_checks)
                key = "with checks" if with_checks else "tables alone"
                count = sum(billed(s, by_day, today) for s in statements)
                totals[key, "queries"] += len(statements)
                totals[key, "bytes"] += count
                what = f"{len(statements):>4} queries {count / 1e6:>9,.0f} MB"
                print(f"{key:>13}  {TABLES[name].full_name:<44} {what}")
        for (key, what), count in totals.items():
            print(f"{key}: {what} {count:,}")


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]))
