"""Holds rows against a table's record, in SQL of any dialect. Statements are built from records, never from values.

Single rows of a source are judged in `judging.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import Column, Table
from nba_assets.warehouse.dialect import Dialect
from nba_assets.warehouse.protocol import ContractError

DECIMALS = 6
"""Floats are stored to so many decimals, so that the order in which an engine adds cannot show in a table. They are
rounded in two steps: a mean such as 23.9074075 lies on the edge between two values, and noise in its fifteenth digit
would decide; rounded to nine decimals first, it is the same number whichever way it was added up."""


def stored(column: Column, value: ir.Value) -> ir.Value:
    """A value as it is stored in the column: of its type, floats rounded."""
    value = value.cast(column.type)
    # Adding nothing turns -0.0 into 0.0.
    return value.round(DECIMALS + 3).round(DECIMALS) + 0.0 if column.type == "float64" else value


def violations(table: Table, relation: str, dialect: Dialect) -> str:
    """One row of counts, one column per kind of violation, in the order of `violation_names`.

    Parameters: first, last, the days.
    """
    counts = [f"COUNTIF({broken})" for _, broken in _broken(table, dialect)]
    counts.append(f"COUNT(*) - COUNT(DISTINCT {dialect.key(table.key)})")
    return f"SELECT {', '.join(f'{count} AS v{number}' for number, count in enumerate(counts))} FROM {relation}"


def violation_names(table: Table, dialect: Dialect) -> list[str]:
    """What `violations` counts, for the message."""
    return [*(name for name, _ in _broken(table, dialect)), f"a duplicated key ({', '.join(table.key)})"]


def examples(table: Table, relation: str, dialect: Dialect) -> str:
    """Day and key of a few rows that break the record. Parameters: first, last, the days."""
    key = dialect.names(dict.fromkeys(("game_date", *table.key)))
    broken = " OR ".join(condition for _, condition in _broken(table, dialect))
    again = f"COUNT(*) OVER (PARTITION BY {dialect.names(table.key)})"
    return (
        f"SELECT {key} FROM (SELECT *, {again} AS _copies FROM {relation}) AS r WHERE _copies > 1 OR {broken} LIMIT 3"
    )


def _broken(table: Table, dialect: Dialect) -> list[tuple[str, str]]:
    """Kinds of violation that a row shows by itself: name, and condition of the row."""
    return [
        *((f"no value in {c.name}", f"{dialect.name(c.name)} IS NULL") for c in table.columns if c.required),
        *(
            (f"not a finite number in {c.name}", dialect.not_finite.format(dialect.name(c.name)))
            for c in table.columns
            if c.type == "float64"
        ),
        (
            "a day that was not asked for in game_date",
            f"game_date NOT BETWEEN {dialect.value('first')} AND {dialect.value('last')}",
        ),
    ]


def require_columns(table: Table, days: DayRange, given: Iterable[str], where: str) -> None:
    """Refuse rows that lack a column of the record."""
    missing = [c for c in table.column_names if c not in set(given)]
    if missing:
        raise ContractError(
            f"{table.full_name}, days {days}: {where} delivers no column {', '.join(missing)}. Nothing was written."
        )


def is_acceptable(column: Column, given: pa.DataType) -> bool:
    """Whether a source's column is of the record's kind; single values are judged row by row."""
    if pa.types.is_null(given):
        return True
    # Numbers of half and of double width are none that the engine takes.
    is_number = pa.types.is_integer(given) or pa.types.is_float32(given) or pa.types.is_float64(given)
    is_number |= pa.types.is_decimal(given) and not pa.types.is_decimal256(given)
    return {
        "int64": is_number,
        "float64": is_number,
        "string": pa.types.is_string(given) or pa.types.is_large_string(given) or pa.types.is_string_view(given),
        "boolean": pa.types.is_boolean(given),
        "date": pa.types.is_date(given) or pa.types.is_timestamp(given),
        "timestamp": pa.types.is_timestamp(given),
    }[column.type]


def misfit(column: Column, given: pa.DataType, dialect: Dialect) -> str | None:
    """SQL for values that a cast to the record's type would change; None if the types fit. An unknown value fits."""
    name = dialect.name(column.name)
    if not is_acceptable(column, given):
        return f"{name} IS NOT NULL"
    if column.type == "int64" and not (pa.types.is_integer(given) or pa.types.is_null(given)):
        whole = dialect.convert.format(value=name, type=dialect.types["int64"])
        return f"{name} IS NOT NULL AND ({whole} IS NULL OR {whole} <> {name})"
    return None


def in_utc(rows: pa.Table) -> pa.Table:
    """The rows with every timestamp as UTC without a zone, to the microsecond."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            values = (
                rows.column(position).cast(pa.timestamp("us", tz=field.type.tz), safe=False).cast(pa.timestamp("us"))
            )
            rows = rows.set_column(position, field.name, values)
    return rows
