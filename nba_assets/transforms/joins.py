"""Joins on equal keys. Joins that compare dates are in `as_of.py`."""

from __future__ import annotations

import ibis.expr.types as ir


def add_columns(rows: ir.Table, other: ir.Table, *on: str) -> ir.Table:
    """The rows with the columns of the other table's row of the same key, NULL where it has none.

    The other table must have one row per key; otherwise rows are multiplied and the write's key check refuses them.
    """
    return rows.left_join(other, list(on)).drop(*(f"{column}_right" for column in on))
