"""nba_predictions.prop_model: for each game day and market, the model that serves it, trained if it has to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models import registry, training
from nba_assets.tables.predictions import FEATURES


def training_rows(ml_feature_store_v2: ir.Table, player_game_summary: ir.Table, market: Market) -> ir.Table:
    """One row per player-day that was played: the features as they were before the game, and what happened."""
    happened = player_game_summary.select("game_id", "player_id", actual=player_game_summary[market.statistic])
    rows = ml_feature_store_v2.join(happened, ["game_id", "player_id"])
    return rows.select("game_date", "player_id", "season_year", *FEATURES, "actual")


def serve(
    game_days: Iterable[date],
    frame: pd.DataFrame,
    market: Market,
    models_folder: Path,
    known: Iterable[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Rows of prop_model for these game days: one training per cut-off among them.

    frame: `training_rows`, with days as far back as `training.training_start` of the earliest cut-off.
    known: rows of prop_model that were written before; a model trained on the very same is not trained again.
    """
    trained = {(row["market"], row["training_cutoff"], row["training_fingerprint"]): row for row in known}
    by_cutoff: dict[date, dict[str, Any]] = {}
    rows = []
    for day in sorted(game_days):
        cutoff = training.cutoff_of(day)
        if cutoff not in by_cutoff:
            fingerprint = training.fingerprint(frame, cutoff)
            row = trained.get((market.name, cutoff, fingerprint))
            if row is None or not _has_file(row, models_folder):
                row = {**_trained_row(frame, market, cutoff, models_folder), "training_fingerprint": fingerprint}
            by_cutoff[cutoff] = row
        rows.append({**by_cutoff[cutoff], "game_date": day})
    return rows


def _has_file(row: dict[str, Any], models_folder: Path) -> bool:
    return row["model_id"] is None or registry.is_intact(models_folder, row["model_id"], row["file_sha256"])


def _trained_row(frame: pd.DataFrame, market: Market, cutoff: date, models_folder: Path) -> dict[str, Any]:
    trained = training.train(frame, market, cutoff)
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
