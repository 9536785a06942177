"""From a point forecast to the distribution of a count: quantiles, and the probability of more than any line.

On the scale of the square root a count's spread around its forecast varies little. How wide it is for a row is a linear
function of a few things known beforehand; which share of results lies below a threshold that is so many
spreads away is read off past forecasts by isotonic regression (Barlow et al. 1972; the pooling of thresholds is a
distribution regression as in Foresi and Peracchi 1995): for each of the lowest counts apart, since there the steps of a
count are coarse, and for all others together. All thresholds of a row come from one increasing function, so that its
quantiles cannot cross.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

QUANTILES = (10, 25, 50, 75, 90)
APART = 4
"""Thresholds 0 to APART - 1 have a curve each."""
_GRID = np.linspace(-4.0, 4.0, 81)
_SHIFT = 0.375
"""Anscombe's: the square root of a count plus 3/8 has nearly constant variance."""
_SPREADS = (0.15, 3.0)


@dataclass(frozen=True)
class Distribution:
    """spread: weights of the inputs in the spread. curves: P(count <= threshold) over _GRID, shape (APART + 1, grid);
    the last one serves all higher thresholds. highest: thresholds go up to this count."""

    spread: np.ndarray
    curves: np.ndarray
    highest: int

    def cumulative(self, predicted: np.ndarray, inputs: np.ndarray, width: float = 1.0) -> np.ndarray:
        """P(count <= 0), P(count <= 1), ... of each row. Shape (rows, highest + 1).

        inputs: shape (rows, inputs of the spread). width: factor on the spread.
        """
        return self.cumulative_at(predicted, self.root_spread(inputs) * width)

    def cumulative_at(self, predicted: np.ndarray, root_spread: np.ndarray) -> np.ndarray:
        """The same from forecasts and spreads as player_prop_predictions keeps them: for a line that arrives later."""
        distance = _distance(predicted, root_spread, self.highest)
        below = np.interp(distance, _GRID, self.curves[-1])
        for threshold in range(min(APART, self.highest + 1)):
            below[:, threshold] = np.interp(distance[:, threshold], _GRID, self.curves[threshold])
        below[:, -1] = 1.0
        return np.maximum.accumulate(below, axis=1)

    def root_spread(self, inputs: np.ndarray) -> np.ndarray:
        """Standard deviation of the square root of the count around the forecast's. Shape (rows,)."""
        return np.clip(inputs @ self.spread, *_SPREADS)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "spread": self.spread.tolist(),
            "curves": np.round(self.curves, 5).tolist(),
            "highest": self.highest,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Distribution:
        """What `to_dict` gave."""
        return cls(np.array(stored["spread"]), np.array(stored["curves"]), stored["highest"])


def root(count: np.ndarray) -> np.ndarray:
    """The scale on which a count's spread varies little."""
    return np.sqrt(count + _SHIFT)


def fit(predicted: np.ndarray, inputs: np.ndarray, actual: np.ndarray) -> Distribution:
    """From forecasts of days that the forecaster had not seen, and what happened."""
    residual = root(actual) - root(predicted)
    # The mean absolute deviation of a normal distribution is 0.798 of its standard deviation.
    spread = np.linalg.lstsq(inputs, np.abs(residual) * np.sqrt(np.pi / 2), rcond=None)[0]
    highest = int(np.ceil(1.3 * actual.max())) + 3
    distance = _distance(predicted, np.clip(inputs @ spread, *_SPREADS), int(actual.max()))
    is_below = actual[:, None] <= np.arange(distance.shape[1])
    curves = [_curve(distance[:, k], is_below[:, k]) for k in range(min(APART, distance.shape[1]))]
    higher = distance[:, APART:], is_below[:, APART:]
    is_near = np.abs(higher[0]) <= _GRID[-1]
    curves += [_curve(higher[0][is_near], higher[1][is_near])] if is_near.any() else []
    curves += [curves[-1]] * (APART + 1 - len(curves))
    return Distribution(spread, np.array(curves), highest)


def quantile(cumulative: np.ndarray, level: np.ndarray | float) -> np.ndarray:
    """The value that the count stays under with probability `level`, per row; a count of k spans k - 0.5 to k + 0.5.

    cumulative: shape (rows, thresholds). level: one for all, or one per row. Never below zero.
    """
    levels = np.broadcast_to(np.asarray(level, dtype="float64"), len(cumulative))
    padded = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    place = np.minimum((padded <= levels[:, None]).sum(axis=1), padded.shape[1] - 1)
    rows = np.arange(len(padded))
    low, high = padded[rows, place - 1], padded[rows, place]
    return np.maximum(place - 1.5 + (levels - low) / np.maximum(high - low, 1e-12), 0.0)


def level_of(cumulative: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The level whose quantile is the count, per row: `quantile` the other way round. Shape (rows,)."""
    rows, at = np.arange(len(cumulative)), np.clip(count, 0, cumulative.shape[1] - 1).astype(int)
    return (cumulative[rows, at] + np.where(at > 0, cumulative[rows, at - 1], 0.0)) / 2


def below(cumulative: np.ndarray, value: np.ndarray) -> np.ndarray:
    """P(count < value) per row. Shape (rows,)."""
    padded = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    return padded[np.arange(len(padded)), np.clip(np.ceil(value), 0, cumulative.shape[1]).astype(int)]


def at_most(cumulative: np.ndarray, value: np.ndarray) -> np.ndarray:
    """P(count <= value) per row. Shape (rows,)."""
    return below(cumulative, np.floor(value) + 1)


def line_probabilities(cumulative: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per row: P(more than the line, given that it is not hit exactly), and P(hit exactly: a push). NaN without a line.

    A line of 21.5 or of 21 is gone over by 22 or more; only a whole line can be hit.
    """
    known = np.nan_to_num(line)
    not_over = at_most(cumulative, known)
    push = not_over - below(cumulative, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        over = np.where(push < 1, (1 - not_over) / (1 - push), np.nan)
    return np.where(np.isnan(line), np.nan, over), np.where(np.isnan(line), np.nan, push)


def _distance(predicted: np.ndarray, spread: np.ndarray, highest: int) -> np.ndarray:
    """How many spreads each threshold (between k and k + 1) lies above the forecast. Shape (rows, highest + 1)."""
    thresholds = root(np.arange(highest + 1) + 0.5)
    return (thresholds - root(predicted)[:, None]) / spread[:, None]


def _curve(distance: np.ndarray, is_below: np.ndarray) -> np.ndarray:
    # It takes a quarter of a second to load, and most days are forecast with what was fitted before.
    from scipy.optimize import isotonic_regression

    order = np.argsort(distance, kind="stable")
    fitted = isotonic_regression(is_below[order].astype("float64")).x
    return np.interp(_GRID, distance[order], fitted)
