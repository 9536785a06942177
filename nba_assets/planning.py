"""What has to be built for a range of days: which days of which tables, in which order, and why.

Pure over the records and the ledger's day states; running a plan is in `backfill.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from nba_assets.days import DayRange, ranges_of
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import DayState

_NEVER = -1
_PLANNED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Step:
    """One run: these tables, in order, for these days. Days outside the range that was asked for are history."""

    tables: tuple[str, ...]
    days: DayRange
    is_history: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps in order.

    days: table -> days to build. history: of those, the days outside the range that was asked for.
    current: table -> how many of the days needed are built and up to date.
    """

    steps: tuple[Step, ...]
    days: dict[str, list[date]]
    history: dict[str, list[date]]
    current: dict[str, int]


def needed_days(days: DayRange, tables: Iterable[str], with_history: bool = True) -> dict[str, DayRange]:
    """Table -> days that must be there for `tables` to be right on `days`: the look-backs of the records, closed.

    Without history: the tables and days asked for, and nothing else.
    """
    needed = dict.fromkeys(tables, days)
    if not with_history:
        return {name: needed[name] for name in TABLES if name in needed}
    for name in reversed(TABLES):
        if name not in needed:
            continue
        for upstream, back in TABLES[name].reads.items():
            wanted = back.days_for(needed[name])
            known = needed.get(upstream, wanted)
            needed[upstream] = DayRange(min(known.first, wanted.first), max(known.last, wanted.last))
    return {name: needed[name] for name in TABLES if name in needed}


def make_plan(
    days: DayRange,
    states: Iterable[DayState],
    tables: Iterable[str] | None = None,
    rebuild: bool = False,
    with_history: bool = True,
) -> Plan:
    """The plan for a range: days never built, days whose upstream changed since, and with `rebuild` all that was asked.

    A raw day that was built before its results were out is due again: the source has more to say of it by now.

    states: the ledger of at least the days that `needed_days` names.
    """
    asked = [name for name in TABLES if tables is None or name in set(tables)]
    needed = needed_days(days, asked, with_history)
    origin = min(r.first for r in needed.values())
    length = (days.last - origin).days + 1
    built = {name: np.full(length, _NEVER, dtype=np.int64) for name in TABLES}
    changed = {name: np.full(length, _NEVER, dtype=np.int64) for name in TABLES}
    for state in states:
        position = (state.day - origin).days
        is_source = not TABLES[state.table].reads
        if 0 <= position < length and (state.is_settled or not is_source):
            built[state.table][position] = state.built
            changed[state.table][position] = state.changed
    todo: dict[str, list[date]] = {}
    for name, wanted in needed.items():
        is_asked = name in asked
        todo[name] = [
            day
            for day in wanted
            if (rebuild and is_asked and day in days) or _is_due(name, day, origin, built, changed)
        ]
        for day in todo[name]:
            changed[name][(day - origin).days] = _PLANNED
    history = {name: [day for day in found if day not in days] for name, found in todo.items()}
    in_range = {name: [day for day in found if day in days] for name, found in todo.items()}
    return Plan(
        # History lies before the range and rests on nothing in it.
        steps=(*_steps(history, is_history=True), *_steps(in_range, is_history=False)),
        days={name: found for name, found in todo.items() if found},
        history={name: found for name, found in history.items() if found},
        current={name: len(needed[name]) - len(todo[name]) for name in needed},
    )


def _is_due(name: str, day: date, origin: date, built: dict[str, np.ndarray], changed: dict[str, np.ndarray]) -> bool:
    position = (day - origin).days
    version = built[name][position]
    if version == _NEVER:
        return True
    for upstream, back in TABLES[name].reads.items():
        first = max((back.days_for(DayRange(day, day)).first - origin).days, 0)
        if changed[upstream][first : position + 1].max() > version:
            return True
    return False


def _steps(todo: dict[str, list[date]], is_history: bool) -> Iterable[Step]:
    """Tables with the same days go into one run, as long as what they read comes before them."""
    remaining = {name: tuple(ranges_of(days)) for name, days in todo.items() if days}
    while remaining:
        ranges = next(iter(remaining.values()))
        group: list[str] = []
        for name in TABLES:
            if remaining.get(name) == ranges and not any(
                upstream in remaining and upstream not in group for upstream in TABLES[name].reads
            ):
                group.append(name)
        for name in group:
            del remaining[name]
        yield from (Step(tuple(group), days, is_history) for days in ranges)
