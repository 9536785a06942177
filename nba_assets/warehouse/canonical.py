"""What an Ibis expression computes, as a text that is the same in every process, its dates and times left open.

Two expressions with the same text are the same query but for the dates and times that stand in it. What is done with
that is in `statements.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.common.graph import Graph, Node
from ibis.expr.operations.relations import Namespace

MARK = "$at_"
"""How an open date or time begins, in a statement."""

Moment = date | datetime

_PLAIN = frozenset({str, int, float, bool, type(None), Decimal})


class NoCanonicalFormError(Exception):
    """The expression holds what has no text of its own: a function of the code, an engine, days in rows of the code."""


def canonical(expression: ops.Node) -> tuple[str, list[Moment]]:
    """The text, and the open dates and times in order of their first appearance, each once.

    Raises:
        NoCanonicalFormError: there is none.
    """
    form = _Form()
    # Children first; equal parts are one part, as they are when the expression is compiled.
    nodes, _ = Graph.from_bfs(expression).toposort()
    return "\n".join([form.add(node) for node in nodes]), list(form.moments)


class _Form:
    def __init__(self) -> None:
        self.moments: dict[Moment, int] = {}
        self._numbers: dict[Node, int] = {}
        self._types: dict[dt.DataType, str] = {}
        self._twins: dict[Any, int] = {}

    def add(self, node: Node) -> str:
        kind = type(node)
        if kind.__module__.partition(".")[0] != "ibis":
            raise NoCanonicalFormError(f"{kind.__qualname__} is made by the code")
        if isinstance(node, ops.Literal) and isinstance(node.value, Moment):
            if getattr(node.value, "tzinfo", None) is not None:
                raise NoCanonicalFormError("a time has a zone")
            given = f"{MARK}{self.moments.setdefault(node.value, len(self.moments))},{self._text(node.dtype)}"
        elif isinstance(node, ops.InMemoryTable):
            # Its name is made up anew each time.
            given = f"{self._text(node.schema)},{self._text(node.data.to_pyarrow(node.schema).to_pylist())}"
        elif isinstance(node, ops.SelfReference):
            # So is its number, which only tells it from others.
            twin = self._twins.setdefault(node.identifier, len(self._twins))
            given = f"{self._text(node.parent)},{twin}"
        else:
            given = ",".join([self._text(argument) for argument in node.__args__])
        self._numbers[node] = len(self._numbers)
        return f"{kind.__qualname__}({given})"

    def _text(self, value: Any) -> str:
        kind = type(value)
        if kind in _PLAIN:
            if kind is str and MARK in value:
                raise NoCanonicalFormError(f"a text has {MARK} in it")
            return repr(value)
        if isinstance(value, Node):
            return f"#{self._numbers[value]}"
        if isinstance(value, tuple | list):
            return f"({','.join([self._text(item) for item in value])})"
        if isinstance(value, dt.DataType):
            if value not in self._types:
                self._types[value] = repr(value)
            return self._types[value]
        if isinstance(value, Mapping):
            return f"{{{','.join([f'{self._text(k)}:{self._text(v)}' for k, v in value.items()])}}}"
        if isinstance(value, frozenset):
            return f"{{{','.join(sorted(map(self._text, value)))}}}"
        if isinstance(value, Enum):
            return str(value)
        if isinstance(value, Namespace):
            return repr((value.catalog, value.database))
        raise NoCanonicalFormError(f"{kind.__qualname__} has no text")
