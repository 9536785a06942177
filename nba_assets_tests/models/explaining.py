"""A small trained model over real features, and a home in which it serves a day of hand-made players."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from nba_assets.days import DayRange
from nba_assets.models import network_training, registry, regression
from nba_assets.models.calibration import Calibration
from nba_assets.models.matrix import training_matrix
from nba_assets.models.trained_model import TrainedModel
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.factories import DAY, rows
from nba_assets_tests.models.learning import sides
from nba_assets_tests.report.made import forecast

NAMES = ("points_avg_last_10", "minutes_if_active", "is_home", "opponent_points_allowed_avg_last_15")
USUAL = {"points_avg_last_10": 12.0, "minutes_if_active": 20.0, "opponent_points_allowed_avg_last_15": 110.0}
"""A player's usual night; his home game or not is no part of it."""
NIGHTS: dict[int, dict[str, Any]] = {
    1: {**USUAL, "minutes_if_active": 36.0, "is_home": True},
    2: {**USUAL, "minutes_if_active": 8.0, "is_home": False},
    3: {"is_home": True},
}
"""Player -> tonight: one plays more than usual, one less, and of one nothing is known."""
MODEL_MARKET = "points"


def inputs(count: int = 3_000, seed: int = 5) -> np.ndarray:
    """Feature rows in the order of NAMES, some of them unknown."""
    dice = np.random.default_rng(seed)
    matrix = np.column_stack(
        [
            dice.uniform(2, 30, count),
            dice.uniform(5, 40, count),
            dice.integers(0, 2, count).astype("float64"),
            dice.normal(110, 4, count),
        ]
    )
    matrix[dice.random(matrix.shape) < 0.05] = np.nan
    return matrix


def trained(driver: str = "minutes_if_active", slope: float = 0.5) -> TrainedModel:
    """A model of results that follow one feature alone and fall with it if the slope is below 0."""
    matrix = inputs()
    drives = np.nan_to_num(matrix[:, NAMES.index(driver)], nan=np.nanmean(matrix[:, NAMES.index(driver)]))
    mean = np.maximum(slope * drives + (0 if slope > 0 else -slope * drives.max()), 0.0)
    actual = np.random.default_rng(6).poisson(mean).astype("float64")
    given = training_matrix(matrix, np.ones(len(matrix)), NAMES)
    with mock.patch.multiple(network_training, MEMBERS=2, EPOCHS=20):
        learned = network_training.fit(given, actual[:, None], sides(len(actual)), (f"actual_{MODEL_MARKET}",))
    return TrainedModel(regression.fit(given, regression.binned(given), actual, NAMES), learned)


def home_of(folder: Path, model: TrainedModel | None, line: float | None = None) -> Path:
    """A home with the players of NIGHTS on DAY, and before it two usual nights of the first two of them."""
    digest = model_id = None
    if model is not None:
        model_id, digest = registry.save(folder / "models", f"{MODEL_MARKET}-pregame-{DAY}", model.to_text())
    usual = [_night(DAY - timedelta(days=n), player, USUAL) for n in (1, 3) for player in (1, 2)]
    served = {"game_date": DAY, "model_id": model_id, "file_sha256": digest, "training_cutoff": DAY}
    served |= {"training_last_day": DAY - timedelta(days=1)} if model else {}
    served |= {"calibration": Calibration(share_of_squares=0.25).to_json()}
    said = [
        forecast(DAY, player, 20.0 - player, system_id=system, line=line, over_probability=line and 0.6)
        for player in NIGHTS
        for system in ("ensemble", "lightgbm")
    ]
    prediction_columns = TABLES["player_prop_predictions"].column_names
    given = {
        "ml_feature_store_v2": [*usual, *(_night(DAY, player, night) for player, night in NIGHTS.items())],
        "prop_model": [{**served, "reason": None if model else "12 player-days; at least 2000 are needed"}],
        "player_prop_predictions": [{c: row[c] for c in prediction_columns if c in row} for row in said],
    }
    with DuckDBWarehouse(folder / "warehouse.duckdb").session() as session:
        for name, records in given.items():
            first = min(record["game_date"] for record in records)
            delivered = session.attach(f"given_{name}", rows(name, records))
            session.replace_days(TABLES[name], DayRange(first, DAY), delivered)
    return folder


def _night(day: date, player: int, known: Mapping[str, Any]) -> dict[str, Any]:
    return {"game_date": day, "player_id": player, "player_name": f"Player {player}", **known}
