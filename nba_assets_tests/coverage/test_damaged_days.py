"""Rows that were lost or doubled unknown to the ledger, and days that the ledger does not have."""

from __future__ import annotations

import duckdb
import pytest

from nba_assets.absence import LOST, NOT_BUILT, NOT_DELIVERED, UPSTREAM_NOT_BUILT, Absent
from nba_assets.tables import TABLES
from nba_assets_tests.coverage.built import FULL, HOLIDAY, damage, found


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("player_game_summary", "player_id"),
        ("team_defense_zone_analysis", "team_id"),
        ("player_daily_cache", "player_id"),
        ("upcoming_player_game_context", "player_id"),
    ],
)
def test_a_row_deleted_behind_the_ledgers_back_is_named(file, table, column):
    full_name = TABLES[table].full_name
    with duckdb.connect(str(file)) as connection:
        (key,) = connection.execute(
            f"SELECT min({column}) FROM {full_name} JOIN nba_raw.player_boxscores USING (game_date, {column}) "
            f"WHERE game_date = ?",
            [FULL],
        ).fetchone()
        connection.execute(f"DELETE FROM {full_name} WHERE game_date = ? AND {column} = ?", [FULL, key])
    days = found(file, table)
    assert [k[column] for k in days[table, FULL].missing[LOST].first] == [key]
    assert (days[table, FULL].gaps, days[table, FULL].is_built, days[table, FULL].is_complete) == (1, True, False)
    assert days[table, FULL].present == days[table, FULL].expected - 1
    assert all(day.is_complete for (_, on), day in days.items() if on != FULL)


def test_a_player_missing_on_one_day_is_a_gap_though_he_is_there_on_another(file):
    with duckdb.connect(str(file)) as connection:
        (player,) = connection.execute(
            "SELECT min(player_id) FROM (SELECT player_id FROM nba_precompute.player_daily_cache "
            "GROUP BY 1 HAVING count(*) > 1)"
        ).fetchone()
    damage(file, f"DELETE FROM nba_precompute.player_daily_cache WHERE player_id = {player} AND game_date = '{FULL}'")
    assert found(file, "player_daily_cache")["player_daily_cache", FULL].gaps == 1


def test_duplicates_do_not_hide_gaps(file):
    full_name = "nba_analytics.player_game_summary"
    of_day = f"game_date = '{FULL}'"
    damage(
        file,
        f"CREATE TEMP TABLE kept AS SELECT * FROM {full_name} WHERE {of_day} ORDER BY player_id LIMIT 1",
        f"CREATE TEMP TABLE lost AS SELECT * FROM {full_name} WHERE {of_day} ORDER BY player_id DESC LIMIT 1",
        f"DELETE FROM {full_name} WHERE player_id IN (SELECT player_id FROM lost) AND {of_day}",
        f"INSERT INTO {full_name} SELECT * FROM kept",
    )
    day = found(file, "player_game_summary")["player_game_summary", FULL]
    assert (day.gaps, day.present) == (1, day.expected - 1)


def test_games_without_shots_are_not_delivered(file):
    damage(
        file,
        "DELETE FROM nba_raw.shots WHERE game_id IN "
        f"(SELECT game_id FROM nba_raw.games WHERE game_date = '{FULL}' ORDER BY game_id LIMIT 2)",
        "UPDATE nba_assets.day_ledger SET row_count = "
        f"(SELECT count(*) FROM nba_raw.shots WHERE game_date = '{FULL}') "
        f"WHERE table_name = 'shots' AND game_date = '{FULL}'",
    )
    missing = found(file, "shots")["shots", FULL].missing
    assert {reason: absent.count for reason, absent in missing.items()} == {NOT_DELIVERED: 2}
    assert set(missing[NOT_DELIVERED].first[0]) == {"game_id"}


def test_a_day_that_was_never_built_says_so_whatever_is_in_the_table(file):
    damage(file, f"DELETE FROM nba_assets.day_ledger WHERE table_name = 'games' AND game_date = '{HOLIDAY}'")
    day = found(file, "games")["games", HOLIDAY]
    assert (day.is_built, day.is_complete, day.rows) == (False, False, 0)


@pytest.mark.parametrize("lost", ["pregame", "lineup"])
def test_a_lost_row_of_one_information_set_is_not_made_up_for_by_the_others(file, lost):
    table = "nba_predictions.ml_feature_store_v2"
    with duckdb.connect(str(file)) as connection:
        day, player = connection.execute(
            f"SELECT game_date, player_id FROM {table} GROUP BY 1, 2 HAVING count(*) = 2 ORDER BY 1, 2 LIMIT 1"
        ).fetchone()
    damage(
        file, f"DELETE FROM {table} WHERE game_date = '{day}' AND player_id = {player} AND information_set = '{lost}'"
    )
    missing = found(file, "ml_feature_store_v2")["ml_feature_store_v2", day].missing
    assert missing == {LOST: Absent(1, ({"player_id": player, "information_set": lost},))}


def test_a_lost_answer_of_one_market_is_not_made_up_for_by_the_others(file):
    damage(
        file,
        "DELETE FROM nba_predictions.untrained_forecasts WHERE information_set = 'lineup' AND market = 'rebounds' "
        f"AND game_date = '{FULL}'",
    )
    day = found(file, "untrained_forecasts")["untrained_forecasts", FULL]
    assert set(day.missing) == {LOST}
    assert {(row["information_set"], row["market"]) for row in day.missing[LOST].first} == {("lineup", "rebounds")}
    assert day.gaps == day.rows - day.present > 0


def test_a_grade_that_is_lost_is_a_gap_beside_who_did_not_play(file):
    table = "nba_predictions.prediction_accuracy"
    (day,) = (day for (_, day), c in found(file, "prediction_accuracy").items() if "did not play" in c.missing)
    before = found(file, "prediction_accuracy")["prediction_accuracy", day].missing["did not play"]
    damage(
        file,
        f"DELETE FROM {table} WHERE player_id = (SELECT min(player_id) FROM {table} WHERE game_date = '{day}') "
        f"AND game_date = '{day}' AND market = 'points' AND information_set = 'lineup'",
    )
    covered = found(file, "prediction_accuracy")["prediction_accuracy", day]
    assert covered.gaps == covered.missing[LOST].count == 1
    assert covered.missing["did not play"] == before


def test_a_day_that_lacks_an_upstream_day_says_so(file):
    tables = "('player_game_summary', 'player_boxscores')"
    damage(file, f"DELETE FROM nba_assets.day_ledger WHERE table_name IN {tables} AND game_date = '{FULL}'")
    days = found(file, "player_boxscores", "player_game_summary")
    assert set(days["player_boxscores", FULL].missing) <= {NOT_BUILT}
    assert set(days["player_game_summary", FULL].missing) == {UPSTREAM_NOT_BUILT}
