"""A table's days in figures, from one scan: the statement, and its rows as `DayProfile`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nba_assets.tables import Table
from nba_assets.warehouse.dialect import Dialect
from nba_assets.warehouse.protocol import DayProfile

NUMERIC = ("int64", "float64")
"""Types of column that have a lowest, a highest and a mean value."""


def statement(table: Table, path: str, dialect: Dialect) -> str:
    """One row a day: rows, distinct keys, then by column the known values and, if numeric, lowest, highest and mean.

    NaN is the highest number of all, or all there is, so it cannot hide. Parameters: first, last, the days.
    """
    figures = ["COUNT(*) AS row_count", f"COUNT(DISTINCT {dialect.key(table.key)}) AS key_count"]
    for number, column in enumerate(table.columns):
        name = dialect.name(column.name)
        figures.append(f"COUNT({name}) AS known_{number}")
        if column.type not in NUMERIC:
            continue
        for kind, function in (("low", "MIN"), ("high", "MAX"), ("mean", "AVG")):
            figures.append(f"CAST({function}({name}) AS {dialect.types['float64']}) AS {kind}_{number}")
    days = f"game_date BETWEEN {dialect.value('first')} AND {dialect.value('last')}"
    return f"SELECT game_date, {', '.join(figures)} FROM {path} WHERE {days} GROUP BY game_date"


def of_day(table: Table, row: Mapping[str, Any]) -> DayProfile:
    """A row of the statement's result."""
    numeric = [(number, c.name) for number, c in enumerate(table.columns) if c.type in NUMERIC]
    return DayProfile(
        rows=row["row_count"],
        keys=row["key_count"],
        unknown={c: row["row_count"] - row[f"known_{number}"] for number, c in enumerate(table.column_names)},
        low={c: row[f"low_{number}"] for number, c in numeric},
        high={c: row[f"high_{number}"] for number, c in numeric},
        mean={c: row[f"mean_{number}"] for number, c in numeric},
    )
