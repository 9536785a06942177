"""The schema of the DuckDB file: the tables of the records, the ledger of built days, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from nba_assets.tables import DATASETS, TABLES, Table
from nba_assets.warehouse.dialect import DUCKDB
from nba_assets.warehouse.ledger import DAY_LEDGER, SET_ASIDE, SYSTEM
from nba_assets.warehouse.protocol import WarehouseError

Columns = dict[str, dict[str, str]]
"""Table -> column -> type, as the file has them and in its order."""


def columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    """Of every table in the file."""
    found: Columns = {}
    # The same from information_schema.columns takes six times as long, and each session asks.
    for schema, name, column, kind in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_oid, column_index"
    ).fetchall():
        found.setdefault(f"{schema}.{name}", {})[column] = kind
    return found


def check(connection: duckdb.DuckDBPyConnection) -> Columns:
    """What the file has; one that lacks tables or columns of the records is refused.

    Raises:
        WarehouseError: saying which; opening the file for writing adds them.
    """
    found = columns(connection)
    missing = [
        f"{table.full_name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.name not in found.get(table.full_name, {})
    ]
    if missing or "nba_assets.day_ledger" not in found:
        raise WarehouseError(
            "The warehouse is empty or was made by an older version"
            + (f": it lacks {', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}" if missing else "")
            + ". Any backfill that builds something adds what is missing: nba-assets backfill START END."
        )
    return found


def prepare(connection: duckdb.DuckDBPyConnection) -> Columns:
    """What the file has, once what was missing is made: schemas, tables, and columns that a newer record added."""
    found = columns(connection)
    missing = list(_missing(found))
    if not missing:
        return found
    for schema in (*DATASETS, SYSTEM):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for statement in missing:
        connection.execute(statement)
    return columns(connection)


def _missing(found: Columns) -> Iterator[str]:
    """Statements that make the tables and columns which the file lacks."""
    if DAY_LEDGER.full_name not in found:
        yield _create_table(DAY_LEDGER, f"PRIMARY KEY ({DUCKDB.names(DAY_LEDGER.key)})")
    if SET_ASIDE.full_name not in found:
        yield _create_table(SET_ASIDE)
    for table in TABLES.values():
        if table.full_name in found:
            yield from _add_columns(table, found[table.full_name])
        else:
            yield _create_table(table)


def _create_table(table: Table, *constraints: str) -> str:
    columns = (
        f"{DUCKDB.name(c.name)} {DUCKDB.types[c.type]}{' NOT NULL' if c.required else ''}" for c in table.columns
    )
    return f"CREATE TABLE IF NOT EXISTS {table.full_name} ({', '.join((*columns, *constraints))})"


def _add_columns(table: Table, found: Mapping[str, str]) -> Iterator[str]:
    for column in table.columns:
        kind = DUCKDB.types[column.type]
        if column.name not in found:
            yield f"ALTER TABLE {table.full_name} ADD COLUMN {DUCKDB.name(column.name)} {kind}"
        elif found[column.name] != kind:
            raise WarehouseError(
                f"Column {column.name} of {table.full_name} is {found[column.name]} in the warehouse and {kind} in "
                "the table's record. Move the warehouse file away and build the days again."
            )
