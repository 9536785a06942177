"""prediction_accuracy: how a prediction is graded once its game is final, and which are not graded, and why."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.transforms.predictions import prediction_accuracy
from nba_assets_tests.factories import ATL, BOS, DAY, final, put, rows, run, run_one, scheduled

GAME = final(DAY, 1, ATL, BOS)


def prediction(**given: Any) -> pa.Table:
    """One prediction of the ensemble for player 1, at even confidence and without a line unless stated otherwise."""
    record = {
        "game_date": DAY,
        "game_id": GAME["game_id"],
        "player_id": 1,
        "market": "points",
        "system_id": "ensemble",
        "recommendation": "NO_LINE",
        "confidence_score": 0.5,
        **given,
    }
    return pa.Table.from_pylist([record], schema=arrow_schema(PLAYER_PROP_PREDICTIONS))


def result(points: int, **given: Any) -> dict[str, Any]:
    return {"game_id": GAME["game_id"], "points": points, "minutes": 30.0, **given}


def graded(points: int, **given: Any) -> pd.Series:
    """The grade of one prediction for a player who scored so many points."""
    return run_one(
        "prediction_accuracy",
        games=[GAME],
        player_prop_predictions=prediction(**given),
        player_game_summary=[result(points)],
        ml_feature_store_v2=[{"game_id": GAME["game_id"], "games_played_season": 12}],
    )


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
    ("forecast", "within_3", "within_5"),
    [
        (20.0, True, True),
        (23.0, True, True),
        (17.0, True, True),
        (23.1, False, True),
        (25.0, False, True),
        (14.9, False, False),
    ],
)
def test_three_and_five_points_off_are_still_within(forecast, within_3, within_5):
    row = graded(20, predicted_value=forecast)
    assert (row.is_within_3, row.is_within_5) == (within_3, within_5)


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
