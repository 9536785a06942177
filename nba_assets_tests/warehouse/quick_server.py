"""The server that speaks BigQuery's API, made to look tables up one by one. Run by the Python it is installed for.

Of itself it looks a table up several times in each statement, each time by asking DuckDB for all tables of all projects
with their sizes or for all their columns, which takes much of its time.
"""

from __future__ import annotations

import functools

import duckdb
from local_bigquery.cli import main
from local_bigquery.engine import database
from local_bigquery.sql.rules import partitions

_CHEAP_TABLES = """
CREATE MACRO memory.main.duckdb_tables() AS TABLE
SELECT DISTINCT database_name, schema_name, table_name, 0 AS estimated_size, database_name = 'temp' AS temporary
FROM duckdb_columns()
"""
"""Takes the place of DuckDB's own list wherever the server does not say whose it means."""

_listed, _connect, _fetch = database.objects, database._connect, database.fetch


def _found(project_id: str, dataset_id: str, table_id: str | None = None) -> list[tuple[str, str, int]]:
    """What a dataset has of this name, or all that it has. Nobody makes views."""
    if table_id is None:
        return _listed(project_id, dataset_id)
    with database.cursor() as cursor:
        try:
            cursor.sql(f"SELECT * FROM {database.quote(project_id, dataset_id, table_id)} LIMIT 0")
        except (duckdb.CatalogException, duckdb.BinderException):
            return []
    return [(table_id, "TABLE", 0)]


def _fetched(statement: str, parameters: list | None = None) -> list[tuple]:
    """As the server does, but which columns of a table are required is asked of the table."""
    if not statement.endswith("AND NOT is_nullable"):
        return _fetch(statement, parameters)
    with database.cursor() as cursor:
        try:
            described = cursor.execute(f"DESCRIBE {database.quote(*parameters)}").fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return []
    return [(name,) for name, _, null, *_ in described if null == "NO"]


@functools.cache
def _connected() -> duckdb.DuckDBPyConnection:
    connection = _connect()
    connection.execute(_CHEAP_TABLES)
    return connection


if __name__ == "__main__":
    database.objects, database._connect, database.fetch = _found, _connected, _fetched
    # Nobody partitions by the time of writing.
    partitions._hidden = lambda table: False
    main()
