"""prediction_accuracy: how a prediction is graded once its game is final, and which are not graded, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.transforms.predictions import prediction_accuracy
from nba_assets_tests.factories import ATL, BOS, DAY, final, put, rows, run, run_one, scheduled

MARKET_NAMES = [market.name for market in MARKETS]
GAME = final(DAY, 1, ATL, BOS)


def prediction(**given: Any) -> pa.Table:
    """One prediction of the ensemble for player 1, at even confidence and without a line unless stated otherwise."""
    record = {
        "game_date": DAY,
        "game_id": GAME["game_id"],
        "player_id": 1,
        "market": "points",
        "system_id": "ensemble",
        "information_set": "pregame",
        "recommendation": "NO_LINE",
        "confidence_score": 0.5,
        **given,
    }
    return pa.Table.from_pylist([record], schema=arrow_schema(PLAYER_PROP_PREDICTIONS))


def result(points: int, **given: Any) -> dict[str, Any]:
    return {"game_id": GAME["game_id"], "points": points, "minutes": 30.0, **given}


def graded(points: int, **given: Any) -> pd.Series:
    """The grade of one prediction for a player who scored so many points, and did what else is stated.

    known: features that were known of him before the game.
    """
    known, line = given.pop("known", {}), given.get("line")
    closing = given.pop("closing", line)
    did = {name: given.pop(name) for name in ("rebounds", "assists", "three_pointers_made") if name in given}
    return run_one(
        "prediction_accuracy",
        games=[GAME],
        player_prop_predictions=prediction(**given),
        player_game_summary=[result(points, **did)],
        ml_feature_store_v2=[{"game_id": GAME["game_id"], "games_played_season": 12, **known}],
        player_props=[] if line is None else quotes(closing),
    )


def quotes(line: float) -> list[dict[str, Any]]:
    """A bookmaker's last line of player 1, both sides."""
    return [{"game_id": GAME["game_id"], "line": line, "side": side} for side in ("over", "under")]


def ungraded(games: list[dict[str, Any]], played: list[dict[str, Any]]) -> list[dict[str, Any]]:
    connection = ibis.duckdb.connect()
    tables = [
        put(connection, "games", rows("games", games)),
        put(connection, "player_prop_predictions", prediction(predicted_value=20.0)),
        put(connection, "player_game_summary", rows("player_game_summary", played)),
    ]
    found = connection.to_pyarrow(prediction_accuracy.absent(*tables, DayRange(DAY, DAY))).to_pylist()
    connection.disconnect()
    return found


def test_over_prediction_is_a_positive_error_and_under_prediction_a_negative_one():
    over, under = graded(15, predicted_value=20.0), graded(26, predicted_value=20.0)
    assert (over.actual_value, over.signed_error, over.absolute_error) == (15.0, 5.0, 5.0)
    assert (under.actual_value, under.signed_error, under.absolute_error) == (26.0, -6.0, 6.0)
    assert (over.minutes, over.games_played_season) == (30.0, 12)


@pytest.mark.parametrize(
    ("market", "off", "within_half", "within"),
    [
        ("points", 0.0, True, True),
        ("points", 3.0, True, True),
        ("points", -3.0, True, True),
        ("points", 3.1, False, True),
        ("points", 6.0, False, True),
        ("points", -6.1, False, False),
        ("rebounds", 1.25, True, True),
        ("rebounds", 1.3, False, True),
        ("rebounds", 2.6, False, False),
    ],
)
def test_an_error_is_large_or_small_by_the_markets_deviation(market, off, within_half, within):
    row = graded(20, rebounds=20, market=market, predicted_value=20 + off)
    assert (row.is_within_half_deviation, row.is_within_deviation) == (within_half, within)


def test_each_market_is_graded_by_its_own_statistic():
    did = {"rebounds": 11, "assists": 7, "three_pointers_made": 3}
    actual = {m: graded(20, market=m, predicted_value=1.0, **did).actual_value for m in MARKET_NAMES}
    assert actual == {"points": 20, "rebounds": 11, "assists": 7, "threes": 3}


def test_both_information_sets_are_graded_once_and_the_set_is_kept():
    both = pa.concat_tables(
        [
            prediction(predicted_value=value, information_set=name)
            for name, value in (("pregame", 18.0), ("lineup", 19.0))
        ]
    )
    rows_of = run(
        "prediction_accuracy",
        games=[GAME],
        player_prop_predictions=both,
        player_game_summary=[result(20)],
        ml_feature_store_v2=[
            {"game_id": GAME["game_id"], "games_played_season": games, "information_set": name}
            for name, games in (("pregame", 12), ("lineup", 13))
        ],
    ).set_index("information_set")
    assert rows_of["signed_error"].to_dict() == {"pregame": -2.0, "lineup": -1.0}
    assert rows_of["games_played_season"].to_dict() == {"pregame": 12, "lineup": 13}


@pytest.mark.parametrize(
    ("points", "recommendation", "line_result", "is_correct"),
    [
        (25, "OVER", "OVER", True),
        (15, "OVER", "UNDER", False),
        (15, "UNDER", "UNDER", True),
        (25, "UNDER", "OVER", False),
        (20, "OVER", "PUSH", None),
        (20, "UNDER", "PUSH", None),
        (25, "PASS", "OVER", None),
    ],
)
def test_a_recommendation_wins_loses_or_is_neither(points, recommendation, line_result, is_correct):
    row = graded(points, predicted_value=21.0, line=20.0, recommendation=recommendation)
    assert row.line_result == line_result
    assert (None if pd.isna(row.is_correct) else bool(row.is_correct)) is is_correct


def test_without_a_line_there_is_no_result_against_it():
    row = graded(20, predicted_value=21.0)
    assert pd.isna(row.line_result)
    assert pd.isna(row.is_correct)


@pytest.mark.parametrize(("points", "inside"), [(9, False), (10, True), (20, True), (30, True), (31, False)])
def test_the_80_percent_interval_includes_its_ends(points, inside):
    assert graded(points, predicted_value=20.0, p10=10.0, p90=30.0).is_in_80_interval == inside


def test_without_quantiles_nothing_is_said_of_the_interval():
    assert pd.isna(graded(20, predicted_value=20.0).is_in_80_interval)


@pytest.mark.parametrize(("confidence", "decile"), [(0.0, 1), (0.05, 1), (0.1, 2), (0.55, 6), (0.95, 10), (1.0, 10)])
def test_confidence_falls_into_ten_deciles(confidence, decile):
    assert graded(20, predicted_value=20.0, confidence_score=confidence).confidence_decile == decile


def test_without_confidence_there_is_no_decile():
    assert pd.isna(graded(20, predicted_value=20.0, confidence_score=None).confidence_decile)


@pytest.mark.parametrize(
    ("minutes", "band"),
    [(0.0, "0-12"), (11.9, "0-12"), (12.0, "12-20"), (20.0, "20-28"), (28.0, "28+"), (41.0, "28+"), (None, None)],
)
def test_the_band_is_that_of_the_projected_minutes_and_not_of_those_played(minutes, band):
    row = graded(20, predicted_value=20.0, known={"projected_minutes": minutes})
    assert (None if pd.isna(row.minutes_band) else row.minutes_band) == band


def test_the_baselines_are_of_the_markets_own_statistic():
    known = {
        f"{market.statistic}_avg_{form}": 10.0 * n + offset
        for n, market in enumerate(MARKETS, 1)
        for form, offset in (("last_10", 0.0), ("season", 4.0))
    }
    did = {"rebounds": 11, "assists": 7, "three_pointers_made": 3}
    for n, market in enumerate(MARKET_NAMES, 1):
        row = graded(20, market=market, predicted_value=1.0, known=known, **did)
        assert (row.last_10_average, row.blend_average) == (10.0 * n, 10.0 * n + 2)


def test_before_the_first_game_the_previous_season_stands_in_for_this_one_in_the_blend():
    known = {"points_avg_last_10": 12.0, "points_avg_season": None, "points_avg_previous_season": 18.0}
    assert graded(20, predicted_value=1.0, known=known).blend_average == 15.0
    unknown = graded(20, predicted_value=1.0, known={"points_avg_last_10": 12.0})
    assert unknown.last_10_average == 12.0
    assert pd.isna(unknown.blend_average)


def test_without_a_feature_row_a_forecast_is_graded_and_its_baselines_are_unknown():
    row = run_one(
        "prediction_accuracy",
        games=[GAME],
        player_prop_predictions=prediction(predicted_value=20.0),
        player_game_summary=[result(22)],
    )
    assert row.signed_error == -2.0
    assert row[["last_10_average", "blend_average", "minutes_band", "games_played_season"]].isna().all()


def test_the_line_its_prices_and_what_was_made_of_them_are_kept():
    kept = {
        "line": 20.5,
        "over_price_american": 105.0,
        "under_price_american": -125.0,
        "over_probability": 0.6,
        "expected_value": 0.23,
        "model_id": "m",
    }
    row = graded(22, predicted_value=21.0, recommendation="OVER", **kept)
    assert {name: row[name] for name in kept} == kept
    assert row.closing_line == 20.5
    assert pd.isna(graded(22, predicted_value=21.0).closing_line)


def test_zero_points_are_a_result_and_not_an_absence():
    assert graded(0, predicted_value=4.0).signed_error == 4.0


def test_a_player_who_did_not_play_is_not_graded_but_listed():
    other = result(GAME["home_points"] + GAME["away_points"], player_id=2)
    assert run(
        "prediction_accuracy",
        games=[GAME],
        player_prop_predictions=prediction(predicted_value=20.0),
        player_game_summary=[other],
    ).empty
    assert [(row["player_id"], row["reason"]) for row in ungraded([GAME], [other])] == [(1, "did not play")]


def test_who_is_not_in_a_box_score_that_does_not_add_up_is_not_said_not_to_have_played():
    reason = "the game's box score is missing or does not add up"
    others = result(GAME["home_points"] + GAME["away_points"] - 1, player_id=2)
    assert [row["reason"] for row in ungraded([GAME], [others])] == [reason]
    assert [row["reason"] for row in ungraded([GAME], [])] == [reason]


@pytest.mark.parametrize("status", ["scheduled", "postponed"])
def test_a_game_that_is_not_final_is_not_graded_even_if_a_box_score_is_there(status):
    game = scheduled(DAY, 1, ATL, BOS, status=status)
    assert run(
        "prediction_accuracy",
        games=[game],
        player_prop_predictions=prediction(predicted_value=20.0),
        player_game_summary=[result(11)],
    ).empty
    assert [row["reason"] for row in ungraded([game], [result(11)])] == ["game not final"]


def test_a_graded_prediction_is_not_listed_as_ungraded():
    assert ungraded([GAME], [result(11)]) == []


def test_a_forecast_keeps_its_line_and_is_held_against_the_closing_one():
    row = graded(22, predicted_value=21.0, recommendation="OVER", line=20.5, closing=21.5)
    assert (row.line, row.closing_line, row.line_result) == (20.5, 21.5, "OVER")


def test_a_game_that_stands_in_the_schedule_of_the_day_it_was_postponed_from_is_graded_once():
    later = DAY + timedelta(days=2)
    games = [scheduled(DAY, 1, ATL, BOS, "postponed"), {**GAME, "game_date": later}]
    row = run_one(
        "prediction_accuracy",
        days=DayRange(DAY, later),
        games=games,
        player_prop_predictions=prediction(game_date=later, predicted_value=20.0),
        player_game_summary=[result(22, game_date=later)],
    )
    assert (row.game_date, row.actual_value) == (later, 22.0)
