"""Absent keys of a range by table and reason. What is expected, and the reasons: `nba_assets/coverage.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nba_assets.absence import ACCEPTED, NOT_BUILT, Absent
from nba_assets.coverage import DayCoverage


@dataclass(frozen=True)
class Gap:
    """Keys of a table that are absent for a reason; `example` is the first of them, with its day.

    Days that were never built are listed even where it is not known which keys they lack: `keys` is 0 then.
    """

    table: str
    reason: str
    keys: int
    days: tuple[date, ...]
    example: Mapping[str, Any]

    @property
    def is_accepted(self) -> bool:
        """Whether nothing could have been there."""
        return self.reason in ACCEPTED


def gaps_of(coverage: Iterable[DayCoverage]) -> list[Gap]:
    """Absent keys by table and reason, in the order of the tables, the reason with most keys first."""
    absent: dict[tuple[str, str], dict[date, Absent]] = {}
    for day in coverage:
        reasons = dict(day.missing)
        if not day.is_built and not reasons:
            reasons[NOT_BUILT] = Absent(0, ())
        for reason, of_reason in reasons.items():
            absent.setdefault((day.table, reason), {})[day.day] = of_reason
    found = [
        Gap(
            table=table,
            reason=reason,
            keys=sum(of_day.count for of_day in days.values()),
            days=tuple(sorted(days)),
            example=next(
                ({"game_date": day, **of_day.first[0]} for day, of_day in sorted(days.items()) if of_day.first), {}
            ),
        )
        for (table, reason), days in absent.items()
    ]
    order = list(dict.fromkeys(gap.table for gap in found))
    return sorted(found, key=lambda gap: (order.index(gap.table), -gap.keys, gap.reason))
