"""Holds rows against a table's record, mostly in SQL. Statements are built from records only, never from values."""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.tables import Column, Table

SQL_TYPES = {
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
DECIMALS = 6
"""Floats are stored to so many decimals, so that the order in which an engine adds cannot show in a table. They are
rounded in two steps: a mean such as 23.9074075 lies on the edge between two values, and noise in its fifteenth digit
would decide; rounded to nine decimals first, it is the same number whichever way it was added up."""


def quoted(name: str) -> str:
    """The name as an identifier."""
    return f'"{name}"'


def column_list(table: Table) -> str:
    """The table's columns, for a SELECT or an INSERT."""
    return ", ".join(quoted(c) for c in table.column_names)


def create_table(table: Table) -> str:
    """The statement that makes the table, if it is not there."""
    columns = ", ".join(
        f"{quoted(c.name)} {SQL_TYPES[c.type]}{' NOT NULL' if c.required else ''}" for c in table.columns
    )
    return f"CREATE TABLE IF NOT EXISTS {table.full_name} ({columns})"


def stored(column: Column, value: ir.Value) -> ir.Value:
    """A value as it is stored in the column: of its type, floats rounded."""
    value = value.cast(column.type)
    # Adding nothing turns -0.0 into 0.0.
    return value.round(DECIMALS + 3).round(DECIMALS) + 0.0 if column.type == "float64" else value


def day_checksums(table: Table, relation: str) -> str:
    """Rows and an order-free checksum of each day of a relation with the table's columns."""
    columns = ", ".join(quoted(c) for c in table.column_names if c not in table.volatile)
    # Hashed once more: the engine's hash of a row takes in the last column by XOR only, so that the same new value in
    # an even number of rows would cancel out.
    return (
        f"SELECT game_date, count(*) AS row_count, CAST(bit_xor(hash(hash({columns}))) AS VARCHAR) AS checksum "
        f"FROM {relation} GROUP BY game_date"
    )


def violations(table: Table, relation: str) -> str:
    """One row of counts, one column per kind of violation, named for the message."""
    key = ", ".join(quoted(k) for k in table.key)
    counts = [
        f"count(*) FILTER ({quoted(c.name)} IS NULL) AS {quoted('no value in ' + c.name)}"
        for c in table.columns
        if c.required
    ]
    counts += [
        f"count(*) FILTER (NOT isfinite({quoted(c.name)})) AS {quoted('not a finite number in ' + c.name)}"
        for c in table.columns
        if c.type == "float64"
    ]
    other_days = quoted("a day that was not asked for in game_date")
    counts.append(f"count(*) FILTER (game_date NOT BETWEEN $first AND $last) AS {other_days}")
    duplicates = f"a duplicated key ({', '.join(table.key)})"
    counts.append(f"count(*) - count(DISTINCT ({key})) AS {quoted(duplicates)}")
    return f"SELECT {', '.join(counts)} FROM {relation}"


def duplicated_keys(table: Table, relation: str) -> str:
    """A few keys that stand more than once, with how often and the first day."""
    key = ", ".join(quoted(k) for k in table.key)
    return (
        f"SELECT {key}, count(*) AS times, min(game_date) AS first_day FROM {relation} "
        f"GROUP BY {key} HAVING count(*) > 1 LIMIT 3"
    )


def judged(table: Table, relation: str) -> str:
    """Rows of a source with `_reason`: why the row cannot be taken, NULL if it can. Values converted where possible."""
    convert = ", ".join(
        f"TRY_CAST({quoted(c.name)} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}, "
        f"{quoted(c.name)} AS {quoted('_' + c.name)}"
        for c in table.columns
    )
    tests = [
        f"CASE WHEN {quoted(c.name)} IS NULL THEN 'no usable value in {c.name}' END"
        for c in table.columns
        if c.required
    ]
    for c in table.columns:
        given = quoted("_" + c.name)
        if c.type == "int64":
            tests.append(
                f"CASE WHEN {given} IS NOT NULL AND ({quoted(c.name)} IS NULL OR {quoted(c.name)} <> {given}) "
                f"THEN '{c.name} is not a whole number' END"
            )
        if c.type == "float64":
            tests.append(f"CASE WHEN NOT isfinite({quoted(c.name)}) THEN '{c.name} is not a finite number' END")
    tests += [f"CASE WHEN NOT ({rule.sql}) THEN '{rule.name}' END" for rule in table.rules]
    columns = column_list(table)
    key = ", ".join(quoted(k) for k in table.key)
    return (
        f"WITH converted AS (SELECT {convert} FROM {relation}), "
        f"tested AS (SELECT {columns}, nullif(concat_ws('; ', {', '.join(tests)}), '') AS _broken FROM converted), "
        f"numbered AS (SELECT *, row_number() OVER (PARTITION BY {key}, _broken IS NULL ORDER BY {columns}) AS _copy "
        "FROM tested) "
        f"SELECT * EXCLUDE (_broken, _copy), CASE WHEN _broken IS NOT NULL THEN _broken "
        f"WHEN _copy > 1 THEN 'another row has the same key ({', '.join(table.key)})' END AS _reason FROM numbered"
    )


def is_acceptable(column: Column, given: pa.DataType) -> bool:
    """Whether a source's column is of the record's kind; single values are judged row by row."""
    if pa.types.is_null(given):
        return True
    is_number = pa.types.is_integer(given) or pa.types.is_floating(given) or pa.types.is_decimal(given)
    return {
        "int64": is_number,
        "float64": is_number,
        "string": pa.types.is_string(given) or pa.types.is_large_string(given) or pa.types.is_string_view(given),
        "boolean": pa.types.is_boolean(given),
        "date": pa.types.is_date(given) or pa.types.is_timestamp(given),
        "timestamp": pa.types.is_timestamp(given),
    }[column.type]


def misfit(column: Column, given: pa.DataType) -> str | None:
    """SQL for values that a cast to the record's type would change; None if the types fit. An unknown value fits."""
    name = quoted(column.name)
    if not is_acceptable(column, given):
        return f"{name} IS NOT NULL"
    if column.type == "int64" and not pa.types.is_integer(given):
        return f"{name} IS NOT NULL AND TRY_CAST({name} AS BIGINT) IS DISTINCT FROM {name}"
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
