"""Feature rows as numbers, and what every fit on them needs, worked out once for all markets of a cut-off.

Which rows a model may see is in `training.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

CLIP = 4.0
"""Features farther than this many deviations from their mean count as if they were just so far."""
COPIED = 10_000
"""Rows of a frame of which copies are made at once."""


@dataclass(frozen=True)
class TrainingMatrix:
    """Rows to train on. values: shape (rows, features), NaN where unknown. weight: (rows,). mean, deviation: per
    feature. standardized: as `standardized` gives it. gram: sums of products of two standardized features, weighted."""

    features: tuple[str, ...]
    values: np.ndarray
    weight: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    standardized: np.ndarray
    gram: np.ndarray

    def places(self, features: tuple[str, ...]) -> list[int]:
        """Where these of the features are."""
        return [self.features.index(name) for name in features]


def training_matrix(values: np.ndarray, weight: np.ndarray, features: tuple[str, ...]) -> TrainingMatrix:
    """The rows in the order given. values: shape (rows, features), NaN where unknown; weight: (rows,)."""
    # Sums are rounded by the order in memory, which is not the rows' own; and rows are drawn again and again.
    values = np.ascontiguousarray(values)
    known = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    mean = np.nansum(values, axis=0) / known
    deviation = np.sqrt(np.nansum(np.square(values - mean), axis=0) / known)
    deviation[deviation == 0] = 1.0
    inputs = standardized(values, mean, deviation)
    return TrainingMatrix(features, values, weight, mean, deviation, inputs, (inputs.T * weight) @ inputs)


def standardized(values: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """In deviations from the mean; what is unknown is taken to be the mean."""
    # In place: each step would leave a copy of all rows behind.
    found = values - mean
    found /= deviation
    np.clip(found, -CLIP, CLIP, out=found)
    return np.nan_to_num(found, copy=False)


def feature_matrix(frame: pd.DataFrame, features: tuple[str, ...], rows: np.ndarray | None = None) -> np.ndarray:
    """The features as 64-bit floats in that order, NULL as NaN. rows: places of those wanted, all if not given. Shape
    (rows, features)."""
    places = np.arange(len(frame)) if rows is None else rows
    # Column by column in memory, as the frame has them: sums are rounded by that order.
    found = np.empty((len(places), len(features)), order="F")
    for first in range(0, len(places), COPIED):
        part = frame.iloc[places[first : first + COPIED]]
        found[first : first + COPIED] = part[list(features)].astype("float64").to_numpy()
    return found
