"""Datasets and tables in BigQuery, made and brought up to date through its API, which costs nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import google.api_core.exceptions as api
from google.cloud import bigquery

from nba_assets.tables import DATASETS, TABLES, Table
from nba_assets.warehouse.bigquery_session import SCRATCH
from nba_assets.warehouse.bigquery_sql import API_TYPES
from nba_assets.warehouse.ledger import DAY_LEDGER, SYSTEM, SYSTEM_TABLES
from nba_assets.warehouse.protocol import WarehouseError

_SCRATCH_LIVES = timedelta(hours=24)
"""Longer than any run; what a killed one left is gone the next day."""
_AT_ONCE = 8
_MOST_CLUSTERED = 4
_TABLES = (*TABLES.values(), *SYSTEM_TABLES)
_OF_API = {kind: name for name, kind in API_TYPES.items()}


Columns = dict[str, str]
"""Column -> type, named as in records where records have it, in the order in which the table has them."""


def prepare(client: bigquery.Client, needs_filter: bool = True) -> dict[str, Columns]:
    """Make what is missing: datasets, tables, and columns that a newer record added. Returns each table's columns.

    needs_filter: whether tables are made so that a query without a condition on days is refused.

    Raises:
        WarehouseError: a column has another type than in the record, or a table is not partitioned by day.
    """
    for name in (*DATASETS, SYSTEM, SCRATCH):
        dataset = bigquery.Dataset(f"{client.project}.{name}")
        if name == SCRATCH:
            dataset.default_table_expiration_ms = int(_SCRATCH_LIVES.total_seconds() * 1000)
        client.create_dataset(dataset, exists_ok=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda table: _prepare(client, table, needs_filter), _TABLES)
        return {table.full_name: columns_of(one) for table, one in zip(_TABLES, found, strict=True)}


def check(client: bigquery.Client) -> dict[str, Columns]:
    """Refuse to read a project that lacks tables or columns of the records. Returns each table's columns.

    Raises:
        WarehouseError: saying which; a run that builds something adds them.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda table: _columns_of(client, table), _TABLES))
    missing = [name for table, columns in zip(_TABLES, found, strict=True) for name in _missing(table, columns)]
    if missing:
        raise WarehouseError(
            f"The warehouse in BigQuery, project {client.project}, is empty or was made by an older version: it lacks "
            f"{', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}. Any backfill that builds something "
            "adds what is missing: nba-assets backfill START END."
        )
    return {table.full_name: columns or {} for table, columns in zip(_TABLES, found, strict=True)}


def is_there(client: bigquery.Client) -> bool:
    """Whether the ledger, which every write ends in, was ever made."""
    return _columns_of(client, DAY_LEDGER) is not None


def _path(client: bigquery.Client, table: Table) -> str:
    return f"{client.project}.{table.full_name}"


def columns_of(table: bigquery.Table) -> Columns:
    """The columns that a table has."""
    return {field.name: _OF_API.get(field.field_type, field.field_type) for field in table.schema}


def _columns_of(client: bigquery.Client, table: Table) -> Columns | None:
    try:
        return columns_of(client.get_table(_path(client, table)))
    except api.NotFound:
        return None


def _missing(table: Table, columns: Columns | None) -> list[str]:
    if columns is None:
        return [table.full_name]
    return [f"{table.full_name}.{name}" for name in table.column_names if name not in columns]


def _prepare(client: bigquery.Client, table: Table, needs_filter: bool) -> bigquery.Table:
    try:
        there = client.get_table(_path(client, table))
    except api.NotFound:
        return client.create_table(_new(client, table, needs_filter), exists_ok=True)
    if there.time_partitioning is None or there.time_partitioning.field != "game_date":
        raise WarehouseError(
            f"Table {_path(client, table)} is not partitioned by game_date: it was not made by this platform. "
            "Move it to another dataset, and build the days again."
        )
    found = {field.name: field.field_type for field in there.schema}
    for column in table.columns:
        kind = API_TYPES[column.type]
        if found.get(column.name, kind) != kind:
            raise WarehouseError(
                f"Column {column.name} of {table.full_name} is {found[column.name]} in the warehouse and {kind} in the "
                f"table's record. Move the table {_path(client, table)} away and build the days again."
            )
    added = [bigquery.SchemaField(c.name, API_TYPES[c.type]) for c in table.columns if c.name not in found]
    if added:
        there.schema = [*there.schema, *added]
        return client.update_table(there, ["schema"])
    return there


def _new(client: bigquery.Client, table: Table, needs_filter: bool) -> bigquery.Table:
    new = bigquery.Table(
        _path(client, table),
        schema=[
            bigquery.SchemaField(
                c.name, API_TYPES[c.type], "REQUIRED" if c.required else "NULLABLE", description=c.meaning
            )
            for c in table.columns
        ],
    )
    new.time_partitioning = bigquery.TimePartitioning(field="game_date")
    new.clustering_fields = [k for k in table.key if k != "game_date"][:_MOST_CLUSTERED] or None
    new.require_partition_filter = needs_filter
    new.description = f"{table.description} Grain: {table.grain}."
    return new
