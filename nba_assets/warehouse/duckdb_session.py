"""A session on the DuckDB file: reads as expressions, and days put in place in one transaction.

How rows are staged and compared is in `replacing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import Table
from nba_assets.warehouse import duckdb_sql as sql
from nba_assets.warehouse import ledger
from nba_assets.warehouse.dialect import DUCKDB
from nba_assets.warehouse.protocol import ContractError
from nba_assets.warehouse.replacing import ReplacingSession


class DuckDBSession(ReplacingSession):
    """An open DuckDB file; see `protocol.Session`."""

    dialect = DUCKDB

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Mapping[str, Mapping[str, str]],
        statement: Callable[[ir.Table], str],
        memory: str,
    ) -> None:
        """columns: of each table, with their types. statement: an expression in SQL. memory: how much DuckDB has."""
        self._connection = connection
        self._columns = columns
        self._statement = statement
        self._memory = memory

    def read(self, table: Table, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        source = ibis.table(sql.schema_of(self._columns[table.full_name]), name=table.name, database=table.dataset)
        return source.filter(source.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def frame(self, expression: ir.Table) -> pa.Table:
        """See `protocol.Session`."""
        rows = self._connection.sql(self._statement(expression)).to_arrow_table()
        return rows.cast(expression.schema().to_pyarrow())

    def let_go(self) -> None:
        """See `protocol.Session`. What was attached goes to disk, and stays in memory if there is no room."""
        with suppress(duckdb.OutOfMemoryException):
            self._connection.execute("SET memory_limit = '1MB'")
        self._connection.execute(f"SET memory_limit = '{self._memory}'")

    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """See `protocol.Session`."""
        if isinstance(rows, ir.Table):
            schema = rows.schema()
            # Of the types that the expression has, which need not be those that DuckDB computes in.
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {self.dialect.name(name)} ({sql.definitions(schema)})"
            )
            self.extend(name, rows)
        else:
            self._connection.register("_rows_from_outside", rows)
            self.attach_query(name, "SELECT * FROM _rows_from_outside")
            self._connection.unregister("_rows_from_outside")
            described = self._connection.execute(f"DESCRIBE {self.attached(name)}").fetchall()
            schema = sql.schema_of({column: kind for column, kind, *_ in described})
        return ibis.table(schema, name=name, catalog="temp", database="main")

    def extend(self, name: str, rows: ir.Table) -> None:
        """See `replacing.ReplacingSession`."""
        self._connection.execute(f"INSERT INTO {self.attached(name)} {self._statement(rows)}")

    def attach_query(self, name: str, query: str) -> None:
        """See `replacing.ReplacingSession`."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {self.dialect.name(name)} AS {query}")

    def columns(self, table: Table) -> dict[str, str]:
        """See `protocol.Session`."""
        names = {kind: name for name, kind in self.dialect.types.items()}
        return {name: names.get(kind, kind) for name, kind in self._columns[table.full_name].items()}

    def set_aside(self, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        return self.read(ledger.SET_ASIDE, days)

    def path(self, dataset: str, name: str) -> str:
        """See `replacing.ReplacingSession`."""
        return f"{dataset}.{name}"

    def attached(self, name: str) -> str:
        """See `replacing.ReplacingSession`."""
        return f"temp.{self.dialect.name(name)}"

    def rows(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """See `replacing.ReplacingSession`."""
        result = self._connection.execute(statement, parameters or {})
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _stage(self, table: Table, rows: ir.Table, is_first: bool = True) -> None:
        try:
            super()._stage(table, rows, is_first)
        except duckdb.ConversionException as error:
            raise ContractError(
                f"{table.full_name}: a value has another type than the record's: {str(error).splitlines()[0]} "
                "Nothing was written."
            ) from error

    def put(self, table: Table, days: DayRange, states: dict[date, ledger.Day], has_asides: bool) -> None:
        """See `replacing.ReplacingSession`: in one transaction."""
        different = sorted(day for day, state in states.items() if state.is_different)
        connection = self._connection
        connection.begin()
        try:
            if different:
                columns = self.dialect.names(table.column_names)
                connection.execute(
                    f"DELETE FROM {table.full_name} WHERE list_contains($days, game_date)", {"days": different}
                )
                connection.execute(
                    f"INSERT INTO {table.full_name} ({columns}) "
                    f"SELECT {columns} FROM {self.attached('staged')} WHERE list_contains($days, game_date) "
                    f"ORDER BY {self.dialect.names(('game_date', *table.key))}",
                    {"days": different},
                )
            self._record(table, days, states, has_asides)
            self.check_written(table, days, states)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def _record(self, table: Table, days: DayRange, states: dict[date, ledger.Day], has_asides: bool) -> None:
        execute = self._connection.execute
        execute(
            "DELETE FROM nba_assets.set_aside WHERE table_name = $name AND game_date BETWEEN $first AND $last",
            {"name": table.name, "first": days.first, "last": days.last},
        )
        if has_asides:
            execute(
                'INSERT INTO nba_assets.set_aside SELECT $dataset, $name, game_date, reason, "row" '
                f"FROM {self.attached('aside')}",
                {"dataset": table.dataset, "name": table.name},
            )
        (next_,) = self.rows("SELECT coalesce(max(built_version), 0) + 1 AS version FROM nba_assets.day_ledger")
        now, version = datetime.now(UTC).replace(tzinfo=None), next_["version"]
        records = [
            (
                table.dataset,
                table.name,
                day,
                state.rows,
                state.set_aside,
                state.checksum,
                version,
                version if state.kept_version is None else state.kept_version,
                now,
            )
            for day, state in states.items()
        ]
        names = ledger.DAY_LEDGER.column_names
        built = pa.table({name: list(values) for name, values in zip(names, zip(*records, strict=True), strict=True)})
        self._connection.register("built_days", built)
        execute(f"INSERT OR REPLACE INTO nba_assets.day_ledger SELECT {', '.join(names)} FROM built_days")
        self._connection.unregister("built_days")
