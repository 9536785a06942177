"""Count, sum and sum of squares of a quantity: what adds up over parts of the rows, the intervals that follow, and how
they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

Interval = tuple[float, float]
"""Low and high end of a 95 % confidence interval."""
_CONFIDENCE = 0.975
"""Probability below the high end of a two-sided 95 % interval."""
_Z = 1.959964
"""The normal distribution's quantile at that probability."""


@dataclass(frozen=True)
class Moments:
    """Sums over the known values of a quantity, in its unit; unknown values are in none of them."""

    count: int = 0
    total: float = 0.0
    squared: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.squared + other.squared)

    @property
    def mean(self) -> float | None:
        """Arithmetic mean; None without values."""
        return self.total / self.count if self.count else None

    @property
    def interval(self) -> Interval | None:
        """Of the mean: mean ± t(n - 1) * s / sqrt(n), Student's; None for fewer than two values.

        Student (1908), "The probable error of a mean". It takes the values as independent: players of one game are not
        quite, so that it is somewhat too narrow.
        """
        if self.mean is None or self.count < 2:
            return None
        from scipy.special import stdtrit

        variance = max(self.squared - self.total**2 / self.count, 0.0) / (self.count - 1)
        margin = float(stdtrit(self.count - 1, _CONFIDENCE)) * math.sqrt(variance / self.count)
        return self.mean - margin, self.mean + margin

    @property
    def share_interval(self) -> Interval | None:
        """Of the mean of values that are 0 or 1, Wilson's score interval; None without values.

        Wilson (1927), "Probable inference, the law of succession, and statistical inference". It stays within 0..1.
        """
        if self.mean is None:
            return None
        share, n = self.mean, self.count
        scale = 1 + _Z**2 / n
        centre = (share + _Z**2 / (2 * n)) / scale
        margin = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / scale
        return max(centre - margin, 0.0), min(centre + margin, 1.0)


def plus_minus(interval: Interval | None, digits: int = 2, sign: str = " ± ") -> str:
    """Half the width of a mean's interval, to stand behind the mean; empty without one."""
    return "" if interval is None else f"{sign}{(interval[1] - interval[0]) / 2:.{digits}f}"
