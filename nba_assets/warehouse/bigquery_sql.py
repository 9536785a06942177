"""What is BigQuery's own: column types as its API names them, parameters of statements, and the MERGE statements that
put days in place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from google.cloud import bigquery

from nba_assets.tables import Table
from nba_assets.warehouse.dialect import GOOGLESQL
from nba_assets.warehouse.ledger import DAY_LEDGER, SET_ASIDE, Day

API_TYPES = {
    "int64": "INTEGER",
    "float64": "FLOAT",
    "string": "STRING",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "DATETIME",
}
"""A record's column type -> the API's."""

_KINDS: dict[type, str] = {str: "STRING", int: "INT64", datetime: "DATETIME", date: "DATE"}


def api_types(schema: pa.Schema) -> dict[str, str]:
    """Column -> type, of rows that come from outside."""
    kinds = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "int64"),
        (pa.types.is_floating, "float64"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp"),
    )
    return {
        field.name: API_TYPES[next((name for is_kind, name in kinds if is_kind(field.type)), "string")]
        for field in schema
    }


def parameter(name: str, value: Any) -> Any:
    """A value of a statement: one of _KINDS, or a list of days or of the rows of `day_records`."""
    if not isinstance(value, list):
        return bigquery.ScalarQueryParameter(name, _KINDS[type(value)], value)
    is_days = isinstance(value[0], date)
    return bigquery.ArrayQueryParameter(name, "DATE" if is_days else "STRUCT", value)


def day_records(states: Mapping[date, Day]) -> list[bigquery.StructQueryParameter]:
    """The days of a write as `record` takes them."""
    return [
        bigquery.StructQueryParameter(
            None,
            bigquery.ScalarQueryParameter("game_date", "DATE", day),
            bigquery.ScalarQueryParameter("row_count", "INT64", state.rows),
            bigquery.ScalarQueryParameter("set_aside_count", "INT64", state.set_aside),
            bigquery.ScalarQueryParameter("checksum", "STRING", state.checksum),
            bigquery.ScalarQueryParameter("kept_version", "INT64", state.kept_version),
        )
        for day, state in states.items()
    ]


def replace(table: Table, target: str, staged: str) -> str:
    """The rows of @days, which are within @first and @last, are those staged; no other day is read or written."""
    rows = f"SELECT {GOOGLESQL.names(table.column_names)} FROM {staged} WHERE game_date IN UNNEST(@days)"
    return _merge(target, table, rows, "kept.game_date IN UNNEST(@days)")


def put_aside(target: str, staged: str | None) -> str:
    """What was set aside of a table (@dataset, @name) and its days is what is staged: game_date, reason, row."""
    rows = "SELECT @dataset AS dataset, @name AS table_name, game_date, reason, `row` "
    # Without anything new there is still what was set aside before.
    rows += f"FROM {staged}" if staged else "FROM (SELECT @first AS game_date, '' AS reason, '' AS `row`) WHERE FALSE"
    return _merge(target, SET_ASIDE, rows, "kept.table_name = @name")


def record(ledger: str) -> str:
    """The days of a table in the ledger are @days, with the version of what they rest on and of their last change.

    Versions are microseconds by BigQuery's clock. What a day rests on is from @since or before: what another run
    records after that counts as newer than the day, whichever of them is recorded first.
    """
    rows = (
        "SELECT @dataset AS dataset, @name AS table_name, day.game_date, day.row_count, day.set_aside_count, "
        "day.checksum, @since AS built_version, "
        "COALESCE(day.kept_version, UNIX_MICROS(CURRENT_TIMESTAMP())) AS changed_version, @now AS built_at "
        "FROM UNNEST(@days) AS day"
    )
    return _merge(ledger, DAY_LEDGER, rows, "kept.table_name = @name")


def _merge(target: str, table: Table, rows: str, gone: str) -> str:
    """One statement in which what is gone between @first and @last makes room for the rows: all of it or nothing.

    ON FALSE, so that nothing is joined; the days stand in the condition, where partitions are chosen by them.
    """
    columns = GOOGLESQL.names(table.column_names)
    return (
        f"MERGE {target} AS kept USING ({rows}) AS given ON FALSE "
        f"WHEN NOT MATCHED BY SOURCE AND kept.game_date BETWEEN @first AND @last AND {gone} THEN DELETE "
        f"WHEN NOT MATCHED BY TARGET THEN INSERT ({columns}) VALUES ({columns})"
    )
