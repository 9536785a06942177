"""Training rows and small models for tests of what is learned."""

from __future__ import annotations

from datetime import date, timedelta

import lightgbm as lgb
import numpy as np
import pandas as pd

from nba_assets.days import season_year_of
from nba_assets.tables.predictions import FEATURES

CUTOFF = date(2022, 2, 1)
PLAYERS = 30


def training_frame(last_day: date = CUTOFF - timedelta(days=1), days: int = 100, seed: int = 3) -> pd.DataFrame:
    """Rows as `prop_model.training_rows` gives them: 30 players on each of so many days up to last_day.

    What happens is the season's mean of the player plus noise; the other features are noise or unknown.
    """
    rng = np.random.default_rng(seed)
    count = days * PLAYERS
    frame = pd.DataFrame(rng.normal(0, 1, (count, len(FEATURES))), columns=list(FEATURES))
    frame["spread"] = np.nan
    frame["games_played_season"] = 20.0
    frame["points_avg_season"] = rng.uniform(2, 30, count)
    frame["points_avg_last_10"] = frame["points_avg_season"] + rng.normal(0, 2, count)
    frame["actual"] = np.maximum(np.round(frame["points_avg_season"] + rng.normal(0, 5, count)), 0.0)
    played = [last_day - timedelta(days=days - 1 - n) for n in range(days)]
    frame.insert(0, "game_date", np.repeat(np.array(played, dtype=object), PLAYERS))
    frame.insert(1, "player_id", np.tile(np.arange(1, PLAYERS + 1), days))
    frame.insert(2, "season_year", [season_year_of(day) for day in frame["game_date"]])
    return frame


def tiny_booster(level: float = 20.0, seed: int = 1) -> lgb.Booster:
    """A model of a few small trees over the real features."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0, 1, (200, len(FEATURES)))
    data = lgb.Dataset(inputs, level + inputs[:, 0], feature_name=list(FEATURES))
    return lgb.train({"num_leaves": 4, "min_data_in_leaf": 20, "verbosity": -1, "num_threads": 1}, data, 3)
