"""nba_predictions.untrained_forecasts: what each system that needs no training says in each market."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import MARKETS, Market
from nba_assets.models.systems import moving_average, similarity, zone_matchup
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.tables.predictions import UNTRAINED_FORECASTS
from nba_assets.transforms.joins import add_columns


def build(ml_feature_store_v2: ir.Table, similar_games: ir.Table) -> ir.Table:
    """One row per feature row and market. similar_games: `similarity.similar_games` of the same feature rows."""
    return ibis.union(*(_of_market(ml_feature_store_v2, similar_games, market) for market in MARKETS))


def _of_market(features: ir.Table, similar_games: ir.Table, market: Market) -> ir.Table:
    key = ML_FEATURE_STORE_V2.key
    answers = {
        moving_average.SYSTEM_ID: moving_average.predict(features, market),
        zone_matchup.SYSTEM_ID: zone_matchup.predict(features, market),
        similarity.SYSTEM_ID: similarity.predict(features, market, similar_games),
    }
    rows = features.select(*key, market=ibis.literal(market.name))
    for system, answer in answers.items():
        named = answer.select(*key, **{system: "predicted_value", f"{system}_reason": "reason"})
        rows = rows.pipe(add_columns, named, *key)
    return rows.select(*UNTRAINED_FORECASTS.column_names)
