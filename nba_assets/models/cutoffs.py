"""The calendar of training: on which days models are trained anew, and so which days a model may have seen.

Three times a season: before it starts, and after each two months of it. More often was tried and gained nothing that
could be told from noise.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby

from nba_assets.days import DayRange

_FIRST_OF_MONTHS = (2, 10, 12)


def cutoff_of(day: date) -> date:
    """The day from which on the model that serves `day` has seen nothing: 1 October, 1 December or 1 February."""
    months = [month for month in _FIRST_OF_MONTHS if month <= day.month]
    return date(day.year, months[-1], 1) if months else date(day.year - 1, _FIRST_OF_MONTHS[-1], 1)


def of_one_cutoff(days: DayRange) -> list[DayRange]:
    """The days in parts, in order, that have the same cut-off and so are served by the same models."""
    parts = [list(part) for _, part in groupby(days, cutoff_of)]
    return [DayRange(part[0], part[-1]) for part in parts]


def cutoffs_before(cutoff: date, count: int) -> tuple[date, ...]:
    """The last `count` cut-offs before this one, the latest first."""
    found: list[date] = []
    while len(found) < count:
        place = _FIRST_OF_MONTHS.index((found[-1] if found else cutoff).month)
        year = (found[-1] if found else cutoff).year
        found.append(date(year if place else year - 1, _FIRST_OF_MONTHS[place - 1], 1))
    return tuple(found)
