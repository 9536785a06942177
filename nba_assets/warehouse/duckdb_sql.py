"""Ibis expressions as DuckDB's SQL, and DuckDB's types as Ibis'. Statements that were made once are in `statements.py`.

No connection is needed to compile, and nothing has to be registered before a statement runs: Ibis' own session asks the
file for a table's columns again and again, which takes longer than many a query. What is done with a statement is in
`duckdb_session.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.backends.sql.datatypes import DuckDBType

from nba_assets.warehouse.canonical import Moment, NoCanonicalFormError

COMPILER = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
"""What is said here of how statements look."""


class _Compiler(DuckDBCompiler):
    names: Mapping[Moment, str] | None = None
    """What stands for dates and times; see `statements.Compile`."""

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """As Ibis does, but for dates and times that have names."""
        if self.names is None or not isinstance(value, Moment):
            return super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        if value not in self.names:
            raise NoCanonicalFormError(f"{value} was made by compiling")
        return sge.Var(this=self.names[value])

    def visit_InMemoryTable(self, op: Any, *, name: str, schema: Any, data: Any) -> Any:
        """Rows that stand in the code, as VALUES."""
        rows = [
            # An integer that stands alone would be of 32 bits.
            sge.Tuple(expressions=[self.cast(row[column], kind) for column, kind in schema.items()])
            for row in data.to_pyarrow(schema).to_pylist()
        ]
        columns = [sg.to_identifier(column, quoted=True) for column in schema]
        alias = sge.TableAlias(this=sg.to_identifier("given", quoted=True), columns=columns)
        return sg.select(sge.Star()).from_(sge.Values(expressions=rows, alias=alias))


def compiled(expression: ir.Table, names: Mapping[Moment, str] | None = None) -> str:
    """The expression as one query. names: see `statements.Compile`."""
    compiler = _Compiler()
    compiler.names = names
    with _unmerged_selects():
        return compiler.to_sqlglot(expression).sql(compiler.dialect, copy=False)


@contextmanager
def _unmerged_selects() -> Iterator[None]:
    """DuckDB takes a SELECT inside of another apart by itself; merging them is a fifth of the time to compile."""
    before, ibis.options.sql.fuse_selects = ibis.options.sql.fuse_selects, False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def schema_of(types: Mapping[str, str]) -> ibis.Schema:
    """The schema of columns with DuckDB's types."""
    return ibis.schema({name: _type(kind) for name, kind in types.items()})


# There are a handful, and to parse one takes longer than all else that a table's read takes.
_type = cache(DuckDBType.from_string)


def definitions(schema: ibis.Schema) -> str:
    """The columns for a CREATE TABLE."""
    return ", ".join(column.sql("duckdb") for column in schema.to_sqlglot_column_defs("duckdb"))
