"""A session on the DuckDB file: reads as expressions, and replacement of days as a whole.

A replacement stages the rows, holds them against the record, and swaps only the days that differ, together with the
ledger (which days are built, with row counts, checksum and version) and what was set aside, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse import contract, profile
from nba_assets.warehouse.protocol import ContractError, DayProfile, DayState, WarehouseError, WriteReport


class DuckDBSession:
    """An open DuckDB file; see `protocol.Session`."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._connection: duckdb.DuckDBPyConnection = backend.con
        self._tables: dict[tuple[str, DayRange], ir.Table] = {}

    def read(self, table: Table, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        # Asking the file for a table's columns takes longer than many a query; they do not change while it is open.
        if (table.name, days) not in self._tables:
            self._tables[table.name, days] = self._read(table, days)
        return self._tables[table.name, days]

    def _read(self, table: Table, days: DayRange) -> ir.Table:
        source = self._backend.table(table.name, database=table.dataset)
        return source.filter(source.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def frame(self, expression: ir.Table) -> pa.Table:
        """See `protocol.Session`."""
        return self._backend.to_pyarrow(expression)

    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """See `protocol.Session`."""
        target = contract.quoted(name)
        self._connection.execute(f"DROP TABLE IF EXISTS temp.{target}")
        if isinstance(rows, ir.Table):
            return self._backend.create_table(name, rows, temp=True)
        self._connection.register("attached", rows)
        self._connection.execute(f"CREATE TEMP TABLE {target} AS SELECT * FROM attached")
        self._connection.unregister("attached")
        return self._backend.table(name, database=("temp", "main"))

    def replace_days(self, table: Table, days: DayRange, rows: ir.Table, absent: ir.Table | None = None) -> WriteReport:
        """See `protocol.Session`."""
        contract.require_columns(table, days, rows.columns, "its transform")
        self._check_types(table, days, rows)
        self._stage(table, rows)
        self._connection.execute('CREATE OR REPLACE TEMP TABLE aside (game_date DATE, reason VARCHAR, "row" VARCHAR)')
        if absent is not None:
            self.attach("absent", absent)
            self._connection.execute(
                "INSERT INTO aside SELECT game_date, reason, CAST(to_json(a) AS VARCHAR) FROM absent AS a"
            )
        return self._swap(table, days)

    def ingest(self, table: Table, days: DayRange, rows: pa.Table, strict: bool = False) -> WriteReport:
        """See `protocol.Session`."""
        contract.require_columns(table, days, rows.column_names, f"the source (example rows: {_examples(rows)})")
        for column in table.columns:
            given = rows.schema.field(column.name).type
            if not contract.is_acceptable(column, given):
                raise ContractError(
                    f"{table.full_name}, days {days}: the source's column {column.name} is {given}, not {column.type}. "
                    f"Example rows: {_examples(rows)}. Nothing was written."
                )
        self._connection.register("delivered", contract.in_utc(rows.select(list(table.column_names))))
        try:
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {contract.judged(table, 'delivered')}")
        finally:
            self._connection.unregister("delivered")
        broken = self._connection.execute(
            "SELECT _reason, count(*), min(game_date) FROM judged WHERE _reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
        if strict and broken:
            example = self._connection.execute(
                "SELECT CAST(to_json(j) AS VARCHAR) FROM judged AS j WHERE _reason IS NOT NULL LIMIT 3"
            ).fetchall()
            raise ContractError(
                f"{table.full_name}, days {days}: {sum(b[1] for b in broken)} rows break the contract: "
                + "; ".join(f"{reason} ({count} rows, first on {day})" for reason, count, day in broken)
                + f". Example rows: {', '.join(e[0] for e in example)}. Nothing was written (strict)."
            )
        judged = self._backend.table("judged", database=("temp", "main"))
        self._stage(table, judged.filter(judged._reason.isnull()))
        self._connection.execute(
            # A broken row without a usable day, or of another one, is kept with the first, where the next run finds it.
            "CREATE OR REPLACE TEMP TABLE aside AS SELECT CASE WHEN game_date BETWEEN $first AND $last THEN game_date "
            'ELSE $first END AS game_date, _reason AS reason, CAST(to_json(j) AS VARCHAR) AS "row" '
            "FROM judged AS j WHERE _reason IS NOT NULL",
            {"first": days.first, "last": days.last},
        )
        return self._swap(table, days)

    def columns(self, table: Table) -> dict[str, str]:
        """See `protocol.Session`."""
        found = self._connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = $dataset "
            "AND table_name = $name",
            {"dataset": table.dataset, "name": table.name},
        ).fetchall()
        names = {sql: name for name, sql in contract.SQL_TYPES.items()}
        return {column: names.get(kind, kind) for column, kind in found}

    def profile(self, table: Table, days: DayRange) -> dict[date, DayProfile]:
        """See `protocol.Session`."""
        relation = f"(SELECT * FROM {table.full_name} WHERE game_date BETWEEN $first AND $last)"
        result = self._connection.execute(profile.statement(table, relation), {"first": days.first, "last": days.last})
        names = [column[0] for column in result.description or []]
        return {row[0]: profile.of_day(table, dict(zip(names, row, strict=True))) for row in result.fetchall()}

    def day_states(self, days: DayRange, tables: Iterable[str] | None = None) -> list[DayState]:
        """See `protocol.Session`."""
        wanted = list(TABLES if tables is None else tables)
        rows = self._connection.execute(
            "SELECT table_name, game_date, row_count, set_aside_count, built_version, changed_version, "
            "built_at >= game_date + INTERVAL 36 HOUR FROM "
            "nba_assets.day_ledger WHERE game_date BETWEEN $first AND $last AND list_contains($tables, table_name)",
            {"first": days.first, "last": days.last, "tables": wanted},
        ).fetchall()
        return [DayState(*row) for row in rows]

    def set_aside(self, days: DayRange) -> ir.Table:
        """See `protocol.Session`."""
        kept = self._backend.table("set_aside", database="nba_assets")
        return kept.filter(kept.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def _check_types(self, table: Table, days: DayRange, rows: ir.Table) -> None:
        """Refuse values of another type than the record's, which a cast would change without a word."""
        types = rows.schema()
        misfits = {c: contract.misfit(c, types[c.name].to_pyarrow()) for c in table.columns}
        if not any(misfits.values()):
            return
        self.attach("given", rows)
        for column, misfit in misfits.items():
            if misfit is None:
                continue
            count, first = self._connection.execute(
                f"SELECT count(*), min(game_date) FROM given WHERE {misfit}"
            ).fetchall()[0]
            if count:
                raise ContractError(
                    f"{table.full_name}, days {days}: column {column.name} is {types[column.name]}, not {column.type}, "
                    f"in {count} rows, first on {first}. Nothing was written."
                )

    def _stage(self, table: Table, rows: ir.Table) -> None:
        try:
            self.attach("staged", rows.select(**{c.name: contract.stored(c, rows[c.name]) for c in table.columns}))
        except duckdb.ConversionException as error:
            raise ContractError(
                f"{table.full_name}: a value has another type than the record's: {str(error).splitlines()[0]} "
                "Nothing was written."
            ) from error

    def _swap(self, table: Table, days: DayRange) -> WriteReport:
        """Check the staged rows against the record, then put them in place of what differs, in one transaction."""
        self._check_staged(table, days)
        counts = self._compare(table, days)
        changed = {day for day, state in counts.items() if state["checksum"] != state["old"]}
        connection = self._connection
        connection.begin()
        try:
            if changed:
                connection.execute(
                    f"DELETE FROM {table.full_name} WHERE list_contains($days, game_date)", {"days": sorted(changed)}
                )
                connection.execute(
                    f"INSERT INTO {table.full_name} ({contract.column_list(table)}) "
                    f"SELECT {contract.column_list(table)} FROM staged WHERE list_contains($days, game_date) "
                    f"ORDER BY {', '.join(contract.quoted(k) for k in ('game_date', *table.key))}",
                    {"days": sorted(changed)},
                )
            self._record(table, days, sorted(changed))
            self._read_back(table, days, {day: state["rows"] for day, state in counts.items()})
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        reasons = dict(connection.execute("SELECT reason, count(*) FROM aside GROUP BY 1 ORDER BY 2 DESC").fetchall())
        aside = dict(connection.execute("SELECT game_date, count(*) FROM aside GROUP BY 1").fetchall())
        return WriteReport(
            rows={day: counts[day]["rows"] for day in days},
            set_aside={day: aside.get(day, 0) for day in days},
            changed=frozenset(changed),
            reasons=reasons,
        )

    def _check_staged(self, table: Table, days: DayRange) -> None:
        parameters = {"first": days.first, "last": days.last}
        result = self._connection.execute(contract.violations(table, "staged"), parameters)
        names = [column[0] for column in result.description or []]
        found = {name: count for name, count in zip(names, result.fetchone() or (), strict=True) if count}
        if not found:
            return
        detail = "; ".join(f"{name}: {count} rows" for name, count in found.items())
        examples = self._connection.execute(contract.duplicated_keys(table, "staged")).fetchall()
        if not examples:
            columns = [name.rsplit(" in ", 1)[1] for name in found if " in " in name]
            broken = " OR ".join(
                f"{contract.quoted(c)} IS NULL"
                + (f" OR NOT isfinite({contract.quoted(c)})" if table.column(c).type == "float64" else "")
                for c in columns
            )
            examples = self._connection.execute(
                f"SELECT game_date, {', '.join(contract.quoted(k) for k in table.key)} FROM staged "
                f"WHERE {broken} OR game_date NOT BETWEEN $first AND $last LIMIT 3",
                parameters,
            ).fetchall()
        raise ContractError(f"{table.full_name}, days {days}: {detail}. Example keys: {examples}. Nothing was written.")

    def _compare(self, table: Table, days: DayRange) -> dict[date, dict[str, Any]]:
        states: dict[date, dict[str, Any]] = {day: {"rows": 0, "checksum": None, "old": None} for day in days}
        for day, count, checksum in self._connection.execute(contract.day_checksums(table, "staged")).fetchall():
            states[day].update(rows=count, checksum=f"{count}:{checksum}")
        present = f"(SELECT * FROM {table.full_name} WHERE game_date BETWEEN $first AND $last)"
        for day, count, checksum in self._connection.execute(
            contract.day_checksums(table, present), {"first": days.first, "last": days.last}
        ).fetchall():
            states[day].update(old=f"{count}:{checksum}")
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE day_counts (game_date DATE, row_count BIGINT, checksum VARCHAR)"
        )
        self._connection.register(
            "counted",
            pa.table(
                {
                    "game_date": pa.array(list(states), pa.date32()),
                    "row_count": pa.array([s["rows"] for s in states.values()], pa.int64()),
                    "checksum": pa.array([s["checksum"] for s in states.values()], pa.string()),
                }
            ),
        )
        self._connection.execute("INSERT INTO day_counts SELECT * FROM counted")
        self._connection.unregister("counted")
        return states

    def _record(self, table: Table, days: DayRange, changed: list[date]) -> None:
        parameters = {"name": table.name, "first": days.first, "last": days.last}
        self._connection.execute(
            "DELETE FROM nba_assets.set_aside WHERE table_name = $name AND game_date BETWEEN $first AND $last",
            parameters,
        )
        self._connection.execute(
            'INSERT INTO nba_assets.set_aside SELECT $dataset, $name, game_date, reason, "row" FROM aside',
            {"dataset": table.dataset, "name": table.name},
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO nba_assets.day_ledger "
            "WITH next AS (SELECT coalesce(max(built_version), 0) + 1 AS version FROM nba_assets.day_ledger), "
            "asides AS (SELECT game_date, count(*) AS set_aside_count FROM aside GROUP BY 1) "
            "SELECT $dataset, $name, c.game_date, c.row_count, coalesce(a.set_aside_count, 0), c.checksum, "
            "next.version, "
            "CASE WHEN old.table_name IS NULL OR list_contains($changed, c.game_date) THEN next.version "
            "ELSE old.changed_version END, $now "
            "FROM day_counts AS c CROSS JOIN next LEFT JOIN asides AS a ON a.game_date = c.game_date "
            "LEFT JOIN nba_assets.day_ledger AS old ON old.table_name = $name AND old.game_date = c.game_date",
            {
                "dataset": table.dataset,
                "name": table.name,
                "changed": changed,
                "now": datetime.now(UTC).replace(tzinfo=None),
            },
        )

    def _read_back(self, table: Table, days: DayRange, expected: dict[date, int]) -> None:
        found = dict(
            self._connection.execute(
                f"SELECT game_date, count(*) FROM {table.full_name} "
                "WHERE game_date BETWEEN $first AND $last GROUP BY 1",
                {"first": days.first, "last": days.last},
            ).fetchall()
        )
        wrong = {day: (count, found.get(day, 0)) for day, count in expected.items() if found.get(day, 0) != count}
        if wrong:
            raise WarehouseError(f"{table.full_name}: rows written and read back differ by day: {wrong}. Rolled back.")


def _examples(rows: pa.Table) -> str:
    return ", ".join(str(row) for row in rows.slice(0, 2).to_pylist()) or "none"
