"""The learned part of a forecast: a linear fit, and two sets of trees on what it leaves. Which rows it is trained on is
in `training.py`, how its answers become a forecast with a distribution in `calibration.py`.

The linear part is a ridge regression of the square root of the statistic (which makes the spread of a count nearly the
same everywhere). One set of trees then minimizes squared error on that scale and leans to the mean, the other absolute
error on the statistic's own scale and leans to the median. Their mean is better than either (see docs/model.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from nba_assets.models.matrix import TrainingMatrix, standardized

RIDGE = 50.0
"""Added to the diagonal of the standardized features' squares."""
ROUNDS = 30
"""Beside a network that errs less, many more gain next to nothing (docs/forecasts.md)."""
PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.2,
    "num_leaves": 16,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.15,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 31,
    "bin_construct_sample_cnt": 20_000,
    "seed": 20191022,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
_OF_THE_BINS = ("max_bin", "bin_construct_sample_cnt", "verbosity")
OBJECTIVES = ("squares", "absolute")
_SQUARES = {"objective": "regression"}
_MEDIANS = {"objective": "regression_l1"}
"""Each leaf takes the median of its rows, which has to be found: half of the time of a training."""
_ROUNDED_OFF = {"objective": "fair", "fair_c": 1.0}
"""The absolute error but for a bend within about one of zero: no medians, and as good where counts are large."""


@dataclass(frozen=True)
class Regression:
    """A trained model. mean, deviation, coefficients: of the linear part, per feature; boosters: objective -> trees.

    The linear part is of some features only; the coefficients of the others are 0.
    """

    features: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    coefficients: np.ndarray
    intercept: float
    boosters: dict[str, lgb.Booster]

    def predict(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Objective -> forecast per row, not below 0. matrix: shape (rows, features), NaN where unknown."""
        linear = np.maximum(self.linear(matrix), 0.0)
        squares = linear + np.asarray(self.boosters["squares"].predict(matrix))
        absolute = np.square(linear) + np.asarray(self.boosters["absolute"].predict(matrix))
        return {"squares": np.square(np.maximum(squares, 0.0)), "absolute": np.maximum(absolute, 0.0)}

    def linear(self, matrix: np.ndarray) -> np.ndarray:
        """The linear part, on the scale of the square root. Shape (rows,)."""
        return standardized(matrix, self.mean, self.deviation) @ self.coefficients + self.intercept

    def to_text(self) -> str:
        """The whole model as JSON, the trees in LightGBM's own text."""
        return json.dumps(
            {
                "features": self.features,
                "linear": {
                    "mean": self.mean.tolist(),
                    "deviation": self.deviation.tolist(),
                    "coefficients": self.coefficients.tolist(),
                    "intercept": self.intercept,
                },
                "boosters": {
                    name: booster.model_to_string(num_iteration=-1) for name, booster in self.boosters.items()
                },
            },
        )

    @classmethod
    def from_text(cls, text: str) -> Regression:
        """The model that `to_text` wrote."""
        stored = json.loads(text)
        linear = stored["linear"]
        return cls(
            features=tuple(stored["features"]),
            mean=np.array(linear["mean"]),
            deviation=np.array(linear["deviation"]),
            coefficients=np.array(linear["coefficients"]),
            intercept=linear["intercept"],
            boosters={name: lgb.Booster(model_str=trees) for name, trees in stored["boosters"].items()},
        )


def binned(given: TrainingMatrix) -> lgb.Dataset:
    """The rows as the trees of every market take them, each feature in a few bins."""
    return lgb.Dataset(
        given.values,
        np.zeros(len(given.values)),
        weight=given.weight,
        feature_name=list(given.features),
        params={name: PARAMETERS[name] for name in _OF_THE_BINS},
    ).construct()


def fit(
    given: TrainingMatrix,
    in_bins: lgb.Dataset,
    actual: np.ndarray,
    linear_features: tuple[str, ...],
    takes_medians: bool = True,
) -> Regression:
    """Train on the matrix.

    in_bins: its rows, as `binned` gives them. actual: shape (rows,). linear_features: those of its features that the
    linear part is of. takes_medians: whether the absolute error is minimized to the letter, as counts so small need
    that are 0 or 1 for many.
    """
    places, weight = given.places(linear_features), given.weight
    root = np.sqrt(actual)
    intercept = float(np.average(root, weights=weight))
    # All features are multiplied, the others by nothing: to take columns out costs more.
    products = given.standardized.T @ (weight * (root - intercept))
    coefficients = np.zeros(len(given.features))
    coefficients[places] = np.linalg.solve(
        given.gram[np.ix_(places, places)] + RIDGE * np.eye(len(places)), products[places]
    )
    linear = np.maximum(given.standardized @ coefficients + intercept, 0.0)
    # A copy, which has a label of its own: the markets are trained side by side.
    data = in_bins.subset(list(range(len(actual)))).construct()
    boosters = {}
    absolute = _MEDIANS if takes_medians else _ROUNDED_OFF
    for name, parameters in zip(OBJECTIVES, (_SQUARES, absolute), strict=True):
        data.set_label(root - linear if name == "squares" else actual - np.square(linear))
        boosters[name] = lgb.train({**PARAMETERS, **parameters}, data, num_boost_round=ROUNDS)
    return Regression(given.features, given.mean, given.deviation, coefficients, intercept, boosters)
