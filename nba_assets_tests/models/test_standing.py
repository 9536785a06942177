"""Forecasts that stand: which of the stored ones are kept once their game has begun, and what is said of the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa

from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.transforms.predictions.standing import STANDS, standing, with_standing
from nba_assets_tests.factories import ATL, BOS, DAY, put, rows, scheduled

TIPOFF = datetime(2022, 1, 16, 0, 30)
BEFORE, AFTER = TIPOFF - timedelta(minutes=20), TIPOFF + timedelta(hours=9)


def forecast(player: int = 1, value: float = 20.0, made: datetime = BEFORE, **given: Any) -> dict[str, Any]:
    return {"player_id": player, "predicted_value": value, "created_at": made, "system_id": "ensemble", **given}


def said_at(
    now: datetime, stored: list[dict], said: list[dict], silent: list[int] = (), **game: Any
) -> tuple[dict[tuple[int, str], float], dict[int, str]]:
    """(player, information set) -> the value that is kept or said, and player -> why there is none."""
    connection = ibis.duckdb.connect()
    games = put(connection, "games", rows("games", [scheduled(DAY, 1, ATL, BOS, **{"tipoff_utc": TIPOFF, **game})]))
    table = PLAYER_PROP_PREDICTIONS
    stands = standing(put(connection, "stored", rows(table, stored)), games, now)
    key = [arrow_schema(table).field(name) for name in table.key]
    one = {"game_date": DAY, "market": "points", "system_id": "ensemble", "information_set": "pregame"}
    unsaid = pa.Table.from_pylist(
        [{**one, "player_id": player, "reason": "no history"} for player in silent],
        schema=pa.schema([*key, ("reason", pa.string())]),
    )
    kept, absent = with_standing(put(connection, "said", rows(table, said)), put(connection, "unsaid", unsaid), stands)
    values = {
        (r["player_id"], r["information_set"]): r["predicted_value"] for r in connection.to_pyarrow(kept).to_pylist()
    }
    return values, {r["player_id"]: r["reason"] for r in connection.to_pyarrow(absent).to_pylist()}


def test_what_was_said_before_tipoff_stands_afterwards():
    now_said = [forecast(value=25.0, made=AFTER)]
    assert said_at(AFTER, [forecast()], now_said)[0] == {(1, "pregame"): 20.0}


def test_until_tipoff_a_later_forecast_takes_its_place():
    now = BEFORE + timedelta(minutes=5)
    assert said_at(now, [forecast()], [forecast(value=25.0, made=now)])[0] == {(1, "pregame"): 25.0}


def test_what_was_said_after_tipoff_only_is_said_again_like_any_other_row():
    stored = [forecast(made=TIPOFF)]
    assert said_at(AFTER, stored, [forecast(value=25.0, made=AFTER)])[0] == {(1, "pregame"): 25.0}


def test_without_a_known_tipoff_nothing_stands():
    said = said_at(AFTER, [forecast()], [forecast(value=25.0, made=AFTER)], tipoff_utc=None)
    assert said[0] == {(1, "pregame"): 25.0}


def test_forecasts_of_a_postponed_game_are_withdrawn():
    assert said_at(AFTER, [forecast()], [], status="postponed") == ({}, {})


def test_each_information_set_stands_by_itself():
    stored = [forecast(), forecast(made=AFTER, information_set="lineup")]
    said = [forecast(value=25.0), forecast(value=26.0, information_set="lineup")]
    assert said_at(AFTER, stored, said)[0] == {(1, "pregame"): 20.0, (1, "lineup"): 26.0}


def test_games_that_have_not_begun_are_forecast_on():
    late = "0022100002"
    stored, said = [forecast(), forecast(2, game_id=late)], [forecast(value=25.0), forecast(2, 27.0, game_id=late)]
    assert said_at(AFTER, stored, said)[0] == {(1, "pregame"): 20.0, (2, "pregame"): 27.0}


def test_who_is_expected_only_later_is_left_out_with_that_reason():
    values, absent = said_at(AFTER, [forecast()], [forecast(value=25.0), forecast(2, made=AFTER)])
    assert values == {(1, "pregame"): 20.0}
    assert absent == {2: STANDS}


def test_a_system_that_is_silent_by_now_is_not_said_to_be_where_its_forecast_stands():
    assert said_at(AFTER, [forecast()], [], silent=[1, 3]) == ({(1, "pregame"): 20.0}, {3: "no history"})
