"""Training rows, counts and small models for tests of what is learned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.days import season_year_of
from nba_assets.markets import MARKETS, Market
from nba_assets.models import network_training, regression, training
from nba_assets.models.company import Sides
from nba_assets.models.features import MODEL_FEATURES, linear_features
from nba_assets.models.matrix import training_matrix
from nba_assets.models.network import Network
from nba_assets.models.regression import Regression
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import UNTRAINED
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.predictions.training_rows import BESIDE_MARKETS

CUTOFF = date(2022, 2, 1)
PLAYERS = 30
POINTS = MARKETS[0]


def few_rounds(monkeypatch, rounds: int = 15) -> None:
    """For tests that do not need a good model."""
    monkeypatch.setattr(regression, "ROUNDS", rounds)
    faster = {"num_threads": 1, "min_data_in_leaf": 50, "feature_fraction": 0.5}
    monkeypatch.setattr(regression, "PARAMETERS", {**regression.PARAMETERS, **faster})


def training_frame(last_day: date = CUTOFF - timedelta(days=1), days: int = 100, seed: int = 3) -> pd.DataFrame:
    """Rows as `transforms/predictions/training_rows.py` gives them: 30 players on each of so many days up to last_day.

    In each market what happens is a count around the player's season's mean, which the untrained systems miss by some
    noise of their own; the other features are noise or unknown.
    """
    rng = np.random.default_rng(seed)
    count = days * PLAYERS
    frame = pd.DataFrame(rng.normal(0, 1, (count, len(FEATURES))), columns=list(FEATURES))
    frame["spread"] = np.nan
    frame["games_played_season"] = 20
    frame["team_games_played_season"] = 20
    frame["minutes_std_last_10"] = rng.uniform(1, 10, count)
    frame["projected_minutes"] = rng.uniform(4, 38, count)
    frame["is_home"] = rng.random(count) < 0.5
    minutes = np.clip(frame["projected_minutes"] + rng.normal(0, 5, count), 0, 48)
    for statistic in BESIDE_MARKETS:
        frame[f"actual_{statistic}"] = minutes if statistic == "minutes" else rng.poisson(minutes / 10)
    for market in MARKETS:
        mean = rng.uniform(0.3, 5, count) * market.deviation
        frame[f"{market.statistic}_avg_season"] = mean
        frame[f"{market.statistic}_avg_last_10"] = mean + rng.normal(0, market.deviation / 3, count)
        frame[f"actual_{market.name}"] = counts(rng, mean)
        for system in UNTRAINED:
            frame[f"{system}_{market.name}"] = np.maximum(mean + rng.normal(0, market.deviation / 2, count), 0)
    played = [last_day - timedelta(days=days - 1 - n) for n in range(days)]
    identity = {
        "game_date": pd.to_datetime(np.repeat(np.array(played, dtype=object), PLAYERS)),
        "player_id": np.tile(np.arange(1, PLAYERS + 1), days),
    }
    identity |= identified(count)
    identity["season_year"] = [season_year_of(day.date()) for day in identity["game_date"]]
    return pd.concat([pd.DataFrame(identity), frame], axis=1)


def identified(rows: int) -> dict[str, list[Any]]:
    """Games and teams: ten rows in a row are a game, five of them a team."""
    return {
        "game_id": [f"{n // 10:010d}" for n in range(rows)],
        "team_id": [1610612737 + n // 5 % 2 for n in range(rows)],
    }


def sides(rows: int) -> Sides:
    """The same as numbers."""
    return Sides.of(pd.DataFrame(identified(rows)))


def counts(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Negative-binomial counts with these means: wider than Poisson's, as a player's games are."""
    size = 3 + mean
    return rng.negative_binomial(size, size / (size + mean)).astype("float64")


def calibration_features(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """What a calibration reads of feature rows."""
    return pd.DataFrame(
        {
            "minutes_std_last_10": rng.uniform(1, 10, rows),
            "games_played_season": rng.integers(0, 60, rows),
            "team_games_played_season": rng.integers(0, 82, rows),
            "projected_minutes": rng.uniform(2, 38, rows),
        }
    )


def small_network(market: Market = POINTS, seed: int = 1) -> Network:
    """A network of one market, trained on 600 rows in which its features are noise."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0, 1, (600, len(MODEL_FEATURES)))
    given = training_matrix(inputs, np.ones(600), MODEL_FEATURES)
    return network_training.fit(given, rng.poisson(9.0, (600, 1)), sides(600), (f"actual_{market.name}",))


def small_model(market: Market = POINTS, seed: int = 1) -> TrainedModel:
    """A model of the real features, trained on 600 rows in which they are noise."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0, 1, (600, len(MODEL_FEATURES)))
    actual = counts(rng, np.full(600, 9.0) + 2 * (inputs[:, 0] > 0))
    given = training_matrix(inputs, np.ones(600), MODEL_FEATURES)
    fitted = regression.fit(given, regression.binned(given), actual, linear_features(market))
    return TrainedModel(fitted, small_network(market, seed))


def train(frame: pd.DataFrame, market: Market, cutoff: date) -> training.Trained:
    """The training of these rows."""
    seen = training.look_back(frame, cutoff)
    return training.train(seen, training.binned(seen), market)


def trained(frame: pd.DataFrame, market: Market = POINTS, cutoff: date = CUTOFF) -> Regression:
    """The model of these rows; there must be enough of them."""
    model = train(frame, market, cutoff).model
    assert model is not None
    return model
