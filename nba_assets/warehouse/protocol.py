"""What a warehouse offers the assets: read tables as expressions, replace days as a whole, say which days are built.

Engines implement it (`duckdb.py`, `bigquery.py`); how a table is computed and when it runs is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.tables import Table


class WarehouseError(Exception):
    """The warehouse cannot be used: says why, where, and what to do."""


class ContractError(Exception):
    """Rows do not fit their table's record: names table, column, day and example rows. Nothing was written."""


@dataclass(frozen=True)
class WriteReport:
    """What a replacement of days did.

    rows, set_aside: counts by day, for every day of the range.
    changed: days whose rows differ from what was there before; the other days were left untouched.
    reasons: how many rows were set aside, by reason.
    """

    rows: Mapping[date, int]
    set_aside: Mapping[date, int]
    changed: frozenset[date] = frozenset()
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DayState:
    """A built day of a table. Versions grow with every write: `changed` is the last at which its rows differed.

    built: the day is due again if an upstream day changed later. Where others may write while a session reads, it is
        the version that the session knew when it began, since what they changed meanwhile may not be in its rows.
    is_settled: whether it was built after the day's results were out, noon UTC of the day after.
    """

    table: str
    day: date
    rows: int
    set_aside: int
    built: int
    changed: int
    is_settled: bool = True


@dataclass(frozen=True)
class DayProfile:
    """A day of a table in figures, from one scan. The mappings are by column.

    keys: distinct values of the key. unknown: NULLs. low, high, mean: of numeric columns over known values; None
        without any, infinite or NaN where one of them is.
    """

    rows: int
    keys: int
    unknown: Mapping[str, int]
    low: Mapping[str, float | None]
    high: Mapping[str, float | None]
    mean: Mapping[str, float | None]

    @property
    def not_finite(self) -> tuple[str, ...]:
        """Columns with an infinite value or NaN among their values."""
        ends = ((name, (self.low[name], self.high[name])) for name in self.low)
        return tuple(n for n, values in ends if any(v is not None and not math.isfinite(v) for v in values))


@dataclass(frozen=True)
class Query:
    """A query that a session ran for money. job: its id at the engine. bytes_billed: what it costs is counted by."""

    job: str
    bytes_billed: int
    seconds: float


class Session(Protocol):
    """An open connection. Closed by leaving the `with` block that opened it."""

    @property
    def queries(self) -> Sequence[Query]:
        """What was run so far, where the engine is paid by the query; empty elsewhere."""
        ...

    def read(self, table: Table, days: DayRange) -> ir.Table:
        """The table's rows of these days, as an expression."""
        ...

    def frame(self, expression: ir.Table) -> pa.Table:
        """The expression's rows."""
        ...

    def let_go(self) -> None:
        """Give back the memory in which the engine keeps what was read; for one who needs much memory next."""
        ...

    def attach(self, name: str, rows: pa.Table | ir.Table) -> ir.Table:
        """Rows from outside, or an expression's rows computed once, for use in this session. Gone at its end."""
        ...

    def replace_days(
        self, table: Table, days: DayRange, rows: ir.Table | Iterable[ir.Table], absent: ir.Table | None = None
    ) -> WriteReport:
        """Make the table hold exactly `rows` on these days: all of them or, if anything fails, none.

        rows: in parts, if they are too many to compute at once; each is computed before the next is asked for.
        absent: keys that were expected and are not rows, with columns game_date and reason besides the key's; they are
            kept beside the table (`set_aside`).

        Raises:
            ContractError: columns, types, required values, key or days do not fit the record.
        """
        ...

    def ingest(self, table: Table, days: DayRange, rows: pa.Table, strict: bool = False) -> WriteReport:
        """`replace_days` for rows of a source: single rows that break the contract are set aside with their reason.

        Raises:
            ContractError: a column is missing or has another type, rows of other days came, or (strict) a row breaks
                the contract.
        """
        ...

    def restore(self, table: Table, days: DayRange, rows: pa.Table, aside: pa.Table) -> WriteReport:
        """`replace_days` for rows of another warehouse, with what was set aside there (game_date, reason, row)."""
        ...

    def columns(self, table: Table) -> dict[str, str]:
        """The columns that the stored table has, with their types named as in records."""
        ...

    def profile(self, table: Table, days: DayRange) -> dict[date, DayProfile]:
        """What the stored rows of each day look like; days without rows are left out."""
        ...

    def day_states(self, days: DayRange, tables: Iterable[str] | None = None) -> list[DayState]:
        """The built days of the tables (all by default), in no particular order."""
        ...

    def set_aside(self, days: DayRange) -> ir.Table:
        """dataset, table_name, game_date, reason and row (JSON) of what was set aside."""
        ...


class Warehouse(Protocol):
    """Opens sessions. What one session has written, those opened later see whole."""

    @property
    def engine(self) -> str:
        """The engine's name, as people know it in lower case."""
        ...

    def exists(self) -> bool:
        """Whether anything was ever written to it."""
        ...

    def session(self, read_only: bool = False) -> AbstractContextManager[Session]:
        """An open session; read_only for a look that must not wait for, or make, anything."""
        ...
