"""nba_predictions.player_prop_predictions: the systems' answers with a distribution and, where quoted, a line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from nba_assets.markets import MARKETS, Market
from nba_assets.models import calibration, distribution, registry, together
from nba_assets.models.calibration import Calibration
from nba_assets.models.odds import recommend
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import ENSEMBLE, LIGHTGBM, NETWORK, SYSTEMS, TRAINED, UNTRAINED
from nba_assets.tables.arrow import arrow_schema
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
_LINE = ("line", "bookmakers", "over_price_american", "under_price_american", "fair_over_probability")
_SCHEMA = arrow_schema(PLAYER_PROP_PREDICTIONS)
_CARRIED_SCHEMA = pa.schema([_SCHEMA.field(name) for name in (*_CARRIED, *_LINE, "model_id")])
_SILENCE = pa.schema([*(_SCHEMA.field(name) for name in PLAYER_PROP_PREDICTIONS.key), ("reason", pa.string())])


def of_all_markets(
    features: pd.DataFrame,
    untrained: pd.DataFrame,
    models: pd.DataFrame,
    lines: pd.DataFrame,
    models_folder: Path,
    created_at: datetime,
) -> Iterator[tuple[Market, pa.Table, pa.Table]]:
    """Each market with what `combine` gives of its rows, on all cores."""

    def of_market(market: Market) -> tuple[Market, pa.Table, pa.Table]:
        said, served, quoted = (of_all[of_all["market"] == market.name] for of_all in (untrained, models, lines))
        return market, *combine(
            features, said, served, quoted, of_networks[market.name], market, models_folder, created_at
        )

    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        of_networks = together.of_markets(features, models, models_folder, pool)
        yield from pool.map(of_market, MARKETS)


def combine(
    features: pd.DataFrame,
    untrained: pd.DataFrame,
    models: pd.DataFrame,
    lines: pd.DataFrame,
    of_network: np.ndarray,
    market: Market,
    models_folder: Path,
    created_at: datetime,
) -> tuple[pa.Table, pa.Table]:
    """Rows of player_prop_predictions for a market, and the keys for which a system was silent, with the reason.

    features: the days' rows of ml_feature_store_v2. untrained, models, lines: the market's rows of untrained_forecasts
    and prop_model of the same days, and of `consensus_lines`. of_network: what the network says of each row of
    features.
    """
    key = list(ML_FEATURE_STORE_V2.key)
    beside = features[key].merge(untrained.drop(columns="market"), on=key, how="left", validate="one_to_one")
    beside = beside.merge(lines[["game_date", "player_id", *_LINE]], on=["game_date", "player_id"], how="left")
    # Those that serve are told apart by number: a calibration is a long text, of which each row would have one.
    models = models.assign(serving=models.groupby(["model_id", "calibration"], dropna=False).ngroup())
    beside = beside.merge(
        models[[*together.SERVED_BY, "serving", "model_id", "reason"]], on=together.SERVED_BY, how="left"
    )
    beside[NETWORK] = of_network
    said: dict[str, dict[str, np.ndarray]] = {
        system: {name: np.full(len(beside), np.nan) for name in _COLUMNS} for system in SYSTEMS
    }
    for number, served in beside.groupby("serving", dropna=False):
        model, calibrated = _serving(models[models["serving"] == number], models_folder)
        for _, part in served.groupby(together.chunks(served["game_date"])):
            # The many features are put beside so many rows at a time: whole, every market would have a copy of all.
            chunk = _side_by_side(features.iloc[part.index], part.drop(columns=key))
            for system, answers in _answers(chunk, model, calibrated, market).items():
                for name, values in answers.items():
                    said[system][name][part.index] = values
    kept = _side_by_side(features[[*_CARRIED]], beside[[*_LINE, "model_id"]])
    carried = pa.Table.from_pandas(kept, schema=_CARRIED_SCHEMA, preserve_index=False)
    carried = carried.append_column("market", pa.repeat(market.name, len(beside)))
    carried = carried.append_column("created_at", pa.repeat(pa.scalar(created_at, pa.timestamp("us")), len(beside)))
    spoken, silent = [], []
    for system, answers in said.items():
        is_silent = np.isnan(answers["predicted_value"])
        at, unsaid = np.flatnonzero(~is_silent), np.flatnonzero(is_silent)
        spoken.append(_spoken(system, carried.take(at), {name: values[at] for name, values in answers.items()}))
        silent.append(_silent(system, carried.take(unsaid), _silence(beside.iloc[unsaid], system)))
    return pa.concat_tables(spoken), pa.concat_tables(silent)


def _side_by_side(*frames: pd.DataFrame) -> pd.DataFrame:
    """Frames of the same rows, whatever their indexes are, as one."""
    return pd.concat([frame.reset_index(drop=True) for frame in frames], axis=1)


def _spoken(system: str, carried: pa.Table, answers: Mapping[str, np.ndarray]) -> pa.Table:
    """What the system says, with the recommendation that follows; NaN is NULL."""
    line, over_price, under_price = (
        carried[name].to_numpy().astype("float64") for name in ("line", "over_price_american", "under_price_american")
    )
    advice = recommend(
        line, answers["over_probability"], over_price, under_price, np.nan_to_num(answers["push_probability"])
    )
    told = {
        **answers,
        "edge": answers["predicted_value"] - line,
        "recommendation": advice.recommendation,
        "expected_value": advice.expected_value,
        "price_american": advice.price_american,
        "line_source": np.where(np.isnan(line), "none", "bookmaker"),
    }
    columns = {name: carried[name] for name in carried.column_names}
    columns |= {name: pa.array(values, from_pandas=True) for name, values in told.items()}
    columns["has_price"] = pa.array(advice.has_price, mask=np.isnan(advice.price_american))
    columns["system_id"] = pa.repeat(system, len(carried))
    if system in UNTRAINED:
        columns["model_id"] = pa.nulls(len(carried))
    return pa.table([columns[field.name].cast(field.type) for field in _SCHEMA], schema=_SCHEMA)


def _silent(system: str, carried: pa.Table, reasons: Any) -> pa.Table:
    columns = [
        pa.repeat(system, len(carried)) if name == "system_id" else carried[name] for name in _SILENCE.names[:-1]
    ]
    return pa.table([*columns, pa.array(reasons, pa.string())], schema=_SILENCE)


def _serving(rows: pd.DataFrame, models_folder: Path) -> tuple[TrainedModel | None, Calibration]:
    """The model and the calibration of these rows of prop_model, which have the same; neither without any row."""
    if rows.empty:
        return None, Calibration()
    row, model = rows.iloc[0], None
    if pd.notna(row["model_id"]):
        model = TrainedModel.from_text(registry.load(models_folder, row["model_id"], row["file_sha256"]))
    return model, Calibration.from_json(row["calibration"]) if pd.notna(row["calibration"]) else Calibration()


_QUANTILES = tuple(f"p{level}" for level in distribution.QUANTILES)
_COLUMNS = ("predicted_value", *_QUANTILES, "root_spread", "over_probability", "push_probability", "confidence_score")


def _answers(
    rows: pd.DataFrame, model: TrainedModel | None, learned: Calibration, market: Market
) -> dict[str, dict[str, np.ndarray]]:
    """System -> its answer for each row, NaN where it is silent or nothing is known of how it errs."""
    values = {system: rows[system].to_numpy(dtype="float64") for system in (*UNTRAINED, NETWORK)}
    values[LIGHTGBM] = np.full(len(rows), np.nan) if model is None else learned.trees(model.trees(rows))
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
