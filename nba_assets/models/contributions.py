"""What each feature adds to what a part of a trained model says, over what it would say of another night: the numbers
behind `explanations.py`, in the market's own unit.

The trees' contributions are Shapley values (Lundberg and Lee 2017), exact for trees (TreeSHAP, Lundberg et al. 2020).
The linear part's are coefficient times standardized value, which is the same thing for a linear function. Both add up
on the scale that they were fitted on. What then bends that scale, squares and the cut at 0, is shared out by the
secant: if a sum of contributions takes a function from f0 to f, each of them counts (f - f0) / sum times; for a square
that is root + root0. The functions rise, so that no contribution changes its sign, and all of them add up to the
forecast less the baseline.

The network's are integrated gradients (Sundararajan et al. 2017): the slope of the forecast by each feature, averaged
on the straight way from the one night to the other, times how far the feature goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nba_assets.models.network import Network
from nba_assets.models.reasons import group_of
from nba_assets.models.regression import Regression

_LIKE_ANYBODY = ("home", "rest")
"""Groups held against the training rows' average: to a tree a night that is half at home is one at home."""
_LIKE_TONIGHT = ("time of season",)
"""Groups that are no reason: the usual night is taken to be at the same time."""
_NO_CHANGE = 1e-9
"""A sum of contributions nearer to 0 than this is shared out by the slope there."""
_STOPS = 12
"""So many places of the way are asked for their slope (Gauss and Legendre's)."""


class Contributions(NamedTuple):
    """baseline: what is said of the other night, shape (rows,). parts: what each feature adds, shape (rows, features).

    They add up to the forecast."""

    baseline: np.ndarray
    parts: np.ndarray


def of_regression(model: Regression, share_of_squares: float, matrix: np.ndarray, usual: np.ndarray) -> Contributions:
    """Of the one forecast of the trees' two.

    matrix, usual: shape (rows, features), NaN where unknown. The baseline is the forecast where every part of the model
    says what it says of `usual`; of the average training row where nothing is known there.
    """
    rows = len(matrix)
    found = Contributions(np.zeros(rows), np.zeros_like(matrix))
    if not rows:
        return found
    groups, is_known = _groups(model.features), _is_known(usual)
    both = np.concatenate([matrix, np.where(np.isin(groups, _LIKE_TONIGHT), matrix, usual)[is_known]])

    def more_than_usual(start: float, parts: np.ndarray) -> Contributions:
        before = np.zeros_like(matrix)
        before[is_known] = np.where(np.isin(groups, _LIKE_ANYBODY), 0.0, parts[rows:])
        return Contributions(start + before.sum(axis=1), parts[:rows] - before)

    linear = more_than_usual(model.intercept, _linear_parts(model, both))
    for name, weight, before_trees, after_trees in (
        ("squares", share_of_squares, _not_negative, _square),
        ("absolute", 1 - share_of_squares, _square, _not_negative),
    ):
        if weight:
            said = np.asarray(model.boosters[name].predict(both, pred_contrib=True))
            trees = more_than_usual(said[0, -1], said[:, :-1])
            found = added(found, _through(after_trees, added(_through(before_trees, linear), trees)), weight)
    return found


def of_network(network: Network, inputs: np.ndarray, matrix: np.ndarray, usual: np.ndarray) -> Contributions:
    """Of a network with one output. matrix, usual: as in `of_regression`; what is unknown counts as the mean.

    inputs: the rows as `Network.inputs` gives them. Both nights are spent in tonight's company: what the network makes
    of the others is in the baseline, and what a feature says of them counts.
    """
    groups, is_known = _groups(network.features), _is_known(usual)
    other = np.where(np.isin(groups, _LIKE_TONIGHT), matrix, np.where(np.isin(groups, _LIKE_ANYBODY), np.nan, usual))
    start, features = inputs.copy(), matrix.shape[1]
    start[:, :features] = network.standardized(np.where(is_known[:, None], other, np.nan))
    way = inputs - start
    baseline, forecast = network.values(start)[:, 0], network.values(inputs)[:, 0]
    parts = np.zeros_like(matrix)
    for place, weight in zip(*np.polynomial.legendre.leggauss(_STOPS), strict=True):
        parts += weight / 2 * network.slopes(start + (place + 1) / 2 * way) * way[:, :features]
    # What so many stops miss is shared out by size.
    missed, size = forecast - baseline - parts.sum(axis=1), np.abs(parts)
    parts += size * (missed / np.maximum(size.sum(axis=1), _NO_CHANGE))[:, None]
    return Contributions(baseline, parts)


def added(one: Contributions, other: Contributions, weight: float = 1.0) -> Contributions:
    """The one and so much of the other, of the same features."""
    return Contributions(one.baseline + weight * other.baseline, one.parts + weight * other.parts)


def _groups(features: tuple[str, ...]) -> np.ndarray:
    return np.array([group_of(name) for name in features])


def _is_known(usual: np.ndarray) -> np.ndarray:
    return ~np.isnan(usual).all(axis=1)


def _linear_parts(model: Regression, matrix: np.ndarray) -> np.ndarray:
    """Coefficient times standardized value: the linear part where nothing else is known. Shape (rows, features)."""
    parts = np.empty_like(matrix)
    for column in range(matrix.shape[1]):
        alone = np.full_like(matrix, np.nan)
        alone[:, column] = matrix[:, column]
        parts[:, column] = model.linear(alone) - model.intercept
    return parts


def _through(function: Callable[[np.ndarray], np.ndarray], given: Contributions) -> Contributions:
    """The same of a function of the sum, one that does not fall: its start, and the parts scaled by its secant."""
    start, parts = given
    step = parts.sum(axis=1)
    step = np.where(np.abs(step) < _NO_CHANGE, _NO_CHANGE, step)
    before = function(start)
    return Contributions(before, parts * ((function(start + step) - before) / step)[:, None])


def _not_negative(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0.0)


def _square(values: np.ndarray) -> np.ndarray:
    return np.square(_not_negative(values))
