"""untrained_forecasts: each system's answer, or its reason for none, beside the others in one row per market."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
import pytest

from nba_assets.markets import MARKETS
from nba_assets.models import untrained_forecasts
from nba_assets.models.systems import moving_average, similarity, zone_matchup
from nba_assets.systems import UNTRAINED
from nba_assets.tables.predictions import UNTRAINED_FORECASTS
from nba_assets_tests.factories import put, rows
from nba_assets_tests.models.answers import features

PLAYERS: list[dict[str, Any]] = [
    {"player_id": 1, "information_set": "pregame"},
    {"player_id": 1, "information_set": "lineup", "points_avg_season": 12.0},
    {"player_id": 2, "games_used": 0, "points_avg_last_5": None},
]


@pytest.fixture(scope="module")
def answers() -> dict[str, pd.DataFrame]:
    """The table, and each system's own answers in points."""
    connection = ibis.duckdb.connect()
    store = put(connection, "ml_feature_store_v2", features(PLAYERS))
    games = put(connection, "player_game_summary", rows("player_game_summary"))
    defense = put(connection, "team_defense_game_summary", rows("team_defense_game_summary"))
    similar = similarity.similar_games(store, MARKETS, games, defense)
    asked = {
        "table": untrained_forecasts.build(store, similar),
        "moving_average": moving_average.predict(store, MARKETS[0]),
        "zone_matchup": zone_matchup.predict(store, MARKETS[0]),
        "similarity": similarity.predict(store, MARKETS[0], similar),
    }
    found = {name: connection.to_pyarrow(expression).to_pandas() for name, expression in asked.items()}
    connection.disconnect()
    return found


def test_there_is_one_row_per_feature_row_and_market_with_the_records_columns(answers):
    table = answers["table"]
    assert tuple(table.columns) == UNTRAINED_FORECASTS.column_names
    assert len(table) == len(PLAYERS) * len(MARKETS)
    assert not table.duplicated(list(UNTRAINED_FORECASTS.key)).any()
    assert set(table["market"]) == {market.name for market in MARKETS}


@pytest.mark.parametrize("system", UNTRAINED)
def test_each_column_is_what_the_system_says(answers, system):
    key = ["player_id", "information_set"]
    table = answers["table"]
    mine = table[table["market"] == "points"].set_index(key).sort_index()
    theirs = answers[system].set_index(key).sort_index()
    pd.testing.assert_series_equal(mine[system], theirs["predicted_value"], check_names=False)
    assert mine[f"{system}_reason"].fillna("").tolist() == theirs["reason"].fillna("").tolist()


@pytest.mark.parametrize("system", UNTRAINED)
def test_a_system_either_speaks_or_says_why_not(answers, system):
    table = answers["table"]
    assert (table[system].isna() == table[f"{system}_reason"].notna()).all()


def test_one_systems_silence_is_not_anothers(answers):
    table = answers["table"]
    row = table[(table["player_id"] == 1) & (table["market"] == "points")].iloc[0]
    assert row["similarity_reason"] == "fewer than 5 similar games"
    assert row[["moving_average", "zone_matchup"]].notna().all()


def test_who_has_no_earlier_game_has_a_row_of_silence(answers):
    table = answers["table"]
    silent = table[table["player_id"] == 2]
    assert len(silent) == len(MARKETS)
    assert set(silent[[f"{system}_reason" for system in UNTRAINED]].to_numpy().ravel()) == {"no earlier game"}
