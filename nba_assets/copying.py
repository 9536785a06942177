"""Moving days between warehouses: what is built and up to date in one is there in the other, with the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nba_assets.days import DayRange, ranges_of
from nba_assets.planning import Request, make_plan
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import Session, WarehouseError

_DAYS_AT_ONCE = 92
"""A quarter of a season's shots is as much as travels at once."""


@dataclass(frozen=True)
class Copied:
    """A table's days that are now in the other warehouse. left: days that were asked for and stay behind."""

    table: Table
    days: tuple[date, ...]
    rows: int
    set_aside: int
    left: tuple[date, ...]


def copy_days(
    source: Session, target: Session, days: DayRange, tables: Iterable[str] | None = None
) -> Iterator[Copied]:
    """Copy each table's built days, upstreams first, so that the target's ledger has them in that order.

    Days that are out of date in the source stay behind: in the target they would look as if they were not. Days that
    are there already with the same rows are left untouched.

    Raises:
        WarehouseError: the target has other counts than the source after a copy.
    """
    request = Request(days, None if tables is None else tuple(tables))
    states = source.day_states(request.reach)
    built = {(s.table, s.day) for s in states}
    due = make_plan(request, states).days
    for name in request.asked:
        left = tuple(day for day in due.get(name, ()) if day in days)
        ready = [day for day in days if (name, day) in built and day not in left]
        rows = aside = 0
        for part in _parts(ready):
            written = _copy(source, target, TABLES[name], part)
            rows, aside = rows + written[0], aside + written[1]
        yield Copied(TABLES[name], tuple(ready), rows, aside, left)


def _parts(days: list[date]) -> Iterator[DayRange]:
    for whole in ranges_of(days):
        for start in range(0, len(whole), _DAYS_AT_ONCE):
            first = whole.first + timedelta(days=start)
            yield DayRange(first, min(whole.last, first + timedelta(days=_DAYS_AT_ONCE - 1)))


def _copy(source: Session, target: Session, table: Table, days: DayRange) -> tuple[int, int]:
    kept = source.read(table, days).select(*table.column_names)
    aside = source.set_aside(days)
    aside = aside.filter(aside.table_name == table.name).select("game_date", "reason", "row")
    report = target.restore(table, days, source.frame(kept), source.frame(aside))
    there = {state.day: (state.rows, state.set_aside) for state in source.day_states(days, [table.name])}
    wrong = {
        str(day): (count, there.get(day))
        for day, count in ((day, (report.rows[day], report.set_aside[day])) for day in days)
        if count != there.get(day)
    }
    if wrong:
        raise WarehouseError(
            f"{table.full_name}: the source's ledger and what was copied differ, as (rows, set aside) by day: {wrong}. "
            "Rows were lost or came by another way: nba-assets check says more about these days."
        )
    return sum(report.rows.values()), sum(report.set_aside.values())
