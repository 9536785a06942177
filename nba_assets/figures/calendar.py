"""Days as a calendar: the state that coverage gives a day, with a sign for it, and calendars as Markdown tables.

The calendar of the HTML report is made of the same states in `report/sections.py`. Nothing is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import groupby

from nba_assets.coverage import DayCoverage

LONGEST_BY_DAY = 100
"""A range of more days than this is counted by month."""


@dataclass(frozen=True)
class Sign:
    """How a state is shown: a sign that can be told apart without colour, and words for it."""

    symbol: str
    words: str


class State(Enum):
    """What coverage says of a table's day."""

    COMPLETE = Sign("✓", "complete")
    SHORT = Sign("◐", "short: some of what could be there is absent")
    NOTHING = Sign("✗", "nothing there of what could be")
    NOT_BUILT = Sign("?", "never built")
    IDLE = Sign("·", "no games, or nothing expected and no rows")


def state_of(day: DayCoverage) -> State:
    """The state of a table's day; keys that are absent for an accepted reason could not be there."""
    if not day.is_built:
        return State.NOT_BUILT
    if day.gaps:
        return State.SHORT if day.present else State.NOTHING
    return State.COMPLETE if day.rows or day.present else State.IDLE


def in_words(day: DayCoverage) -> str:
    """`2022-01-06: 1 of 2 keys, 87 rows`."""
    if not day.is_built:
        return f"{day.day}: never built"
    rows = f"{day.rows:,} row" + ("" if day.rows == 1 else "s")
    if day.expected is None:
        return f"{day.day}: {rows}, nothing to count them against"
    could_be = (day.present or 0) + day.gaps
    if not could_be:
        return f"{day.day}: nothing expected, {rows}"
    return f"{day.day}: {day.present:,} of {could_be:,} keys, {rows}"


def months_of(days: Iterable[date]) -> Iterator[tuple[str, list[date]]]:
    """The days by month, in order: (`January 2022`, its days)."""
    for (year, month), of_month in groupby(sorted(set(days)), key=lambda d: (d.year, d.month)):
        yield f"{date(year, month, 1):%B %Y}", list(of_month)


def grid(cells: Mapping[date, str]) -> str:
    """A Markdown table with a row per week, split where a month ends; a cell is the day of the month and its text."""
    lines = ["| | Mon | Tue | Wed | Thu | Fri | Sat | Sun |", "|---|---|---|---|---|---|---|---|"]
    for month, days in months_of(cells):
        label = f"**{month}**"
        for _, week in groupby(days, key=lambda d: d.isocalendar()[:2]):
            row = [""] * 7
            for day in week:
                row[day.weekday()] = f"{day.day} {cells[day]}"
            lines.append(f"| {label} | " + " | ".join(row) + " |")
            label = ""
    return "\n".join(lines)


def coverage_calendar(days: Iterable[DayCoverage]) -> str:
    """The days' coverage as Markdown: weeks as rows, a sign per day, a legend; one calendar for each table."""
    found = list(days)
    parts = []
    tables = list(dict.fromkeys(day.table for day in found))
    for table in tables:
        title = f"**{table}**\n\n" if len(tables) > 1 else ""
        parts.append(title + grid({day.day: _cell(day) for day in found if day.table == table}))
    seen = {state_of(day) for day in found}
    legend = "; ".join(f"{state.value.symbol} {state.value.words}" for state in State if state in seen)
    return "\n\n".join([*parts, legend]) if parts else "No days."


def rows_calendar(rows: Mapping[date, int]) -> str:
    """Row counts as Markdown: by day in weeks, or by month where there are more than LONGEST_BY_DAY days."""
    if not rows:
        return "No days."
    if len(rows) <= LONGEST_BY_DAY:
        return grid({day: f"&nbsp; **{count:,}**" if count else "&nbsp; ·" for day, count in rows.items()})
    lines = ["| | days with rows | rows |", "|---|---|---|"]
    for month, days in months_of(rows):
        with_rows = sum(rows[day] > 0 for day in days)
        lines.append(f"| **{month}** | {with_rows} of {len(days)} | {sum(rows[day] for day in days):,} |")
    return "\n".join(lines)


def _cell(day: DayCoverage) -> str:
    state = state_of(day)
    if state in (State.SHORT, State.NOTHING):
        return f"{state.value.symbol} {day.present or 0:,}/{(day.present or 0) + day.gaps:,}"
    return state.value.symbol
