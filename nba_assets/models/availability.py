"""nba_precompute.player_availability: how likely each player of the wide roster is to play, learnt from rosters before.

Walk-forward like the prop models: a day is served by the model of its cut-off, which has seen days before that only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from nba_assets.days import DayRange
from nba_assets.models import attendance, registry
from nba_assets.models.cutoffs import cutoff_of
from nba_assets.models.training import MINIMUM_ROWS, training_start
from nba_assets.tables.lineups import PLAYER_AVAILABILITY
from nba_assets.transforms.as_of import is_before_cutoff

FEATURES = (
    "games_missed",
    "appearances_last_5",
    "appearances_last_10",
    "minutes_last_10_total",
    "minutes_previous_team_game",
    "minutes_ewma_2",
    "minutes_ewma_12",
    "days_since_last_game",
    "team_rest_days",
    "games_played_season",
    "expected_minutes",
    "points_per_minute",
    "usage_per_minute",
    "spread",
    "market_margin_surprise",
    "market_margin_surprise_recent",
    "implied_points_surprise",
    "implied_points_surprise_recent",
    "team_games_played_season",
    *attendance.FEATURES,
    "is_reported_out",
    "is_reported_back",
)
"""The model's inputs: columns of upcoming_roster, and what `attendance` finds in its rows."""
_REPORTS = ["is_reported_out", "is_reported_back"]
_NAME = "availability"
_PREVIOUS_SEASONS = 3
ROUNDS = 150
PARAMETERS: dict[str, object] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 24,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.6,
    "max_bin": 63,
    "lambda_l2": 5.0,
    "seed": 20191022,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
MODEL_COLUMNS = ("model_id", "training_cutoff", "training_last_day", "file_sha256", "training_fingerprint")
"""Columns of player_availability that describe the model; the same for every row of a cut-off."""


def serve(
    roster: pd.DataFrame, days: DayRange, models_folder: Path, known: Iterable[Mapping[str, Any]] = ()
) -> pd.DataFrame:
    """Rows of player_availability for the roster's rows of these days.

    roster: rows of upcoming_roster up to the last of the days, and as far back as `training_start` of the earliest
        cut-off. Models see those before their cut-off of which it is known who appeared; a day's row is told of who
        appeared on days before it.
    known: models named before (rows with the columns of the record that describe the model); one that was trained on
        the very same is not trained again if its file is intact.
    """
    trained = {(row["training_cutoff"], row["training_fingerprint"]): row for row in known}
    tonight = roster["game_date"].between(days.first, days.last)
    cutoffs = {day: cutoff_of(day) for day in roster.loc[tonight, "game_date"].unique()}
    starts = {cutoff: training_start(cutoff, _PREVIOUS_SEASONS) for cutoff in sorted(set(cutoffs.values()))}
    # A row sees what the training rows of its own model see, whatever else was read.
    dates, day_after = pd.to_datetime(roster["game_date"]), days.last + timedelta(days=1)
    since = {
        start: attendance.with_attendance(roster[is_before_cutoff(dates, start, day_after)])
        for start in set(starts.values())
    }

    def model_of(cutoff: date) -> Mapping[str, Any]:
        usable = _usable(since[starts[cutoff]], cutoff)
        fingerprint = _fingerprint(usable)
        model = trained.get((cutoff, fingerprint))
        if model is None or not registry.has_file(models_folder, model):
            return _trained(usable, cutoff, fingerprint, models_folder)
        return model

    # One thread for each training: threads that share one wait for each other at every leaf.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        models = pool.map(model_of, starts)
    served = []
    for (cutoff, start), model in zip(starts.items(), models, strict=True):
        rows = since[start][since[start]["game_date"].map(cutoffs) == cutoff]
        described = {name: model[name] for name in MODEL_COLUMNS}
        served.append(
            rows[["game_date", "player_id", "game_id", "team_id"]].assign(
                active_probability=_probability(rows, model, models_folder), **described
            )
        )
    columns = list(PLAYER_AVAILABILITY.column_names)
    return pd.concat(served, ignore_index=True)[columns] if served else pd.DataFrame(columns=columns)


def _usable(history: pd.DataFrame, cutoff: date) -> pd.DataFrame:
    """The rows that a model with this cut-off may see, in an order that does not depend on the frame's."""
    days = pd.to_datetime(history["game_date"])
    is_seen = is_before_cutoff(days, training_start(cutoff, _PREVIOUS_SEASONS), cutoff)
    is_known = is_seen & history["has_appeared"].notna()
    usable = history.loc[is_known, ["game_date", "player_id", *FEATURES, "has_appeared"]]
    numbers = usable.astype(dict.fromkeys((*FEATURES, "has_appeared"), "float64"))
    return numbers.sort_values(["game_date", "player_id"], kind="stable", ignore_index=True)


def _fingerprint(usable: pd.DataFrame) -> str:
    """What a training depends on, as one hash: its rows, the parameters and the library's release."""
    dated = usable.assign(game_date=pd.to_datetime(usable["game_date"]))
    digest = hashlib.sha256(pd.util.hash_pandas_object(dated, index=False).to_numpy().tobytes())
    digest.update(f"{sorted(PARAMETERS.items())!r} {ROUNDS} {lgb.__version__} {','.join(FEATURES)}".encode())
    return digest.hexdigest()


def _trained(usable: pd.DataFrame, cutoff: date, fingerprint: str, models_folder: Path) -> dict[str, Any]:
    """The model's columns of the record; without a model if there are too few rows to train on."""
    model_id = digest = last_day = None
    if len(usable) >= MINIMUM_ROWS:
        # Each row once more as if nobody had been reported, so that days without reports are served by the same model.
        rows = pd.concat([usable, usable.assign(**dict.fromkeys(_REPORTS, np.nan))], ignore_index=True)
        data = lgb.Dataset(_matrix(rows), rows["has_appeared"].to_numpy(), feature_name=list(FEATURES))
        booster = lgb.train(PARAMETERS, data, num_boost_round=ROUNDS)
        text = booster.model_to_string(num_iteration=-1)
        model_id, digest = registry.save(models_folder, f"{_NAME}-{cutoff}", text)
        last_day = usable["game_date"].iloc[-1]
    return dict(zip(MODEL_COLUMNS, (model_id, cutoff, last_day, digest, fingerprint), strict=True))


def _probability(rows: pd.DataFrame, model: Mapping[str, Any], models_folder: Path) -> np.ndarray:
    """How likely each is to appear; without a model as often as he did, or not if reported out. Shape (rows,)."""
    if model["model_id"] is None:
        share = rows["appearances_last_10"] / rows["team_games_last_10"]
        return share.where(rows["is_reported_out"].astype("float64") != 1, 0.0).to_numpy(dtype="float64")
    booster = lgb.Booster(model_str=registry.load(models_folder, model["model_id"], model["file_sha256"]))
    return np.asarray(booster.predict(_matrix(rows)))


def _matrix(rows: pd.DataFrame) -> np.ndarray:
    """The features as 64-bit floats in their declared order, NULL as NaN. Shape (rows, len(FEATURES))."""
    return rows[list(FEATURES)].astype("float64").to_numpy()
