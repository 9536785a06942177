"""A table record as an Arrow schema, for rows that are made outside the warehouse."""

from __future__ import annotations

import pyarrow as pa

from nba_assets.tables.record import Table

_TYPES = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The record's columns in order."""
    return pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])
