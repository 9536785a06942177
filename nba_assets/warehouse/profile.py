"""A table's days in figures, from one scan: the statement, and its rows as `DayProfile`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nba_assets.tables import Table
from nba_assets.warehouse.contract import quoted
from nba_assets.warehouse.protocol import DayProfile

NUMERIC = ("int64", "float64")
"""Types of column that have a lowest, a highest and a mean value."""


def statement(table: Table, relation: str) -> str:
    """One row a day: rows, distinct keys, then by column the known values and, if numeric, lowest, highest and mean.

    Columns are named `kind:column`. NaN is the highest number of all, so it cannot hide.
    """
    figures = ["count(*) AS row_count", f"count(DISTINCT ({', '.join(quoted(k) for k in table.key)})) AS key_count"]
    for column in table.columns:
        name = quoted(column.name)
        figures.append(f"count({name}) AS {quoted('known:' + column.name)}")
        if column.type not in NUMERIC:
            continue
        for kind, function in (("low", "min"), ("high", "max"), ("mean", "avg")):
            figures.append(f"CAST({function}({name}) AS DOUBLE) AS {quoted(f'{kind}:{column.name}')}")
    return f"SELECT game_date, {', '.join(figures)} FROM {relation} GROUP BY game_date"


def of_day(table: Table, row: Mapping[str, Any]) -> DayProfile:
    """A row of the statement's result."""
    numeric = [c.name for c in table.columns if c.type in NUMERIC]
    return DayProfile(
        rows=row["row_count"],
        keys=row["key_count"],
        unknown={c: row["row_count"] - row[f"known:{c}"] for c in table.column_names},
        low={c: row[f"low:{c}"] for c in numeric},
        high={c: row[f"high:{c}"] for c in numeric},
        mean={c: row[f"mean:{c}"] for c in numeric},
    )
