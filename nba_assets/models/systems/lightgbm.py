"""lightgbm: the trained model that prop_model names for the day; silent where it names none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models import registry
from nba_assets.models.training import predict as predict_with

SYSTEM_ID = "lightgbm"


def predict(features: pd.DataFrame, models: pd.DataFrame, market: Market, folder: Path) -> pd.DataFrame:
    """One row per feature row, in the form that the set-based systems answer in.

    features: rows of ml_feature_store_v2. models: rows of prop_model for the same days and market.
    """
    rows = features.merge(models[["game_date", "model_id", "file_sha256", "reason"]], on="game_date", how="left")
    predicted = np.full(len(rows), np.nan)
    for (model_id, digest), group in rows.groupby(["model_id", "file_sha256"]):
        booster = registry.load(folder, str(model_id), str(digest))
        predicted[group.index] = predict_with(booster, group)
    games = rows["games_played_season"].fillna(0).clip(upper=10) / 10
    silent = np.isnan(predicted)
    return pd.DataFrame(
        {
            "game_date": rows["game_date"],
            "player_id": rows["player_id"],
            "market": market.name,
            "system_id": SYSTEM_ID,
            "predicted_value": predicted,
            "confidence_score": np.where(silent, np.nan, 0.3 + 0.4 * games + 0.2 * rows["feature_quality_score"]),
            "reason": rows["reason"].fillna("no row in prop_model").where(silent, None),
            "model_id": rows["model_id"].where(~silent, None),
        }
    )
