"""Why the forecasts of a day are what they are, read from the warehouse: the players' nights, their usual ones, and the
models that served the day. How a forecast is taken apart is in `models/explanations.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from nba_assets.days import DayRange, season_boundary, season_year_of
from nba_assets.markets import MARKETS, Market
from nba_assets.tables.features import FEATURES, ML_FEATURE_STORE_V2
from nba_assets.tables.predictions import PROP_MODEL
from nba_assets.warehouse.protocol import Session

if TYPE_CHECKING:
    from nba_assets.models.explanations import Explanation


@dataclass(frozen=True)
class Explained:
    """found: pairs of market and player_id -> the explanation. unexplained: market -> why there is nothing to explain.

    broken: market -> what is wrong with the model's file.
    """

    found: Mapping[tuple[str, int], Explanation] = field(default_factory=dict)
    unexplained: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def explain_day(
    session: Session, models_folder: Path, day: date, information_set: str, players: Mapping[str, Collection[int]]
) -> Explained:
    """Explain what the day's trained models say of these players (market -> player_ids)."""
    from nba_assets.models.registry import ModelFileError

    asked = sorted({player for of_market in players.values() for player in of_market})
    if not asked:
        return Explained()
    rows = session.read(ML_FEATURE_STORE_V2, DayRange(day, day))
    # Of everybody: a forecast rests on who else is expected in the game.
    rows = rows.filter(rows.information_set == information_set)
    features = session.frame(rows).to_pandas().set_index("player_id", drop=False)
    usual = session.frame(_usual_nights(session, day, information_set, asked)).to_pandas().set_index("player_id")
    served = session.read(PROP_MODEL, DayRange(day, day))
    served = served.filter(served.information_set == information_set)
    models = {row["market"]: row for row in session.frame(served).to_pylist()}
    found: dict[tuple[str, int], Explanation] = {}
    unexplained: dict[str, str] = {}
    broken: dict[str, str] = {}
    for market in (m for m in MARKETS if m.name in players):
        try:
            said = _of_market(
                models_folder, market, models.get(market.name), features, usual, list(players[market.name])
            )
        except ModelFileError as error:
            broken[market.name] = str(error)
            continue
        if isinstance(said, str):
            unexplained[market.name] = said
        else:
            found |= {(market.name, player): of_player for player, of_player in said.items()}
    return Explained(found, unexplained, broken)


def _of_market(
    models_folder: Path,
    market: Market,
    served: Mapping[str, Any] | None,
    features: pd.DataFrame,
    usual: pd.DataFrame,
    players: Collection[int],
) -> dict[int, Explanation] | str:
    """player_id -> explanation, or why there is none. features, usual: by player_id, the features those of all."""
    from nba_assets.models import registry
    from nba_assets.models.calibration import Calibration
    from nba_assets.models.explanations import explain
    from nba_assets.models.trained_model import TrainedModel

    if served is None:
        return "no row in prop_model"
    if served["model_id"] is None:
        return f"no trained model: {served['reason']}"
    stored = registry.load(models_folder, served["model_id"], served["file_sha256"])
    model = TrainedModel.from_text(stored)
    if not {*model.regression.features, *model.network.features} <= set(FEATURES):
        return "the model was trained on features that there are no more; build prop_model for the day again"
    places = np.flatnonzero(features.index.isin(list(players)))
    of_them, learned = features.index[places], Calibration.from_json(served["calibration"])
    said = explain(model, learned, features, market, usual.reindex(of_them), asked=places.tolist())
    return dict(zip(of_them.tolist(), said, strict=True))


def _usual_nights(session: Session, day: date, information_set: str, players: Collection[int]) -> ir.Table:
    """Per player the mean of each feature over his nights of this season before the day; before his first, of the last
    season. Every night on which the set has a row of him counts, whether he played or not."""
    season_year = season_year_of(day)
    before = DayRange(season_boundary(season_year - 1), day - timedelta(days=1))
    rows = session.read(ML_FEATURE_STORE_V2, before)
    rows = rows.filter((rows.information_set == information_set) & rows.player_id.isin(sorted(players)))
    rows = rows.filter(rows.season_year == rows.season_year.max().over(ibis.window(group_by="player_id")))
    return rows.group_by("player_id").agg(**{name: rows[name].cast("float64").mean() for name in FEATURES})
