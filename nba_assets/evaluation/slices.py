"""A slice of graded forecasts (one market, information set and system, maybe one month or the like): its figures, and
in which order and groups slices are shown. Information sets and markets are never added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nba_assets.evaluation.moments import Interval, Moments
from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.systems import SYSTEMS

LEVELS = (10, 25, 50, 75, 90)
"""Of the quantiles, in percent."""
TARGET_INSIDE = 0.8
"""Share of results that should lie between p10 and p90."""
UNKNOWN = "unknown"
"""The part of rows of which it is not known what they would be sliced by."""
WHOLE = "all"
"""The part of a slice that is not one of several."""
BASELINES: dict[str, str] = {"last_10": "last_10_average", "blend": "blend_average"}
"""Baseline -> the column with its forecast on the same row: mean of the last 10 games; 0.5 last 5 + 0.3 last 10 + 0.2
season."""

Subject = tuple[str, str]
"""Information set and market: what is evaluated by itself."""


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


@dataclass(frozen=True)
class Versus:
    """Forecasts against a baseline's on the rows where the baseline is known; `unknown` counts the others.

    Errors are mean absolute ones in the market's own unit. gain is the mean over rows of the baseline's absolute error
    minus the forecast's (positive: the forecast is nearer), and gain_interval that of these paired differences.
    """

    known: int
    unknown: int
    baseline_error: float
    error: float
    gain: float
    gain_interval: Interval | None

    @property
    def gain_pct(self) -> float | None:
        """The gain as a share of the baseline's error, 0..1; None if the baseline never erred."""
        return self.gain / self.baseline_error if self.baseline_error else None


@dataclass(frozen=True)
class Slice:
    """Sums over the slice's rows, by measure (see `measures.py`), and what follows from them.

    part: the month (`2022-01`), season (`2021-22`), minutes band or confidence, UNKNOWN, or WHOLE.
    bins: over probabilities of rows whose line was no push, by tenth. Slices add up to the slice of all their rows.
    """

    market: str
    information_set: str
    system_id: str
    part: str
    measures: Mapping[str, Moments]
    bins: Mapping[int, tuple[Moments, Moments]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Forecasts graded."""
        return self.measures["error"].count

    @property
    def error(self) -> float:
        """Mean absolute error, in the market's own unit."""
        return self.measures["error"].mean or 0.0

    @property
    def error_interval(self) -> Interval | None:
        """Of the mean absolute error (Student's)."""
        return self.measures["error"].interval

    @property
    def bias(self) -> float:
        """Mean of forecast minus result; positive is over-predicted."""
        return self.measures["bias"].mean or 0.0

    def versus(self, baseline: str) -> Versus | None:
        """Against one of BASELINES; None if it is known on no row."""
        theirs, gain = self.measures[f"{baseline}_error"], self.measures[f"{baseline}_gain"]
        if theirs.mean is None or gain.mean is None:
            return None
        known = gain.count
        return Versus(known, self.count - known, theirs.mean, theirs.mean - gain.mean, gain.mean, gain.interval)

    @property
    def inside(self) -> Moments:
        """Whether results lie between p10 and p90, over forecasts that have quantiles; see `share_interval`."""
        return self.measures["inside"]

    def below(self, level: int) -> float | None:
        """Share of results below that quantile, a tie counting half; about level / 100 where forecasts are calibrated.

        The mid-distribution value of counts: Parzen (2004), "Quantile probability and statistical data modeling"; for
        its use on forecasts Czado, Gneiting and Held (2009), "Predictive model assessment for count data".
        """
        return self.measures[f"below_{level}"].mean

    @property
    def lined(self) -> int:
        """Forecasts with a probability against a line that was no push."""
        return self.measures["brier"].count

    @property
    def brier(self) -> float | None:
        """Mean of (over probability - whether it went over)^2, 0..1; 0.25 for a coin. Brier (1950)."""
        return self.measures["brier"].mean

    @property
    def reliability(self) -> list[Bin]:
        """Over probabilities against results in tenths, those that occur."""
        return [
            Bin(tenth, given.count, given.total / given.count, round(over.total))
            for tenth, (given, over) in sorted(self.bins.items())
        ]

    @property
    def calibration_error(self) -> float | None:
        """Expected calibration error: mean over rows of |mean probability - share over| of their tenth, 0..1.

        Naeini, Cooper and Hauskrecht (2015), "Obtaining well calibrated probabilities using Bayesian binning", with ten
        bins of equal width. It is above zero by chance alone where there are few rows.
        """
        if not self.lined:
            return None
        return sum(b.count * abs(b.mean_probability - b.over_share) for b in self.reliability) / self.lined

    @property
    def hits(self) -> Moments:
        """Whether recommended bets won, over those that were no push."""
        return self.measures["hit"]

    @property
    def spread(self) -> float | None:
        """How far players' results lie from their own season's median, on average; in the market's own unit."""
        return self.measures["own_spread"].mean


def merged(slices: list[Slice], part: str = WHOLE) -> Slice:
    """One slice of all the rows of these, which share market, information set and system and have no row in common."""
    first = slices[0]
    measures: dict[str, Moments] = {}
    bins: dict[int, tuple[Moments, Moments]] = {}
    for one in slices:
        for name, value in one.measures.items():
            measures[name] = measures.get(name, Moments()) + value
        for tenth, (given, over) in one.bins.items():
            before = bins.get(tenth, (Moments(), Moments()))
            bins[tenth] = before[0] + given, before[1] + over
    return Slice(first.market, first.information_set, first.system_id, part, measures, bins)


def totals(slices: Iterable[Slice]) -> list[Slice]:
    """One slice of each market, information set and system, of all its parts."""
    cells: dict[tuple[str, str, str], list[Slice]] = {}
    for one in slices:
        cells.setdefault((one.market, one.information_set, one.system_id), []).append(one)
    return ordered(merged(parts) for parts in cells.values())


def by_subject(slices: Iterable[Slice]) -> dict[Subject, list[Slice]]:
    """Slices of each subject, information sets as they come to be known and then markets as they are listed."""
    found: dict[Subject, list[Slice]] = {}
    for one in sorted(ordered(slices), key=lambda one: INFORMATION_SETS.index(one.information_set)):
        found.setdefault((one.information_set, one.market), []).append(one)
    return found


def in_order(systems: Iterable[str]) -> list[str]:
    """Each system once: the ensemble first, as the one to be acted on, then those it is made of."""
    found = set(systems)
    known = [system for system in (SYSTEMS[-1], *SYSTEMS[:-1]) if system in found]
    return known + sorted(found - set(known))


def ordered(slices: Iterable[Slice]) -> list[Slice]:
    """By market, information set, part and system; parts by name, and what is unknown last."""
    found = list(slices)
    systems = in_order(one.system_id for one in found)
    # A market that was taken from the list since is still in the table.
    listed = [market.name for market in MARKETS]
    markets = listed + sorted({one.market for one in found} - set(listed))

    def place(one: Slice) -> tuple[object, ...]:
        cell = (markets.index(one.market), INFORMATION_SETS.index(one.information_set))
        return (*cell, one.part == UNKNOWN, one.part, systems.index(one.system_id))

    return sorted(found, key=place)
