"""How each engine writes what the statements on tables, staged rows and days are made of. The statements themselves are
in `contract.py`, `ledger.py` and `profile.py`; how Ibis expressions are written is not decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """An engine's way of writing.

    types: a record's column type -> the engine's. identifier, parameter: around a name. convert: a value as a type,
    NULL if it has none of it. not_finite: whether a float is infinite or NaN. fingerprint: a whole number from the
    columns of a row. row: the row `r` as JSON.
    """

    types: Mapping[str, str]
    identifier: str
    parameter: str
    convert: str
    not_finite: str
    fingerprint: str
    row: str

    def name(self, name: str) -> str:
        """The name as an identifier."""
        return self.identifier.format(name)

    def names(self, names: Iterable[str]) -> str:
        """The names as identifiers, for a SELECT or an INSERT."""
        return ", ".join(map(self.name, names))

    def value(self, parameter: str) -> str:
        """Where a parameter's value goes."""
        return self.parameter.format(parameter)

    def key(self, names: Iterable[str]) -> str:
        """One value for a key of several columns, to count distinct ones."""
        parts = (f"CAST({self.name(n)} AS {self.types['string']})" for n in names)
        return f"concat({', '.join(f'{part}, chr(10)' for part in parts)})"

    def fingerprint_of(self, names: Iterable[str]) -> str:
        """A whole number that differs if one of the columns does."""
        columns = list(map(self.name, names))
        return self.fingerprint.format(columns=", ".join(columns), named=", ".join(f"{c} AS {c}" for c in columns))


DUCKDB = Dialect(
    types={
        "int64": "BIGINT",
        "float64": "DOUBLE",
        "string": "VARCHAR",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    },
    identifier='"{}"',
    parameter="${}",
    convert="TRY_CAST({value} AS {type})",
    not_finite="NOT isfinite({0})",
    # Hashed once more: the hash of a row takes in the last column by XOR only, so that the same new value in an even
    # number of rows would cancel out.
    fingerprint="hash(hash({columns}))",
    row="CAST(to_json(r) AS VARCHAR)",
)
GOOGLESQL = Dialect(
    types={
        "int64": "INT64",
        "float64": "FLOAT64",
        "string": "STRING",
        "boolean": "BOOL",
        "date": "DATE",
        "timestamp": "DATETIME",
    },
    identifier="`{}`",
    parameter="@{}",
    convert="SAFE_CAST({value} AS {type})",
    not_finite="(IS_NAN({0}) OR IS_INF({0}))",
    fingerprint="CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(TO_JSON_STRING(STRUCT({named})))), 1, 15)) AS INT64)",
    row="TO_JSON_STRING(r)",
)
