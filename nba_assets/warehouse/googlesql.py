"""Ibis expressions as GoogleSQL: how Ibis writes them for BigQuery, less what BigQuery would refuse.

No connection is needed to compile. What is done with a statement is in `bigquery_session.py`.
"""

from __future__ import annotations

import math
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler


class _Compiler(BigQueryCompiler):
    UNSUPPORTED_OPS = tuple(op for op in BigQueryCompiler.UNSUPPORTED_OPS if op is not ops.Median)

    def visit_Select(self, op: Any, *, predicates: Any, qualified: Any, **parts: Any) -> Any:
        """A filter on a window function as WHERE TRUE QUALIFY: QUALIFY without WHERE is not in every release."""
        if qualified and not predicates:
            predicates = [sge.true()]
        return super().visit_Select(op, predicates=predicates, qualified=qualified, **parts)

    def visit_InMemoryTable(self, op: Any, *, name: str, schema: Any, data: Any) -> Any:
        """Rows that stand in the code, as an array of structs: nothing has to be loaded before the query."""
        rows = data.to_pyarrow(schema).to_pylist()
        structs = [
            self.f.struct(*(self._field(row[name], kind, name) for name, kind in schema.items())) for row in rows
        ]
        return sg.select(sge.Star()).from_(sge.Unnest(expressions=[self.f.array(*structs)]))

    def _field(self, value: Any, kind: Any, name: str) -> Any:
        return self.visit_Literal(ops.Literal(value, kind), value=value, dtype=kind).as_(name, quoted=True)

    def visit_Median(self, op: Any, *, arg: Any, where: Any) -> Any:
        """The mean of the two in the middle, exactly: BigQuery has a median over a window only."""
        if where is not None:
            arg = self.if_(where, arg, NULL)
        ordered = self.f.array_agg(
            sge.IgnoreNulls(this=sge.Order(this=arg, expressions=[sge.Ordered(this=arg, nulls_first=True)]))
        )
        count = self.f.count(arg)
        # In parentheses: a server that tests run against writes DIV(n - 1, 2) as n - 1 // 2.
        below = sge.Paren(this=sge.Sub(this=count, expression=sge.convert(1)))
        low, high = (self.f.anon.div(position, sge.convert(2)) for position in (below, count))
        return (_element(ordered, low) + _element(ordered, high)) / 2

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """A truth as 0.0 or 1.0 by way of a whole number, as BigQuery casts it to that only; text as JSON is parsed."""
        if op.arg.dtype.is_string() and to.is_json():
            return self.f.parse_json(arg)
        if op.arg.dtype.is_boolean() and to.is_floating():
            arg = self.cast(arg, dt.int64)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Radians(self, op: Any, *, arg: Any) -> Any:
        """Ibis would call a function of another project's."""
        return sge.Paren(this=arg) * (math.pi / 180)

    def visit_ArgMin(self, op: Any, *, arg: Any, key: Any, where: Any) -> Any:
        """ANY_VALUE of the rows with the lowest key, which is in every release."""
        if where is not None:
            key = self.if_(where, key, NULL)
        return self.f.any_value(sge.HavingMax(this=arg, expression=key, max=False))


def _element(array: Any, position: Any) -> Any:
    """The array's element, counted from 0; NULL outside of it."""
    return sge.Bracket(this=array, expressions=[position], offset=0, safe=True)


def compiled(expression: ir.Table) -> str:
    """The expression as one GoogleSQL query."""
    compiler = _Compiler()
    query = compiler.to_sqlglot(expression.unbind())
    return query.sql(compiler.dialect)
