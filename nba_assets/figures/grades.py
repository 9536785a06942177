"""How good graded forecasts were: sums over prediction_accuracy, read by information set, market, system and month in
one query, from which error, bias and calibration follow for any union of months. Information sets and markets are never
added up. What is done with a line is in `edges.py`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.systems import SYSTEMS
from nba_assets.tables.predictions import PREDICTION_ACCURACY
from nba_assets.warehouse.protocol import Session

LEVELS = (10, 25, 50, 75, 90)
TARGET_INSIDE = 0.8
"""Share of results that should lie between p10 and p90."""
_Z = 1.959964
"""Of a 95 % confidence interval."""
_KEY = PREDICTION_ACCURACY.key

Subject = tuple[str, str]
"""Information set and market: what is evaluated by itself."""
Key = tuple[Subject, str, str]
"""Subject, system, month (`2022-01`)."""


@dataclass(frozen=True)
class Grades:
    """Sums over graded forecasts. ranged: those with quantiles; inside: results between p10 and p90 of those."""

    count: int = 0
    absolute: float = 0.0
    squared: float = 0.0
    signed: float = 0.0
    ranged: int = 0
    inside: int = 0

    def __add__(self, other: Grades) -> Grades:
        return Grades(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def error(self) -> float:
        """Mean absolute error."""
        return self.absolute / self.count

    @property
    def error_margin(self) -> float | None:
        """Half the width of the mean absolute error's 95 % confidence interval (Student's); None for one forecast."""
        if self.count < 2:
            return None
        from scipy.special import stdtrit

        variance = max(self.squared - self.absolute**2 / self.count, 0.0) / (self.count - 1)
        return float(stdtrit(self.count - 1, 0.975)) * math.sqrt(variance / self.count)

    @property
    def bias(self) -> float:
        """Mean of forecast minus result; positive is over-predicted."""
        return self.signed / self.count

    @property
    def inside_share(self) -> float | None:
        """Share of results between p10 and p90; None where no forecast has quantiles."""
        return self.inside / self.ranged if self.ranged else None

    @property
    def inside_margin(self) -> float | None:
        """Half the width of that share's 95 % confidence interval (Wilson's)."""
        share, n = self.inside_share, self.ranged
        if share is None:
            return None
        return _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)


def read_grades(session: Session, days: DayRange) -> dict[Key, Grades]:
    """Graded forecasts of the days, by subject, system and month, in that order."""
    rows = session.read(PREDICTION_ACCURACY, days)
    sums = rows.group_by("information_set", "market", "system_id", month=rows.game_date.strftime("%Y-%m")).agg(
        count=rows.count(),
        absolute=rows.absolute_error.sum(),
        squared=(rows.absolute_error * rows.absolute_error).sum(),
        signed=rows.signed_error.sum(),
        ranged=rows.is_in_80_interval.count(),
        inside=_number_true(rows.is_in_80_interval),
    )
    found = session.frame(sums.order_by("system_id", "month")).to_pylist()
    found.sort(key=_place)
    return {(_subject(row), row.pop("system_id"), row.pop("month")): Grades(**row) for row in found}


def total(grades: Iterable[Grades]) -> Grades:
    """All of them together."""
    return sum(grades, Grades())


def subjects(grades: Iterable[Key]) -> list[Subject]:
    """Each subject once, in the order of the grades."""
    return list(dict.fromkeys(subject for subject, _, _ in grades))


def of_subject(grades: Mapping[Key, Grades], subject: Subject) -> dict[tuple[str, str], Grades]:
    """One subject's, by system and month."""
    return {(system, month): value for (of, system, month), value in grades.items() if of == subject}


def in_order(systems: Iterable[str]) -> list[str]:
    """Each system once: the ensemble first, as the one to be acted on, then those it is made of."""
    found = set(systems)
    known = [system for system in (SYSTEMS[-1], *SYSTEMS[:-1]) if system in found]
    return known + sorted(found - set(known))


@dataclass(frozen=True)
class Below:
    """How many results of how many lie below each quantile of their forecast: level in percent -> results."""

    count: int
    below: Mapping[int, int]

    def share(self, level: int) -> float:
        """Share of results below the quantile; its level if the forecasts are calibrated."""
        return self.below[level] / self.count


def read_below(session: Session, days: DayRange) -> dict[tuple[Subject, str], Below]:
    """Results below each quantile, by subject and system, over forecasts that have quantiles."""
    rows = session.read(PREDICTION_ACCURACY, days)
    rows = rows.filter(rows.p10.notnull() & rows.p90.notnull())
    counts = rows.group_by("information_set", "market", "system_id").agg(
        count=rows.count(), **{f"p{level}": _number_true(rows.actual_value < rows[f"p{level}"]) for level in LEVELS}
    )
    found = session.frame(counts.order_by("system_id")).to_pylist()
    found.sort(key=_place)
    return {(_subject(r), r["system_id"]): Below(r["count"], {n: r[f"p{n}"] for n in LEVELS}) for r in found}


@dataclass(frozen=True)
class Bin:
    """Forecasts whose probability of going over is in one tenth of 0..1, and how often the result did go over."""

    tenth: int
    count: int
    mean_probability: float
    over: int

    @property
    def over_share(self) -> float:
        """Share of results over the line."""
        return self.over / self.count


def read_reliability(session: Session, days: DayRange, system: str) -> dict[Subject, list[Bin]]:
    """Subject -> the system's over probabilities against results, in tenths; pushes are left out."""
    rows = session.read(PREDICTION_ACCURACY, days)
    rows = rows.filter(
        (rows.system_id == system) & rows.over_probability.notnull() & rows.line_result.isin(["OVER", "UNDER"])
    )
    tenths = (rows.over_probability * 10).floor().cast("int64").clip(0, 9)
    counts = rows.group_by("information_set", "market", tenth=tenths).agg(
        count=rows.count(), mean_probability=rows.over_probability.mean(), over=_number_true(rows.line_result == "OVER")
    )
    found: dict[Subject, list[Bin]] = {}
    for row in sorted(session.frame(counts.order_by("tenth")).to_pylist(), key=_place):
        found.setdefault(_subject(row), []).append(Bin(**row))
    return found


def _subject(row: dict[str, Any]) -> Subject:
    """The row's subject, taken out of it."""
    return row.pop("information_set"), row.pop("market")


def _place(row: Mapping[str, Any]) -> tuple[int, int]:
    """Where a row's subject is shown: information sets as they come to be known, markets as they are listed."""
    markets = [market.name for market in MARKETS]
    # A market that was taken from the list since is still in the table.
    place = markets.index(row["market"]) if row["market"] in markets else len(markets)
    return INFORMATION_SETS.index(row["information_set"]), place


def _number_true(condition: ir.BooleanValue) -> ir.IntegerValue:
    return condition.cast("int64").sum().coalesce(0)
