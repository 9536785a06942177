"""What a day's run would be billed for on BigQuery, by table, counted as BigQuery counts.

    NBA_ASSETS_HOME=home NBA_ASSETS_ARCHIVE=folder python benchmarks/bigquery_bytes.py 2022-01-07

The home holds the day and its history. The day is built again on a copy of its DuckDB file; what would be a query on
BigQuery is written down with the tables and days that it names. Of each table that a query names all columns count
(BigQuery reads those that are used: this is an upper bound), by BigQuery's sizes of types, and at least 10 MB, its
minimum.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets.platform import build_platform
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_session import DuckDBSession
from nba_assets.warehouse.googlesql import compiled
from nba_assets_tests.graph import materialize

MINIMUM = 10 * 2**20
WIDTHS = {"int64": 8, "float64": 8, "boolean": 1, "date": 8, "timestamp": 8}
_STORED = re.compile(r"`?(nba_\w+)`?\.`?(\w+)`?")
_DAYS = re.compile(r"BETWEEN DATE\((\d+), (\d+), (\d+)\) AND DATE\((\d+), (\d+), (\d+)\)")
Query = list[tuple[str, DayRange | None]]
"""The stored tables that a query names, with the days that it reads of them; None for what is staged."""


class Recorder(DuckDBSession):
    """A session that writes down what would be queries on BigQuery."""

    said: ClassVar[list[Query]] = []

    def frame(self, expression: Any) -> Any:
        self.said.append(_query(compiled(expression)))
        return super().frame(expression)

    def attach(self, name: str, rows: Any) -> Any:
        if not hasattr(rows, "column_names"):
            self.said.append(_query(compiled(rows)))
        return super().attach(name, rows)

    def rows(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        given = parameters or {}
        days = DayRange(given["first"], given["last"]) if "first" in given else None
        self.said.append([(name, days) for _, name in set(_STORED.findall(statement))] or [("staged", None)])
        return super().rows(statement, parameters)

    def put(self, table: Any, days: DayRange, states: Any, has_asides: bool) -> None:
        # The three MERGE statements, of rows, of what was set aside, and of the ledger.
        self.said.extend([[(table.name, days), ("staged", None)], [("set_aside", days)], [("day_ledger", days)]])
        super().put(table, days, states, has_asides)


class Recording(DuckDBWarehouse):
    """The warehouse with such sessions."""

    session_type = Recorder


def _query(statement: str) -> Query:
    ranges = [DayRange(date(*map(int, d[:3])), date(*map(int, d[3:]))) for d in _DAYS.findall(statement)]
    # One query names few ranges; the widest is taken for all of its tables.
    widest = max(ranges, key=len, default=None)
    return [(name, widest) for _, name in set(_STORED.findall(statement))] or [("staged", None)]


def sizes(warehouse: DuckDBWarehouse, days: DayRange) -> dict[str, dict[date, int]]:
    """Table -> bytes of each day, by BigQuery's sizes of types."""
    found = {}
    with warehouse.session(read_only=True) as session:
        for name, table in TABLES.items():
            width = " + ".join(
                f"COALESCE(SUM(2 + strlen({c.name})), 0)"
                if c.type == "string"
                else f"{WIDTHS[c.type]} * COUNT({c.name})"
                for c in table.columns
            )
            rows = session.rows(
                f"SELECT game_date, {width} AS size FROM {table.full_name} "
                "WHERE game_date BETWEEN $first AND $last GROUP BY 1",
                {"first": days.first, "last": days.last},
            )
            found[name] = {row["game_date"]: int(row["size"]) for row in rows}
    return found


def billed(query: Query, by_day: dict[str, dict[date, int]]) -> tuple[int, int]:
    """Bytes that a query reads, and what of them, or of the minimum, is billed."""
    read = [sum(size for day, size in by_day.get(name, {}).items() if days and day in days) for name, days in query]
    return sum(read), sum(max(MINIMUM, one) for one in read)


def main(day: date) -> None:
    """Print queries and bytes of the day's run, by table, with and without its checks."""
    settings, today = load_settings(), DayRange(day, day)
    by_day = sizes(DuckDBWarehouse(settings.warehouse_file), Request(today).reach)
    whole = sum(sum(days.values()) for days in by_day.values())
    print(f"stored: {whole / 1e6:,.0f} MB from {Request(today).reach}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(settings.warehouse_file, folder))
        platform = replace(build_platform(settings), warehouse=Recording(copy))
        for with_checks in (False, True):
            total = [0, 0, 0]
            for name in TABLES:
                Recorder.said = []
                materialize(platform, today, [name], with_checks=with_checks)
                counted = [billed(query, by_day) for query in Recorder.said]
                row = [len(counted), sum(c[0] for c in counted), sum(c[1] for c in counted)]
                total = [a + b for a, b in zip(total, row, strict=True)]
                print(f"{name:<32} {row[0]:>5} queries  {row[1] / 1e6:>9,.1f} MB read  {row[2] / 1e6:>9,.0f} MB billed")
            what = "with checks" if with_checks else "without checks"
            print(f"{what}: {total[0]:,} queries, {total[1] / 1e6:,.0f} MB read, {total[2] / 1e6:,.0f} MB billed\n")


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]))
