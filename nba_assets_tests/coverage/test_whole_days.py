"""What is expected of whole days, what of it is there, and what is absent for a reason."""

from __future__ import annotations

import json
from collections import Counter

import ibis

from nba_assets.absence import EXAMPLES, NOT_BUILT
from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.tables import TABLES
from nba_assets.teams import TEAMS
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.coverage.built import DAYS, FULL, HOLIDAY, found


def test_whole_days_are_complete_in_every_table_that_was_built(whole):
    incomplete = {table for (table, _), day in found(whole).items() if not day.is_complete}
    assert incomplete == {"prop_model", "player_prop_predictions"}


def test_every_table_is_reported_on_every_day(whole):
    assert set(found(whole)) == {(name, day) for name in TABLES for day in DAYS}


def test_present_and_missing_keys_add_up_to_the_expected_ones(whole):
    for day in found(whole).values():
        if day.expected is not None:
            assert day.present + sum(absent.count for absent in day.missing.values()) == day.expected


def test_expected_keys_are_those_of_the_slate(whole):
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        games = session.frame(session.read(TABLES["games"], DayRange(FULL, FULL))).num_rows
        boxes = session.frame(session.read(TABLES["player_boxscores"], DayRange(FULL, FULL))).num_rows
    expected = {name: day.expected for (name, on), day in found(whole).items() if on == FULL}
    assert expected["shots"] == expected["game_lines"] == games
    assert expected["team_offense_game_summary"] == expected["upcoming_team_game_context"] == 2 * games
    assert expected["team_defense_zone_analysis"] == len(TEAMS)
    assert expected["player_game_summary"] == boxes
    assert expected["games"] is expected["player_props"] is expected["injuries"] is None


def test_a_day_without_games_expects_nothing_and_is_complete(whole):
    on_holiday = [day for (name, on), day in found(whole).items() if on == HOLIDAY and name != "prop_model"]
    assert {day.expected for day in on_holiday} == {0, None}
    assert all(day.is_complete for day in on_holiday)


def test_the_keys_of_a_day_that_was_never_built_are_missing_for_that_reason(whole):
    days = found(whole, "prop_model")
    (missing,) = days["prop_model", FULL].missing.items()
    served = {(m.name, name) for m in MARKETS for name in ("pregame", "lineup")}
    assert missing[0] == NOT_BUILT
    assert {(key["market"], key["information_set"]) for key in missing[1].first} < served
    assert (missing[1].count, len(missing[1].first)) == (len(served), EXAMPLES)
    assert not days["prop_model", FULL].is_complete
    assert not days["prop_model", HOLIDAY].missing


def test_a_recorded_reason_is_reported_for_the_key_it_was_recorded_for(whole):
    day = found(whole, "player_prop_predictions")["player_prop_predictions", FULL]
    assert set(day.missing) == {"no earlier game"}
    assert day.gaps == day.set_aside == day.expected // 2
    assert set(day.missing["no earlier game"].first[0]) == {"player_id", "market", "system_id", "information_set"}


def test_pregame_rows_are_expected_of_the_projected_and_lineup_rows_of_those_who_appeared(whole):
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        context = session.frame(session.read(TABLES["upcoming_player_game_context"], DAYS)).to_pylist()
        boxes = session.frame(session.read(TABLES["player_boxscores"], DAYS)).to_pylist()
    projected = Counter(row["game_date"] for row in context if row["roster_source"] == "projected")
    assert projected
    appeared = Counter(row["game_date"] for row in boxes)
    covered = found(whole)
    for day in DAYS:
        expected = projected[day] + appeared[day]
        assert covered["ml_feature_store_v2", day].expected == expected
        for name in ("untrained_forecasts", "player_prop_predictions"):
            assert covered[name, day].expected == expected * len(MARKETS)
        assert covered["untrained_forecasts", day].present == expected * len(MARKETS)


def test_who_did_not_play_is_accepted_but_still_told(whole):
    days = found(whole, "prediction_accuracy")
    absent = [day.missing["did not play"].count for day in days.values() if "did not play" in day.missing]
    assert sum(absent) > 0
    assert all(day.gaps == 0 and day.is_complete for day in days.values())


def test_of_many_absent_keys_of_a_reason_all_are_counted_and_the_first_told(whole):
    columns = ("player_id", "market", "system_id", "information_set")
    with DuckDBWarehouse(whole).session(read_only=True) as session:
        aside = session.frame(session.set_aside(DAYS).filter(ibis._.table_name == "prediction_accuracy")).to_pylist()
    for day, covered in ((day, c) for (_, day), c in found(whole, "prediction_accuracy").items()):
        keys = [json.loads(row["row"]) for row in aside if row["game_date"] == day]
        assert sum(absent.count for absent in covered.missing.values()) == len(keys)
        for reason, absent in covered.missing.items():
            of_reason = sorted(
                tuple(json.loads(row["row"])[c] for c in columns)
                for row in aside
                if (row["game_date"], row["reason"]) == (day, reason)
            )
            assert absent.count == len(of_reason) > EXAMPLES
            assert [tuple(key[c] for c in columns) for key in absent.first] == of_reason[:EXAMPLES]
