"""Assets of nba_predictions: features, the day's models, predictions, grading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dagster as dg
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.assets.factory import table_asset
from nba_assets.assets.transformed import from_transform, upstreams
from nba_assets.days import DayRange
from nba_assets.markets import MARKETS, Market
from nba_assets.platform import Platform
from nba_assets.tables import predictions as tables
from nba_assets.tables.arrow import arrow_schema
from nba_assets.transforms import predictions as transforms
from nba_assets.transforms.as_of import before_tipoff, game_days
from nba_assets.warehouse.protocol import Session, WriteReport


def _prop_model(platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models import prop_model as model

    read = upstreams(tables.PROP_MODEL, session, days)
    slate = session.frame(game_days(read["games"], days))["game_date"].to_pylist()
    rows: list[dict[str, Any]] = []
    known = _models_so_far(session, days) if slate else []
    for market in MARKETS if slate else ():
        frame = session.frame(model.training_rows(read["ml_feature_store_v2"], read["player_game_summary"], market))
        rows += model.serve(slate, frame.to_pandas(), market, platform.models_folder, known)
    delivered = pa.Table.from_pylist(rows, schema=arrow_schema(tables.PROP_MODEL))
    return session.replace_days(tables.PROP_MODEL, days, session.attach("served", delivered))


def _models_so_far(session: Session, days: DayRange) -> list[dict[str, Any]]:
    """Models named for days with the same cut-offs as these."""
    from nba_assets.models.training import cutoff_of

    reach = DayRange(cutoff_of(days.first), days.last)
    return session.frame(session.read(tables.PROP_MODEL, reach)).to_pylist()


def _lines(player_props: ir.Table, games: ir.Table, market: Market) -> ir.Table:
    """Median line over bookmakers of each player with one, stamped before tip-off."""
    quoted = before_tipoff(player_props, games).filter(lambda t: (t.market == market.name) & (t.side == "over"))
    return quoted.group_by("game_date", "player_id").agg(line=quoted.line.median())


def _set_based_answers(read: dict[str, ir.Table], market: Market) -> list[ir.Table]:
    from nba_assets.models.systems import moving_average, similarity, zone_matchup

    features = read["ml_feature_store_v2"]
    answers = [
        moving_average.predict(features, market),
        similarity.predict(features, market, read["player_game_summary"], read["team_defense_game_summary"]),
    ]
    if market.has_zone_matchup:
        answers.append(zone_matchup.predict(features, market))
    return answers


def _player_prop_predictions(platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models.predictions import combine

    table = tables.PLAYER_PROP_PREDICTIONS
    read = upstreams(table, session, days)
    features = session.frame(read["ml_feature_store_v2"]).to_pandas()
    models = session.frame(read["prop_model"]).to_pandas()
    rows, silent = [], []
    for market in MARKETS:
        answers = [session.frame(answer).to_pandas() for answer in _set_based_answers(read, market)]
        market_rows, market_silent = combine(
            pd.concat(answers, ignore_index=True),
            features,
            models[models["market"] == market.name],
            session.frame(_lines(read["player_props"], read["games"], market)).to_pandas(),
            market,
            platform.models_folder,
            datetime.now(UTC).replace(tzinfo=None),
        )
        rows.append(market_rows)
        silent.append(market_silent)
    predicted = pa.Table.from_pandas(pd.concat(rows), schema=arrow_schema(table), preserve_index=False)
    silence = pa.schema(
        [
            ("game_date", pa.date32()),
            ("player_id", pa.int64()),
            ("market", pa.string()),
            ("system_id", pa.string()),
            ("reason", pa.string()),
        ]
    )
    unsaid = pa.Table.from_pandas(pd.concat(silent), schema=silence, preserve_index=False)
    return session.replace_days(table, days, session.attach("predicted", predicted), session.attach("unsaid", unsaid))


def _prediction_accuracy(_platform: Platform, session: Session, days: DayRange) -> WriteReport:
    table = tables.PREDICTION_ACCURACY
    read = upstreams(table, session, days)
    graded = transforms.prediction_accuracy.build(**read, days=days)
    ungraded = transforms.prediction_accuracy.absent(
        read["games"], read["player_prop_predictions"], read["player_game_summary"], days
    )
    return session.replace_days(table, days, graded, ungraded)


ml_feature_store_v2 = table_asset(
    tables.ML_FEATURE_STORE_V2, from_transform(tables.ML_FEATURE_STORE_V2, transforms.ml_feature_store_v2.build)
)
prop_model = table_asset(tables.PROP_MODEL, _prop_model)
player_prop_predictions = table_asset(tables.PLAYER_PROP_PREDICTIONS, _player_prop_predictions)
prediction_accuracy = table_asset(tables.PREDICTION_ACCURACY, _prediction_accuracy)

PREDICTION_ASSETS: list[dg.AssetsDefinition] = [
    ml_feature_store_v2,
    prop_model,
    player_prop_predictions,
    prediction_accuracy,
]
