"""What has to be built for a range of days: which days of which tables, in which order, and why.

Pure over the records and the ledger's day states; building what a plan says is in `backfill.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from nba_assets.days import DayRange, ranges_of
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import DayState

NEVER_BUILT = "never built"
UNSETTLED = "fetched before the day's results were out"
ASKED = "asked for"
CHANGED = "changed"
MAY_CHANGE = "may change"

_NEVER = -1

TableDay = tuple[str, date]


@dataclass(frozen=True)
class Request:
    """What somebody wants built: these days of the tables (all by default), and the history that they need.

    rebuild: the tables and days asked for are built again though they are up to date. refetch: of the days asked for,
    everything that comes from a source is fetched again. without history: the tables and days asked for, nothing else.
    """

    days: DayRange
    tables: tuple[str, ...] | None = None
    rebuild: bool = False
    refetch: bool = False
    with_history: bool = True

    @property
    def asked(self) -> tuple[str, ...]:
        """The tables in graph order."""
        return tuple(name for name in TABLES if self.tables is None or name in self.tables)

    @cached_property
    def needed(self) -> dict[str, DayRange]:
        """See `needed_days`."""
        return needed_days(self.days, self.asked, self.with_history)

    @property
    def reach(self) -> DayRange:
        """From the first day of any table that is needed to the last that is asked for."""
        return DayRange(min(days.first for days in self.needed.values()), self.days.last)


@dataclass(frozen=True)
class Due:
    """Why a day of a table is to be built.

    upstream, upstream_day: for CHANGED and MAY_CHANGE, what it rests on. version: the ledger's, at which that changed.
    """

    reason: str
    upstream: str | None = None
    upstream_day: date | None = None
    version: int | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it is due whatever comes of what is built before it."""
        return self.reason != MAY_CHANGE

    def __str__(self) -> str:
        if self.upstream is None:
            return self.reason
        name = TABLES[self.upstream].full_name
        if self.is_certain:
            return f"{name} changed on {self.upstream_day} (version {self.version})"
        return f"if {name} changes on {self.upstream_day}"


@dataclass(frozen=True)
class Step:
    """One run: these tables, in order, for these days. Days outside the range that was asked for are history."""

    tables: tuple[str, ...]
    days: DayRange
    is_history: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps in order, as if everything that is built changed.

    first: of the steps, what is due for certain and rests on nothing that may yet change; after them one plans again.
    why: table -> day to build -> reason. history: table -> of those, the days outside the range that was asked for.
    current: table -> how many of the days needed are built and up to date.
    """

    steps: tuple[Step, ...]
    first: tuple[Step, ...]
    why: dict[str, dict[date, Due]]
    history: dict[str, list[date]]
    current: dict[str, int]

    @property
    def days(self) -> dict[str, list[date]]:
        """Table -> days to build."""
        return {name: list(found) for name, found in self.why.items()}


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


def make_plan(request: Request, states: Iterable[DayState], done: Collection[TableDay] = ()) -> Plan:
    """The plan for a request: days never built, days whose upstream changed since, and what is asked for again.

    A raw day that was built before its results were out is due again: the source has more to say of it by now.

    states: the ledger of at least the days of `request.reach`. done: what was built for this request already; it is
        not built again for having been asked for, or for being of a day that is not over.
    """
    ledger = _Ledger(request.reach, states)
    needed = request.needed
    why: dict[str, dict[date, Due]] = {}
    first: dict[str, list[date]] = {}
    for name, wanted in needed.items():
        is_source = not TABLES[name].reads
        is_asked_again = (request.rebuild and name in request.asked) or (request.refetch and is_source)
        found: dict[date, Due] = {}
        for day in wanted:
            is_forced = is_asked_again and day in request.days and (name, day) not in done
            due = ledger.due(name, day, is_forced, is_done=(name, day) in done)
            if due is not None:
                found[day] = due
        ledger.plan(name, found)
        why[name] = found
        first[name] = [day for day, due in found.items() if due.is_certain and not ledger.waits(name, day)]
        ledger.hold_back(name, found.keys() - set(first[name]))
    return Plan(
        steps=tuple(_all_steps(why, request.days)),
        first=tuple(_all_steps(first, request.days)),
        why={name: found for name, found in why.items() if found},
        history={
            name: past for name, found in why.items() if (past := [day for day in found if day not in request.days])
        },
        current={name: len(needed[name]) - len(why[name]) for name in needed},
    )


class _Ledger:
    """The day states as arrays by table, positions counted from the first day, and what is planned so far."""

    def __init__(self, reach: DayRange, states: Iterable[DayState]) -> None:
        self._origin = reach.first
        self._built = {name: np.full(len(reach), _NEVER, dtype=np.int64) for name in TABLES}
        self._changed = {name: np.full(len(reach), _NEVER, dtype=np.int64) for name in TABLES}
        self._planned = {name: np.zeros(len(reach), dtype=bool) for name in TABLES}
        self._held_back = {name: np.zeros(len(reach), dtype=bool) for name in TABLES}
        self._unsettled = set()
        for state in states:
            if state.day in reach:
                position = (state.day - reach.first).days
                self._built[state.table][position] = state.built
                self._changed[state.table][position] = state.changed
                if not state.is_settled and not TABLES[state.table].reads:
                    self._unsettled.add((state.table, state.day))

    def due(self, name: str, day: date, is_forced: bool, is_done: bool) -> Due | None:
        version = self._built[name][(day - self._origin).days]
        if version == _NEVER:
            return Due(NEVER_BUILT)
        if is_forced:
            return Due(ASKED)
        if (name, day) in self._unsettled and not is_done:
            return Due(UNSETTLED)
        windows = self._windows(name, day)
        for upstream, window in windows.items():
            changed = self._changed[upstream][window]
            if changed.max(initial=_NEVER) > version:
                latest = int(changed.argmax())
                return Due(CHANGED, upstream, self._day(window, latest), int(changed[latest]))
        for upstream, window in windows.items():
            planned = self._planned[upstream][window]
            if planned.any():
                return Due(MAY_CHANGE, upstream, self._day(window, int(planned.argmax())))
        return None

    def plan(self, name: str, days: Iterable[date]) -> None:
        self._planned[name][[(day - self._origin).days for day in days]] = True

    def hold_back(self, name: str, days: Iterable[date]) -> None:
        self._held_back[name][[(day - self._origin).days for day in days]] = True

    def waits(self, name: str, day: date) -> bool:
        """Whether something that the day rests on is held back."""
        return any(self._held_back[upstream][window].any() for upstream, window in self._windows(name, day).items())

    def _windows(self, name: str, day: date) -> dict[str, slice]:
        """Upstream -> the positions whose rows the day rests on."""
        place = (day - self._origin).days
        only = DayRange(day, day)
        return {
            upstream: slice(max((back.days_for(only).first - self._origin).days, 0), place + back.has_day)
            for upstream, back in TABLES[name].reads.items()
        }

    def _day(self, window: slice, place: int) -> date:
        return self._origin + timedelta(days=window.start + place)


def _all_steps(todo: Mapping[str, Iterable[date]], asked: DayRange) -> Iterable[Step]:
    """History first: it lies before the range and rests on nothing in it."""
    for is_history in (True, False):
        yield from _steps(
            {n: [d for d in days if (d not in asked) == is_history] for n, days in todo.items()}, is_history
        )


def steps_over(table_days: Iterable[TableDay]) -> list[Step]:
    """Runs over just these days of these tables, what is read before what reads it."""
    todo: dict[str, list[date]] = {name: [] for name in TABLES}
    for name, day in table_days:
        todo[name].append(day)
    return list(_steps(todo, is_history=False))


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
