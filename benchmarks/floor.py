"""The floor: the same tables, models and forecasts without the platform.

    python -m benchmarks.floor START END

Reads the archive, computes and trains, and puts rows into the DuckDB file of the home, table after table. There is no
Dagster, no contract, no check, no comparison with what is there, no ledger and no transaction around a table's days:
what this takes is the computing itself. The home has the history and none of the days.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date
from unittest import mock

import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.assets import factory
from nba_assets.days import DayRange
from nba_assets.platform import build_platform
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_session import DuckDBSession
from nba_assets.warehouse.protocol import WriteReport

_BODIES: dict[str, Callable[..., WriteReport]] = {}


def _kept(table: Table, body: Callable[..., WriteReport], pool: str | None = None) -> None:
    _BODIES[table.name] = body


# Before anything imports the assets: of each, only what computes its rows is wanted.
with mock.patch.object(factory, "table_asset", _kept):
    from nba_assets.assets import analytics, precompute, predictions, raw  # noqa: F401


class BareSession(DuckDBSession):
    """A session that only inserts."""

    def replace_days(
        self, table: Table, days: DayRange, rows: ir.Table | Iterable[ir.Table], absent: ir.Table | None = None
    ) -> WriteReport:
        columns = ", ".join(table.column_names)
        for part in [rows] if isinstance(rows, ir.Table) else rows:
            self.attach("computed", part.select(*table.column_names))
            self._connection.execute(f"INSERT INTO {table.full_name} ({columns}) SELECT {columns} FROM temp.computed")
        return WriteReport({}, {}, frozenset())

    def ingest(self, table: Table, days: DayRange, rows: pa.Table, strict: bool = False) -> WriteReport:
        columns = ", ".join(table.column_names)
        self._connection.register("_arrived", rows)
        required = " AND ".join(f"{column.name} IS NOT NULL" for column in table.columns if column.required)
        self._connection.execute(
            f"INSERT INTO {table.full_name} ({columns}) SELECT {columns} FROM _arrived WHERE {required}"
        )
        self._connection.unregister("_arrived")
        return WriteReport({}, {}, frozenset())


class Bare(DuckDBWarehouse):
    """The warehouse with such sessions."""

    session_type = BareSession


def main(days: DayRange) -> None:
    settings = load_settings()
    platform = build_platform(settings)
    with Bare(settings.warehouse_file).session() as session:
        for name in TABLES:
            _BODIES[name](platform, session, days)


if __name__ == "__main__":
    main(DayRange(*map(date.fromisoformat, sys.argv[1:3])))
