"""Days, ranges of days and seasons: the calendar arithmetic of the platform, in plain dates.

Which partitions Dagster shows is in `partitions.py`; windows over a table's rows are in `transforms/as_of.py`.
Dates are US Eastern calendar dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2019, 10, 22)
"""First partition: opening night of 2019-20."""

_LATE_BOUNDARIES = {2020: date(2020, 12, 1)}
"""2019-20 ended in the bubble on 11 October 2020, so that year's boundary is later than 1 October."""


@dataclass(frozen=True, order=True)
class DayRange:
    """Consecutive days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"A range of days ends before it starts: {self.first} to {self.last}.")

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"


def season_boundary(season_year: int) -> date:
    """First calendar day that belongs to the season (2021 for 2021-22), weeks before its opening night."""
    return _LATE_BOUNDARIES.get(season_year, date(season_year, 10, 1))


def season_year_of(day: date) -> int:
    """Year in which the season that a day belongs to began; the summer belongs to the season before it."""
    return day.year if day >= season_boundary(day.year) else day.year - 1


def seasons_of(days: DayRange) -> list[DayRange]:
    """The days season by season, in order."""
    parts, first = [], days.first
    while first <= days.last:
        last = min(season_boundary(season_year_of(first) + 1) - timedelta(days=1), days.last)
        parts.append(DayRange(first, last))
        first = last + timedelta(days=1)
    return parts


def ranges_of(days: Iterable[date]) -> list[DayRange]:
    """The days as the fewest consecutive ranges, in order."""
    ranges: list[DayRange] = []
    for day in sorted(set(days)):
        if ranges and day == ranges[-1].last + timedelta(days=1):
            ranges[-1] = DayRange(ranges[-1].first, day)
        else:
            ranges.append(DayRange(day, day))
    return ranges
