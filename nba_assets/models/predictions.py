"""nba_predictions.player_prop_predictions: the systems' answers with a distribution and, where quoted, a line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models.distribution import QUANTILES, over_probability, quantiles, standard_deviation
from nba_assets.models.systems import ensemble, lightgbm
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS

MINIMUM_EDGE_PROBABILITY = 0.55
"""OVER or UNDER is recommended from this probability on; 52.4 % breaks even at -110."""
_KEYS = ["game_date", "player_id", "market", "system_id"]


def combine(
    set_based: pd.DataFrame,
    features: pd.DataFrame,
    models: pd.DataFrame,
    lines: pd.DataFrame,
    market: Market,
    models_folder: Path,
    created_at: datetime,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of player_prop_predictions for a market, and the keys for which a system was silent, with the reason.

    set_based: answers of moving_average, zone_matchup and similarity. features, models: the days' rows of
    ml_feature_store_v2 and prop_model. lines: game_date, player_id, line (one row per player with a line).
    """
    learned = lightgbm.predict(features, models, market, models_folder)
    answers = pd.concat([set_based.assign(model_id=None), learned], ignore_index=True)
    answers = pd.concat([answers, ensemble.predict(answers)], ignore_index=True)
    silent = answers[answers["predicted_value"].isna()][[*_KEYS, "reason"]]
    rows = answers[answers["predicted_value"].notna()].drop(columns="reason")
    carried = ["game_id", "player_name", "player_lookup", "team_id", "opponent_team_id", "information_set"]
    rows = rows.merge(
        features[["game_date", "player_id", *carried, "feature_quality_score"]], on=["game_date", "player_id"]
    )
    rows = rows.merge(lines, on=["game_date", "player_id"], how="left")
    rows = rows.merge(models[["game_date", "spread_intercept", "spread_slope"]], on="game_date", how="left")
    rows = _with_distribution(rows)
    rows = _with_recommendation(rows)
    rows["created_at"] = created_at
    return rows[list(PLAYER_PROP_PREDICTIONS.column_names)], silent


def _with_distribution(rows: pd.DataFrame) -> pd.DataFrame:
    predicted = rows["predicted_value"].to_numpy(dtype="float64")
    deviation = standard_deviation(
        predicted,
        rows["spread_intercept"].to_numpy(dtype="float64"),
        rows["spread_slope"].to_numpy(dtype="float64"),
    )
    by_level = quantiles(predicted, deviation)
    line = rows["line"].to_numpy(dtype="float64")
    return rows.assign(
        **{f"p{level}": by_level[level] for level in QUANTILES},
        over_probability=over_probability(predicted, deviation, line),
        edge=predicted - line,
    )


def _with_recommendation(rows: pd.DataFrame) -> pd.DataFrame:
    has_line = rows["line"].notna()
    over = rows["over_probability"]
    recommendation = np.select(
        [~has_line, over >= MINIMUM_EDGE_PROBABILITY, over <= 1 - MINIMUM_EDGE_PROBABILITY],
        ["NO_LINE", "OVER", "UNDER"],
        default="PASS",
    )
    return rows.assign(recommendation=recommendation, line_source=np.where(has_line, "bookmaker", "none"))
