"""A range asked for in one go, in parts, later parts first; and whether the tables are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets_tests.reliability.process import run

WAYS = ("in one go", "by month", "by week", "by day", "by month backwards", "by week backwards", "by day backwards")


def parts(days: DayRange, way: str) -> list[DayRange]:
    """The ranges that are asked for, in order."""
    if way == "in one go":
        return [days]
    unit = way.split()[1]
    cuts = [day for day in days if day == days.first or _begins(day, days.first, unit)]
    ends = [*(cut - timedelta(days=1) for cut in cuts[1:]), days.last]
    found = [DayRange(first, last) for first, last in zip(cuts, ends, strict=True)]
    return found[::-1] if way.endswith("backwards") else found


def _begins(day: date, first: date, unit: str) -> bool:
    return {"month": day.day == 1, "week": (day - first).days % 7 == 0, "day": True}[unit]


def build(
    home: Path, days: DayRange, way: str, *tables: str, environment: Mapping[str, str] | None = None, full: bool = False
) -> int:
    """Build the range in that way; returns how many commands it took."""
    asked = parts(days, way)
    only = ("--tables", ",".join(tables)) if tables else ()
    for part in asked:
        command = run(home, "backfill", str(part.first), str(part.last), *only, environment=environment, is_full=full)
        assert command.ended() == 0, command.text[-3000:]
    return len(asked)


def differences(one: Path, other: Path) -> dict[str, int]:
    """Table -> how many rows are in one warehouse only, or so many times only; the ledger's checksums among them."""
    with duckdb.connect() as connection:
        for name, home in (("one", one), ("other", other)):
            connection.execute(f"ATTACH '{home / 'warehouse.duckdb'}' AS {name} (READ_ONLY)")
        queries = {name: f"SELECT {_kept(name)} FROM {{}}.{table.full_name}" for name, table in TABLES.items()} | {
            "day_ledger": "SELECT table_name, game_date, row_count, checksum FROM {}.nba_assets.day_ledger"
        }
        return {name: _count(connection, query) for name, query in queries.items()}


def _kept(name: str) -> str:
    return ", ".join(f'"{c}"' for c in TABLES[name].column_names if c not in TABLES[name].volatile)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    one, other = query.format("one"), query.format("other")
    (found,) = connection.execute(
        f"SELECT (SELECT COUNT(*) FROM ({one} EXCEPT ALL {other})) + (SELECT COUNT(*) FROM ({other} EXCEPT ALL {one}))"
    ).fetchall()
    return int(found[0])


def checksums(home: Path) -> dict[str, tuple[int, str]]:
    """Table -> its rows, and a checksum over those of its days in the ledger."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found = {}
        for name in TABLES:
            days = connection.execute(
                "SELECT game_date, row_count, checksum FROM nba_assets.day_ledger WHERE table_name = $name "
                "ORDER BY game_date",
                {"name": name},
            ).fetchall()
            found[name] = (sum(row[1] for row in days), hashlib.sha256(repr(days).encode()).hexdigest()[:12])
    return found
