"""Walk-forward training: which rows a model may see, how it is trained, and how good it was on the days before.

The cut-off of a day is the first day of its month; a model is trained on days before its cut-off only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd

from nba_assets.days import FIRST_DAY, season_boundary, season_year_of
from nba_assets.markets import Market
from nba_assets.models.distribution import fit_spread
from nba_assets.tables.predictions import FEATURES
from nba_assets.transforms.as_of import is_among_last_days, is_before_cutoff

MINIMUM_ROWS = 2_000
"""Fewer player-days than this and no model is trained: the means of the other systems are better."""
VALIDATION_DAYS = 28
PREVIOUS_SEASON_WEIGHT = 0.5
ROUNDS = 300
PARAMETERS: dict[str, object] = {
    "objective": "regression_l1",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 150,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 20191022,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Trained:
    """A model and what is to be said of it; `booster` is None if there were too few rows, and `reason` says so."""

    booster: lgb.Booster | None
    rows: int
    first_day: date | None
    last_day: date | None
    validation_rows: int
    validation_mae: float | None
    validation_mae_last_10: float | None
    spread: tuple[float, float] | None
    reason: str | None


def cutoff_of(day: date) -> date:
    """The day from which on the model that serves `day` has seen nothing."""
    return day.replace(day=1)


def training_start(cutoff: date) -> date:
    """First day whose rows a model with this cut-off may see: the start of the season before."""
    return max(season_boundary(season_year_of(cutoff) - 1), FIRST_DAY)


def feature_matrix(frame: pd.DataFrame) -> np.ndarray:
    """The features as 64-bit floats in their declared order, NULL as NaN. Shape (rows, len(FEATURES))."""
    return frame[list(FEATURES)].astype("float64").to_numpy()


def fingerprint(frame: pd.DataFrame, cutoff: date) -> str:
    """What a training with this cut-off depends on, as one hash: its rows, the parameters and the library's release."""
    usable = _usable(frame, cutoff)
    digest = hashlib.sha256(pd.util.hash_pandas_object(usable, index=False).to_numpy().tobytes())
    digest.update(repr((sorted(PARAMETERS.items()), ROUNDS, PREVIOUS_SEASON_WEIGHT, VALIDATION_DAYS)).encode())
    digest.update(f"{lgb.__version__} {','.join(usable.columns)}".encode())
    return digest.hexdigest()


def train(frame: pd.DataFrame, market: Market, cutoff: date) -> Trained:
    """Train on the rows before the cut-off.

    frame: one row per player-day that was played: game_date, season_year, the features and `actual`. Rows on or after
        the cut-off are ignored, so that one frame serves many cut-offs.
    """
    usable = _usable(frame, cutoff)
    if len(usable) < MINIMUM_ROWS:
        reason = f"{len(usable)} player-days before {cutoff}; at least {MINIMUM_ROWS} are needed"
        return Trained(None, len(usable), None, None, 0, None, None, None, reason)
    days = pd.to_datetime(usable["game_date"])
    held_out = is_among_last_days(days, VALIDATION_DAYS).to_numpy()
    season = season_year_of(cutoff)
    booster = _fit(usable, season)
    validation = usable[held_out]
    if (~held_out).sum() < MINIMUM_ROWS:
        measured: tuple[float | None, float | None, tuple[float, float] | None] = (None, None, None)
    else:
        predicted = predict(_fit(usable[~held_out], season), validation)
        actual = validation["actual"].to_numpy(dtype="float64")
        last_10 = validation[f"{market.statistic}_avg_last_10"].to_numpy(dtype="float64")
        measured = (
            float(np.abs(predicted - actual).mean()),
            float(np.nanmean(np.abs(last_10 - actual))),
            fit_spread(predicted, actual),
        )
    return Trained(
        booster=booster,
        rows=len(usable),
        first_day=days.iloc[0].date(),
        last_day=days.iloc[-1].date(),
        validation_rows=len(validation) if measured[0] is not None else 0,
        validation_mae=measured[0],
        validation_mae_last_10=measured[1],
        spread=measured[2],
        reason=None,
    )


def predict(booster: lgb.Booster, frame: pd.DataFrame) -> np.ndarray:
    """The model's forecast for each feature row, not below 0. Shape (rows,)."""
    return np.maximum(np.asarray(booster.predict(feature_matrix(frame))), 0.0)


def _usable(frame: pd.DataFrame, cutoff: date) -> pd.DataFrame:
    """The rows that a model with this cut-off may see, in an order that does not depend on the frame's."""
    usable = frame[is_before_cutoff(pd.to_datetime(frame["game_date"]), training_start(cutoff), cutoff)]
    return usable.sort_values(["game_date", "player_id"], kind="stable")


def _fit(rows: pd.DataFrame, season: int) -> lgb.Booster:
    weight = np.where(rows["season_year"] == season, 1.0, PREVIOUS_SEASON_WEIGHT)
    data = lgb.Dataset(
        feature_matrix(rows), rows["actual"].to_numpy(dtype="float64"), weight=weight, feature_name=list(FEATURES)
    )
    return lgb.train(PARAMETERS, data, num_boost_round=ROUNDS)
