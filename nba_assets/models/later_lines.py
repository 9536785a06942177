"""The probability of a line that was not known when the forecast was made: from the forecast and its spread as they are
stored, and the calibration of the model that served the day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nba_assets.models.calibration import Calibration
from nba_assets.models.distribution import line_probabilities

_SERVED_BY = ["game_date", "market", "information_set"]


def over_probabilities(predictions: pd.DataFrame, models: pd.DataFrame, line: float) -> np.ndarray:
    """P(more than the line, given that it is not hit exactly) of each prediction; NaN without a distribution.

    predictions: rows of player_prop_predictions. models: rows of prop_model of the same days. Shape (rows,).
    """
    rows = predictions.reset_index(drop=True).merge(models[[*_SERVED_BY, "calibration"]], on=_SERVED_BY, how="left")
    found = np.full(len(rows), np.nan)
    for text, served in rows[rows["root_spread"].notna()].groupby("calibration"):
        fitted = Calibration.from_json(str(text)).distribution
        if fitted is not None:
            cumulative = fitted.cumulative_at(
                served["predicted_value"].to_numpy(dtype="float64"), served["root_spread"].to_numpy(dtype="float64")
            )
            found[served.index] = line_probabilities(cumulative, np.full(len(served), line))[0]
    return found
