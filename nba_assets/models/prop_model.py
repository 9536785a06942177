"""nba_predictions.prop_model: for each game day and market, the model that serves it, trained if it has to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models import registry
from nba_assets.models.training import cutoff_of, train
from nba_assets.tables.predictions import FEATURES


def training_rows(ml_feature_store_v2: ir.Table, player_game_summary: ir.Table, market: Market) -> ir.Table:
    """One row per player-day that was played: the features as they were before the game, and what happened."""
    happened = player_game_summary.select("game_id", "player_id", actual=player_game_summary[market.statistic])
    rows = ml_feature_store_v2.join(happened, ["game_id", "player_id"])
    return rows.select("game_date", "player_id", "season_year", *FEATURES, "actual")


def serve(
    game_days: Iterable[date], frame: pd.DataFrame, market: Market, models_folder: Path
) -> list[dict[str, object]]:
    """Rows of prop_model for these game days: one training per cut-off among them.

    frame: `training_rows`, with days as far back as `training.training_start` of the earliest cut-off.
    """
    by_cutoff: dict[date, dict[str, object]] = {}
    rows = []
    for day in sorted(game_days):
        cutoff = cutoff_of(day)
        if cutoff not in by_cutoff:
            by_cutoff[cutoff] = _trained_row(frame, market, cutoff, models_folder)
        rows.append({"game_date": day, **by_cutoff[cutoff]})
    return rows


def _trained_row(frame: pd.DataFrame, market: Market, cutoff: date, models_folder: Path) -> dict[str, object]:
    trained = train(frame, market, cutoff)
    model_id = digest = None
    if trained.booster is not None:
        model_id, digest = registry.save(models_folder, market.name, cutoff, trained.booster)
    intercept, slope = trained.spread or (None, None)
    return {
        "market": market.name,
        "model_id": model_id,
        "training_cutoff": cutoff,
        "training_first_day": trained.first_day,
        "training_last_day": trained.last_day,
        "training_rows": trained.rows,
        "validation_rows": trained.validation_rows,
        "validation_mae": trained.validation_mae,
        "validation_mae_last_10": trained.validation_mae_last_10,
        "spread_intercept": intercept,
        "spread_slope": slope,
        "file_sha256": digest,
        "reason": trained.reason,
    }
