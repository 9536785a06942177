"""Rows of a source, judged one by one against the table's record: which are taken, which are set aside, and why.

In memory, whatever the warehouse: a source's rows come from outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import Column, Table
from nba_assets.warehouse import contract
from nba_assets.warehouse.dialect import DUCKDB
from nba_assets.warehouse.protocol import ContractError

_SHOWN = 2_000
"""Characters of a row in an error."""
_LARGEST = 10**15
"""Of whole numbers. Sums of larger ones, as in a rule, could leave the type, and the whole delivery with them."""


@dataclass(frozen=True)
class Judged:
    """good: rows with the record's columns and types. aside: game_date, reason and row (JSON) of the others."""

    good: pa.Table
    aside: pa.Table


def judge(table: Table, days: DayRange, rows: pa.Table, strict: bool = False) -> Judged:
    """Every row of a source is good or aside.

    Raises:
        ContractError: a column is missing or has another type, or (strict) a row breaks the contract.
    """
    contract.require_columns(table, days, rows.column_names, f"the source (example rows: {_examples(rows)})")
    twice = sorted(c for c in table.column_names if rows.column_names.count(c) > 1)
    if twice:
        raise ContractError(
            f"{table.full_name}, days {days}: the source delivers column {', '.join(twice)} more than once. "
            "Nothing was written."
        )
    for column in table.columns:
        given = rows.schema.field(column.name).type
        if not contract.is_acceptable(column, given):
            raise ContractError(
                f"{table.full_name}, days {days}: the source's column {column.name} is {given}, not {column.type}. "
                f"Example rows: {_examples(rows)}. Nothing was written."
            )
    try:
        rows.validate(full=True)
    except pa.ArrowInvalid as error:
        # Such as text that is not UTF-8, which would be stored and could be read by nobody.
        raise ContractError(
            f"{table.full_name}, days {days}: the source's rows are damaged: {error} Nothing was written."
        ) from error
    with duckdb.connect() as connection:
        connection.register("delivered", contract.in_utc(rows.select(list(table.column_names))))
        connection.execute(f"CREATE TABLE judged AS {_judged(table, 'delivered')}")
        if strict:
            _refuse_broken(connection, table, days)
        good = connection.sql(f"SELECT {DUCKDB.names(table.column_names)} FROM judged WHERE _reason IS NULL")
        aside = connection.sql(
            # A broken row without a usable day, or of another one, is kept with the first, where the next run finds it.
            "SELECT CASE WHEN game_date BETWEEN $first AND $last THEN game_date ELSE $first END AS game_date, "
            f'_reason AS reason, {DUCKDB.row} AS "row" FROM judged AS r WHERE _reason IS NOT NULL',
            params={"first": days.first, "last": days.last},
        )
        return Judged(good.to_arrow_table(), aside.to_arrow_table())


def _refuse_broken(connection: duckdb.DuckDBPyConnection, table: Table, days: DayRange) -> None:
    broken = connection.execute(
        "SELECT _reason, count(*), min(game_date) FROM judged WHERE _reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    if broken:
        example = connection.execute(
            f"SELECT {DUCKDB.row} FROM judged AS r WHERE _reason IS NOT NULL LIMIT 3"
        ).fetchall()
        raise ContractError(
            f"{table.full_name}, days {days}: {sum(b[1] for b in broken)} rows break the contract: "
            + "; ".join(f"{reason} ({count} rows, first on {day})" for reason, count, day in broken)
            + f". Example rows: {', '.join(e[0] for e in example)}. Nothing was written (strict)."
        )


def _judged(table: Table, relation: str) -> str:
    """Rows of a source with `_reason`: why the row cannot be taken, NULL if it can. Values converted where possible."""
    name = DUCKDB.name
    convert = ", ".join(
        f"{_usable(c, name(c.name))} AS {name(c.name)}, {name(c.name)} AS {name('_' + c.name)}" for c in table.columns
    )
    tests = [
        f"CASE WHEN {name(c.name)} IS NULL THEN 'no usable value in {c.name}' END" for c in table.columns if c.required
    ]
    for c in table.columns:
        given = name("_" + c.name)
        if c.type == "int64":
            whole = _converted(c, given)
            tests.append(
                f"CASE WHEN {given} IS NOT NULL AND ({whole} IS NULL OR {whole} <> {given}) "
                f"THEN '{c.name} is not a whole number' "
                f"WHEN {whole} NOT BETWEEN -{_LARGEST} AND {_LARGEST} THEN '{c.name} is too large' END"
            )
        if c.type == "float64":
            tests.append(
                f"CASE WHEN {DUCKDB.not_finite.format(name(c.name))} THEN '{c.name} is not a finite number' END"
            )
    tests += [f"CASE WHEN NOT ({rule.sql}) THEN '{rule.name}' END" for rule in table.rules]
    columns, key = DUCKDB.names(table.column_names), DUCKDB.names(table.key)
    return (
        f"WITH converted AS (SELECT {convert} FROM {relation}), "
        f"tested AS (SELECT {columns}, nullif(concat_ws('; ', {', '.join(tests)}), '') AS _broken FROM converted), "
        f"numbered AS (SELECT *, row_number() OVER (PARTITION BY {key}, _broken IS NULL ORDER BY {columns}) AS _copy "
        "FROM tested) "
        f"SELECT * EXCLUDE (_broken, _copy), CASE WHEN _broken IS NOT NULL THEN _broken "
        f"WHEN _copy > 1 THEN 'another row has the same key ({', '.join(table.key)})' END AS _reason FROM numbered"
    )


def _converted(column: Column, value: str) -> str:
    return DUCKDB.convert.format(value=value, type=DUCKDB.types[column.type])


def _usable(column: Column, value: str) -> str:
    """The value in the record's type; NULL if it has none of it, or is too large for the rules to reckon with."""
    converted = _converted(column, value)
    if column.type != "int64":
        return converted
    return f"CASE WHEN {converted} BETWEEN -{_LARGEST} AND {_LARGEST} THEN {converted} END"


def _examples(rows: pa.Table) -> str:
    try:
        return ", ".join(str(row)[:_SHOWN] for row in rows.slice(0, 2).to_pylist()) or "none"
    except (ValueError, OverflowError):
        # Text that is not UTF-8, or a day that Python's calendar does not have.
        return "they cannot be shown"
