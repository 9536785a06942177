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

RIDGE = 50.0
"""Added to the diagonal of the standardized features' squares."""
_CLIP = 4.0
"""Features farther than this many deviations from their mean count as if they were just so far."""
ROUNDS = 180
PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.08,
    "num_leaves": 16,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 31,
    "seed": 20191022,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
OBJECTIVES = ("squares", "absolute")
_SQUARES = {"objective": "regression"}
_MEDIANS = {"objective": "regression_l1"}
"""Each leaf takes the median of its rows, which has to be found: half of the time of a training."""
_ROUNDED_OFF = {"objective": "fair", "fair_c": 1.0}
"""The absolute error but for a bend within about one of zero: no medians, and as good where counts are large."""


@dataclass(frozen=True)
class Regression:
    """A trained model. mean, deviation, coefficients: of the linear part, per feature; boosters: objective -> trees."""

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
        return _standardized(matrix, self.mean, self.deviation) @ self.coefficients + self.intercept

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


def fit(
    matrix: np.ndarray, actual: np.ndarray, weight: np.ndarray, features: tuple[str, ...], takes_medians: bool = True
) -> Regression:
    """Train on rows in the order given.

    matrix: shape (rows, features), NaN where unknown; actual, weight: (rows,). takes_medians: whether the absolute
    error is minimized to the letter, as counts so small need that are 0 or 1 for many.
    """
    # Sums are rounded by the order in memory, which is not the rows' own.
    matrix = np.ascontiguousarray(matrix)
    known = np.maximum((~np.isnan(matrix)).sum(axis=0), 1)
    mean = np.nansum(matrix, axis=0) / known
    deviation = np.sqrt(np.nansum(np.square(matrix - mean), axis=0) / known)
    deviation[deviation == 0] = 1.0
    root = np.sqrt(actual)
    standardized = _standardized(matrix, mean, deviation)
    intercept = float(np.average(root, weights=weight))
    weighted = standardized.T * weight
    gram = weighted @ standardized + RIDGE * np.eye(len(features))
    coefficients = np.linalg.solve(gram, weighted @ (root - intercept))
    linear = np.maximum(standardized @ coefficients + intercept, 0.0)
    data = lgb.Dataset(
        matrix,
        root - linear,
        weight=weight,
        feature_name=list(features),
        params={name: PARAMETERS[name] for name in ("max_bin", "verbosity")},
        free_raw_data=False,
    ).construct()
    boosters = {}
    absolute = _MEDIANS if takes_medians else _ROUNDED_OFF
    for name, parameters in zip(OBJECTIVES, (_SQUARES, absolute), strict=True):
        data.set_label(root - linear if name == "squares" else actual - np.square(linear))
        boosters[name] = lgb.train({**PARAMETERS, **parameters}, data, num_boost_round=ROUNDS)
    return Regression(features, mean, deviation, coefficients, intercept, boosters)


def _standardized(matrix: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """In deviations from the mean; what is unknown is taken to be the mean."""
    return np.nan_to_num(np.clip((matrix - mean) / deviation, -_CLIP, _CLIP))
