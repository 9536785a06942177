"""From a point forecast to quantiles and to a probability against a line: a normal distribution cut off at zero, whose
variance grows with the forecast as it did on the days before the model's cut-off."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

QUANTILES = (10, 25, 50, 75, 90)
_GROUPS = 10
_SMALLEST_VARIANCE = 0.25


def fit_spread(predicted: np.ndarray, actual: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of the residuals' variance over the forecast, fitted on tenths of the forecasts.

    Where all forecasts are the same there is nothing to fit a slope on, and it is 0.
    """
    order = np.argsort(predicted, kind="stable")
    groups = np.array_split(order, min(_GROUPS, len(order)))
    centres = np.array([predicted[group].mean() for group in groups])
    variances = np.array([np.square(actual[group] - predicted[group]).mean() for group in groups])
    if np.ptp(centres) < 1e-9:
        return float(variances.mean()), 0.0
    slope, intercept = np.polyfit(centres, variances, 1)
    return float(intercept), float(slope)


def standard_deviation(predicted: np.ndarray, intercept: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Standard deviation of the statistic around each forecast; NaN where the spread is unknown."""
    return np.sqrt(np.maximum(intercept + slope * predicted, _SMALLEST_VARIANCE))


def quantiles(predicted: np.ndarray, deviation: np.ndarray) -> dict[int, np.ndarray]:
    """Level in percent -> value; never below zero and, since all come from one distribution, never crossing."""
    return {level: np.maximum(predicted + deviation * ndtri(level / 100), 0.0) for level in QUANTILES}


def over_probability(predicted: np.ndarray, deviation: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Probability of more than the line, given that it is not hit exactly (a push returns the stake).

    The statistic is a whole number, so that "more than 21.5" is 22 or more and "more than 21" is 22 or more as well.
    """
    least_over = np.floor(line) + 1
    most_under = np.ceil(line) - 1
    over = 1 - ndtr((least_over - 0.5 - predicted) / deviation)
    under = ndtr((most_under + 0.5 - predicted) / deviation)
    return over / (over + under)
