"""Assets of nba_predictions: features, the day's models, predictions, grading."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.assets.factory import table_asset
from nba_assets.assets.transformed import from_transform, upstreams
from nba_assets.days import DayRange, season_year_of, seasons_of
from nba_assets.history import ledger_of
from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.memory import give_back
from nba_assets.platform import Platform
from nba_assets.tables import predictions as tables
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.transforms import predictions as transforms
from nba_assets.transforms.as_of import game_days, latest, on_days
from nba_assets.transforms.predictions import training_rows
from nba_assets.transforms.predictions.lines import KEY as LINE_KEY
from nba_assets.transforms.predictions.lines import consensus_lines
from nba_assets.transforms.predictions.standing import standing, with_standing
from nba_assets.warehouse.protocol import Session, WriteReport


def _untrained_forecasts(_platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models import untrained_forecasts as forecasts
    from nba_assets.models.systems.similarity import similar_games

    table = tables.UNTRAINED_FORECASTS

    def of_season(season: DayRange) -> ir.Table:
        read = upstreams(table, session, season)
        features = read["ml_feature_store_v2"]
        games = read["player_game_summary"], read["team_defense_game_summary"]
        similar = session.attach("similar_games", similar_games(features, MARKETS, *games))
        return forecasts.build(features, similar)

    return session.replace_days(table, days, map(of_season, seasons_of(days)))


def _prop_model(platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models import prop_model as model
    from nba_assets.models.cutoffs import cutoff_of
    from nba_assets.models.unchanged import rows_that_stand

    table = tables.PROP_MODEL

    def of_set(
        information_set: str, slate: list[date], known: list[dict[str, Any]], read: dict[str, ir.Table]
    ) -> list[dict[str, Any]]:
        # Nothing of a set is kept while the next is trained: its rows are what is largest in memory.
        frame = session.frame(training_rows.build(**read, information_set=information_set)).to_pandas(
            date_as_object=False
        )
        session.let_go()
        serving = model.Serving(frame, information_set, platform.models_folder, known)
        serving.train(slate, MARKETS)
        return [row for market in MARKETS for row in serving.rows(slate, market)]

    rows: list[dict[str, Any]] = []
    for season in seasons_of(days):
        read = upstreams(table, session, season)
        slate = session.frame(game_days(read.pop("games"), season))["game_date"].to_pylist()
        so_far = _models_so_far(session, season) if slate else []
        known = [*so_far, *rows]
        ledger = ledger_of(session, [table], season) if so_far else {}
        stand = rows_that_stand(so_far, ledger, season_year_of(season.first), platform.models_folder)
        rows += [{**row, "game_date": day} for day in slate for row in stand.get(cutoff_of(day), ())]
        to_learn = [day for day in slate if cutoff_of(day) not in stand]
        for information_set in INFORMATION_SETS if to_learn else ():
            rows += of_set(information_set, to_learn, known, read)
            give_back()
    delivered = pa.Table.from_pylist(rows, schema=arrow_schema(table))
    return session.replace_days(table, days, session.attach("served", delivered))


def _models_so_far(session: Session, days: DayRange) -> list[dict[str, Any]]:
    """Models named for days with the same cut-offs as these, and with those whose forecasts they are calibrated on."""
    from nba_assets.models.cutoffs import cutoff_of, cutoffs_before
    from nba_assets.models.past_forecasts import CALIBRATED_ON

    first = cutoffs_before(cutoff_of(days.first), CALIBRATED_ON)[-1]
    rows = session.read(tables.PROP_MODEL, DayRange(first, days.last))
    return session.frame(latest(rows, ("market", "information_set", "training_cutoff"))).to_pylist()


def _player_prop_predictions(platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models.cutoffs import of_one_cutoff
    from nba_assets.models.predictions import of_all_markets

    table = tables.PLAYER_PROP_PREDICTIONS
    read = upstreams(table, session, days)
    lines = session.attach("consensus_lines", consensus_lines(read["player_props"], read["games"]))
    created_at = datetime.now(UTC).replace(tzinfo=None)
    rows, silent = [], []

    def speak(part: DayRange, number: int) -> None:
        # Market by market into the warehouse, and nothing kept: all at once is large in memory.
        features, untrained, models, quoted = (
            session.frame(on_days(of_all, part).order_by(*keys)).to_pandas()
            for of_all, keys in (
                (read["ml_feature_store_v2"], ML_FEATURE_STORE_V2.key),
                (read["untrained_forecasts"], tables.UNTRAINED_FORECASTS.key),
                (read["prop_model"], tables.PROP_MODEL.key),
                (lines, LINE_KEY),
            )
        )
        given = features, untrained, models, quoted, platform.models_folder, created_at
        for market, said, unsaid in of_all_markets(*given):
            rows.append(session.attach(f"said_of_{market.name}_{number}", said))
            silent.append(session.attach(f"unsaid_of_{market.name}_{number}", unsaid))

    for number, part in enumerate(of_one_cutoff(days)):
        speak(part, number)
        give_back()
    stands = session.attach("stands", standing(session.read(table, days), read["games"], created_at))
    return session.replace_days(table, days, *with_standing(ibis.union(*rows), ibis.union(*silent), stands))


def _prediction_accuracy(_platform: Platform, session: Session, days: DayRange) -> WriteReport:
    table = tables.PREDICTION_ACCURACY

    def graded(season: DayRange) -> ir.Table:
        return transforms.prediction_accuracy.build(**upstreams(table, session, season), days=season)

    read = upstreams(table, session, days)
    ungraded = transforms.prediction_accuracy.absent(
        read["games"], read["player_prop_predictions"], read["player_game_summary"], days
    )
    return session.replace_days(table, days, map(graded, seasons_of(days)), ungraded)


ml_feature_store_v2 = table_asset(
    ML_FEATURE_STORE_V2, from_transform(ML_FEATURE_STORE_V2, transforms.ml_feature_store_v2.build)
)
untrained_forecasts = table_asset(tables.UNTRAINED_FORECASTS, _untrained_forecasts)
prop_model = table_asset(tables.PROP_MODEL, _prop_model)
player_prop_predictions = table_asset(tables.PLAYER_PROP_PREDICTIONS, _player_prop_predictions)
prediction_accuracy = table_asset(tables.PREDICTION_ACCURACY, _prediction_accuracy)

PREDICTION_ASSETS: list[dg.AssetsDefinition] = [
    ml_feature_store_v2,
    untrained_forecasts,
    prop_model,
    player_prop_predictions,
    prediction_accuracy,
]
