"""nba_predictions.player_prop_predictions: the systems' answers with a distribution and, where quoted, a line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models import calibration, distribution, registry
from nba_assets.models.calibration import Calibration
from nba_assets.models.odds import recommend
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import ENSEMBLE, LIGHTGBM, NETWORK, SYSTEMS, TRAINED, UNTRAINED
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS

_CARRIED = (
    *ML_FEATURE_STORE_V2.key,
    "game_id",
    "player_name",
    "player_lookup",
    "team_id",
    "opponent_team_id",
    "feature_quality_score",
)
_SERVED_BY = ["game_date", "information_set"]
_LINE = ("line", "bookmakers", "over_price_american", "under_price_american", "fair_over_probability")
_CHUNK = 20_000
"""Rows whose distributions are held in memory at once."""


def combine(
    features: pd.DataFrame,
    untrained: pd.DataFrame,
    models: pd.DataFrame,
    lines: pd.DataFrame,
    market: Market,
    models_folder: Path,
    created_at: datetime,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of player_prop_predictions for a market, and the keys for which a system was silent, with the reason.

    features: the days' rows of ml_feature_store_v2. untrained, models, lines: the market's rows of untrained_forecasts
    and prop_model of the same days, and of `consensus_lines`.
    """
    key = list(ML_FEATURE_STORE_V2.key)
    rows = features.merge(untrained.drop(columns="market"), on=key, how="left", validate="one_to_one")
    rows = rows.merge(lines[["game_date", "player_id", *_LINE]], on=["game_date", "player_id"], how="left")
    rows = rows.merge(
        models[[*_SERVED_BY, "model_id", "file_sha256", "calibration", "reason"]], on=_SERVED_BY, how="left"
    )
    rows = rows.reset_index(drop=True)
    said: dict[str, dict[str, np.ndarray]] = {
        system: {name: np.full(len(rows), np.nan) for name in _COLUMNS} for system in SYSTEMS
    }
    for _, served in rows.groupby(["model_id", "calibration"], dropna=False):
        model, calibrated = _served_by(served.iloc[0], models_folder)
        for first in range(0, len(served), _CHUNK):
            chunk = served.iloc[first : first + _CHUNK]
            for system, answers in _answers(chunk, model, calibrated, market).items():
                for name, values in answers.items():
                    said[system][name][chunk.index] = values
    carried = rows[[*_CARRIED, *_LINE]].assign(market=market.name, created_at=created_at)
    spoken, silent = [], []
    for system, answers in said.items():
        is_spoken = ~np.isnan(answers["predicted_value"])
        has_model = system not in UNTRAINED
        mine = carried.assign(system_id=system, model_id=rows["model_id"] if has_model else None, **answers)
        spoken.append(mine[is_spoken])
        silent.append(mine[~is_spoken].assign(reason=_silence(rows[~is_spoken], system)))
    predicted = _with_recommendation(pd.concat(spoken, ignore_index=True))
    unsaid = pd.concat(silent, ignore_index=True)[[*PLAYER_PROP_PREDICTIONS.key, "reason"]]
    return predicted[list(PLAYER_PROP_PREDICTIONS.column_names)], unsaid


def _served_by(row: pd.Series, models_folder: Path) -> tuple[TrainedModel | None, Calibration]:
    model = None
    if pd.notna(row["model_id"]):
        model = TrainedModel.from_text(registry.load(models_folder, row["model_id"], row["file_sha256"]))
    return model, Calibration.from_json(row["calibration"]) if pd.notna(row["calibration"]) else Calibration()


_QUANTILES = tuple(f"p{level}" for level in distribution.QUANTILES)
_COLUMNS = ("predicted_value", *_QUANTILES, "root_spread", "over_probability", "push_probability", "confidence_score")


def _answers(
    rows: pd.DataFrame, model: TrainedModel | None, learned: Calibration, market: Market
) -> dict[str, dict[str, np.ndarray]]:
    """System -> its answer for each row, NaN where it is silent or nothing is known of how it errs."""
    values = {system: rows[system].to_numpy(dtype="float64") for system in UNTRAINED}
    values |= {system: np.full(len(rows), np.nan) for system in TRAINED}
    if model is not None:
        trees, values[NETWORK] = model.predict(rows)
        values[LIGHTGBM] = learned.trees(trees)
    mixed = {**values, ENSEMBLE: learned.ensemble(values)}
    return {system: _with_distribution(rows, value, values, learned, system, market) for system, value in mixed.items()}


def _with_distribution(
    rows: pd.DataFrame,
    predicted: np.ndarray,
    values: Mapping[str, np.ndarray],
    learned: Calibration,
    system: str,
    market: Market,
) -> dict[str, np.ndarray]:
    answer: dict[str, np.ndarray] = {"predicted_value": predicted}
    fitted, width = learned.distribution, learned.widths.get(system, 1.0)
    if fitted is None:
        return answer
    is_silent = np.isnan(predicted)
    predicted = np.nan_to_num(predicted)
    inputs = calibration.spread_inputs(rows, predicted, values, market)
    cumulative = fitted.cumulative(predicted, inputs, width)
    for level, name in zip(distribution.QUANTILES, _QUANTILES, strict=True):
        answer[name] = distribution.quantile(cumulative, learned.level(name, level / 100, rows))
    over, push = distribution.line_probabilities(cumulative, rows["line"].to_numpy(dtype="float64"))
    near = market.deviation
    confidence = distribution.at_most(cumulative, predicted + near) - distribution.below(cumulative, predicted - near)
    answer |= {
        "root_spread": fitted.root_spread(inputs) * width,
        "over_probability": over,
        "push_probability": push,
        "confidence_score": confidence,
    }
    return {name: np.where(is_silent, np.nan, found) for name, found in answer.items()}


def _silence(rows: pd.DataFrame, system: str) -> Any:
    """Why the system has no answer for these rows."""
    if system in UNTRAINED:
        return rows[f"{system}_reason"].fillna("no row in untrained_forecasts")
    no_model = rows["reason"].fillna("no row in prop_model")
    if system in TRAINED:
        return no_model
    given = [rows[f"{s}_reason"].fillna("no row in untrained_forecasts") for s in UNTRAINED]
    told = [", ".join(dict.fromkeys(of_row)) for of_row in zip(*given, no_model, strict=True)]
    return [f"no system spoke: {reasons}" for reasons in told]


def _with_recommendation(rows: pd.DataFrame) -> pd.DataFrame:
    line, over, over_price, under_price, push = (
        rows[name].to_numpy(dtype="float64")
        for name in ("line", "over_probability", "over_price_american", "under_price_american", "push_probability")
    )
    advice = recommend(line, over, over_price, under_price, np.nan_to_num(push))
    return rows.assign(
        edge=rows["predicted_value"] - line,
        recommendation=advice.recommendation,
        expected_value=advice.expected_value,
        price_american=advice.price_american,
        has_price=pd.Series(advice.has_price, dtype=object).mask(np.isnan(advice.price_american), None),
        line_source=np.where(np.isnan(line), "none", "bookmaker"),
    )
