"""A line that was not known when the forecast was made: its probability, from the forecast and its spread as they are
stored and the calibration of the model that served the day, and the advice that follows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nba_assets.models.calibration import Calibration
from nba_assets.models.distribution import line_probabilities
from nba_assets.models.odds import recommend

_SERVED_BY = ["game_date", "market", "information_set"]
_OF_THE_STORED_LINE = ("bookmakers", "over_price_american", "under_price_american", "fair_over_probability")


def held_against(predictions: pd.DataFrame, models: pd.DataFrame, line: float) -> pd.DataFrame:
    """The predictions with this line in the place of the stored one, at -110 both ways. NaN or None where unknown.

    predictions: rows of player_prop_predictions. models: rows of prop_model of the same days.
    """
    over, push = _probabilities(predictions, models, line)
    advice = recommend(line, over, np.nan, np.nan, np.nan_to_num(push))
    return predictions.assign(
        line=line,
        line_source="asked",
        **dict.fromkeys(_OF_THE_STORED_LINE),
        over_probability=over,
        push_probability=push,
        edge=predictions["predicted_value"] - line,
        recommendation=advice.recommendation,
        expected_value=advice.expected_value,
        price_american=advice.price_american,
        has_price=False,
    )


def _probabilities(predictions: pd.DataFrame, models: pd.DataFrame, line: float) -> tuple[np.ndarray, np.ndarray]:
    """P(more than the line, given that it is not hit exactly) and P(hit exactly); NaN without a distribution."""
    rows = predictions.reset_index(drop=True).merge(models[[*_SERVED_BY, "calibration"]], on=_SERVED_BY, how="left")
    over, push = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for text, served in rows[rows["root_spread"].notna()].groupby("calibration"):
        fitted = Calibration.from_json(str(text)).distribution
        if fitted is not None:
            cumulative = fitted.cumulative_at(
                served["predicted_value"].to_numpy(dtype="float64"), served["root_spread"].to_numpy(dtype="float64")
            )
            over[served.index], push[served.index] = line_probabilities(cumulative, np.full(len(served), line))
    return over, push
