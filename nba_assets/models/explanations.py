"""Why a trained model's forecast is what it is: what each feature adds to it, in the market's own unit.

The trees' contributions are Shapley values (Lundberg and Lee 2017), exact for trees (TreeSHAP, Lundberg et al. 2020).
The linear part's are coefficient times standardized value, which is the same thing for a linear function. Both add up
on the scale that they were fitted on. What then bends that scale, squares and the cut at 0, is shared out by the
secant: if a sum of contributions takes a function from f0 to f, each of them counts (f - f0) / sum times; for a square
that is root + root0. The functions rise, so that no contribution changes its sign, and all of them add up to the
forecast less the baseline.

That a star scores is no news. The baseline is therefore the player's own usual night: of every feature counts what it
contributes more than it would at its mean over his nights of the season. Which features are one reason, and its words,
are in `reasons.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models.calibration import Calibration
from nba_assets.models.reasons import group_of, words
from nba_assets.models.regression import Regression
from nba_assets.models.trained_model import feature_matrix

_LIKE_ANYBODY = ("home", "rest")
"""Groups held against the training rows' average: to a tree a night that is half at home is one at home."""
_LIKE_TONIGHT = ("time of season",)
"""Groups that are no reason: the usual night is taken to be at the same time."""
_WIDE = 2.0
"""Effects in a market with a wider deviation are told to one decimal place, in the others to two."""
_NO_CHANGE = 1e-9
"""A sum of contributions nearer to 0 than this is shared out by the slope there."""


@dataclass(frozen=True)
class Reason:
    """A group of features. effect: what it adds to the forecast, in the market's own unit. text: both in words."""

    group: str
    effect: float
    text: str


@dataclass(frozen=True)
class Explanation:
    """usual, forecast: what the model says of the player's usual night, and of this one, in the market's own unit.

    reasons: what moved the one to the other most, the strongest first.
    """

    usual: float
    forecast: float
    reasons: tuple[Reason, ...]


def explain(
    model: Regression,
    learned: Calibration,
    features: pd.DataFrame,
    market: Market,
    usual: pd.DataFrame | None = None,
    top: int = 3,
) -> list[Explanation]:
    """Per row why the trained model says what it says. A reason too small to be shown is left out.

    features: rows of ml_feature_store_v2. usual: of each row, in the same order, the features of the player's usual
    night; a row of which nothing is known, or all of them if it is None, is held against the average training row.
    """
    matrix = feature_matrix(features, model.features)
    own = None if usual is None else feature_matrix(usual, model.features)
    of_feature, baseline = contributions(model, learned, matrix, own)
    groups = [group_of(name) for name in model.features]
    of_group = _records(pd.DataFrame(of_feature.T).groupby(groups, sort=False).sum().T)
    nights = _records(features)
    usual_nights = [{}] * len(nights) if usual is None else _records(usual)
    digits = 1 if market.deviation > _WIDE else 2
    found = []
    for night, usual_night, effects, start in zip(nights, usual_nights, of_group, baseline.tolist(), strict=True):
        reasons = tuple(
            Reason(group, effect, f"{effect:+.{digits}f} {words(group, night, usual_night, market)}")
            for group, effect in _strongest(effects, digits, top)
        )
        found.append(Explanation(start, start + sum(effects.values()), reasons))
    return found


def contributions(
    model: Regression, learned: Calibration, matrix: np.ndarray, usual: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """What each feature adds to each row's forecast, shape (rows, features), and each row's baseline, shape (rows,).

    matrix, usual: shape (rows, features), NaN where unknown. The baseline is the forecast where every part of the model
    says what it says of `usual`; of the average training row where nothing is known there. A row's contributions and
    its baseline add up to its `learned.trees(model.predict(matrix))`.
    """
    rows, groups = len(matrix), np.array([group_of(name) for name in model.features])
    found: _Sum = np.zeros(rows), np.zeros_like(matrix)
    if not rows:
        return found[1], found[0]
    usual = np.full_like(matrix, np.nan) if usual is None else usual
    is_known, is_own = ~np.isnan(usual).all(axis=1), ~np.isin(groups, _LIKE_ANYBODY)
    both = np.concatenate([matrix, np.where(np.isin(groups, _LIKE_TONIGHT), matrix, usual)[is_known]])

    def more_than_usual(start: float, parts: np.ndarray) -> _Sum:
        before = np.zeros_like(matrix)
        before[is_known] = np.where(is_own, parts[rows:], 0.0)
        return start + before.sum(axis=1), parts[:rows] - before

    linear = more_than_usual(model.intercept, _linear_parts(model, both))
    share = learned.share_of_squares
    for name, weight, before_trees, after_trees in (
        ("squares", share, _not_negative, _square),
        ("absolute", 1 - share, _square, _not_negative),
    ):
        if weight:
            said = np.asarray(model.boosters[name].predict(both, pred_contrib=True))
            answer = _added(_through(before_trees, linear), more_than_usual(said[0, -1], said[:, :-1]))
            start, parts = _through(after_trees, answer)
            found = _added(found, (weight * start, weight * parts))
    return found[1], found[0]


_Sum = tuple[np.ndarray, np.ndarray]
"""Where a sum starts, shape (rows,), and what it grows by, shape (rows, features)."""


def _linear_parts(model: Regression, matrix: np.ndarray) -> np.ndarray:
    """Coefficient times standardized value: the linear part where nothing else is known. Shape (rows, features)."""
    parts = np.empty_like(matrix)
    for column in range(matrix.shape[1]):
        alone = np.full_like(matrix, np.nan)
        alone[:, column] = matrix[:, column]
        parts[:, column] = model.linear(alone) - model.intercept
    return parts


def _through(function: Callable[[np.ndarray], np.ndarray], given: _Sum) -> _Sum:
    """The same of a function of the sum, one that does not fall: its start, and the parts scaled by its secant."""
    start, parts = given
    step = parts.sum(axis=1)
    step = np.where(np.abs(step) < _NO_CHANGE, _NO_CHANGE, step)
    before = function(start)
    return before, parts * ((function(start + step) - before) / step)[:, None]


def _added(one: _Sum, other: _Sum) -> _Sum:
    return one[0] + other[0], one[1] + other[1]


def _not_negative(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0.0)


def _square(values: np.ndarray) -> np.ndarray:
    return np.square(_not_negative(values))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _strongest(effects: Mapping[str, float], digits: int, top: int) -> list[tuple[str, float]]:
    shown = [(group, effect) for group, effect in effects.items() if round(effect, digits)]
    return sorted(shown, key=lambda pair: -abs(pair[1]))[:top]
