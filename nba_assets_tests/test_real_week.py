"""The first week of January 2022 on real games: counts that are known, and what is absent with its reason."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from nba_assets.absence import NOT_DELIVERED
from nba_assets.backfill import build
from nba_assets.coverage import coverage
from nba_assets.markets import MARKETS
from nba_assets.planning import Request, make_plan
from nba_assets.sources.archive import ArchiveSource
from nba_assets.systems import SYSTEMS
from nba_assets.tables import TABLES
from nba_assets_tests.graph import contents, make_platform, open_state
from nba_assets_tests.real_history import WEEK, home_on_the_eve

pytestmark = pytest.mark.archive

PLAYED_BY_DAY = [124, 149, 212, 100, 223, 87, 213]


@pytest.fixture(scope="module")
def week(tmp_path_factory, archive_folder):
    """The week as `nba-assets backfill` builds it, on its history."""
    home = home_on_the_eve(tmp_path_factory, archive_folder, tmp_path_factory.mktemp("week") / "home")
    platform = make_platform(home, ArchiveSource(archive_folder))
    with open_state(home) as instance:
        build(Request(WEEK), platform, instance)
    return platform


@pytest.fixture(scope="module")
def rows(week):
    """Table -> its rows of the week, as dictionaries."""
    return {
        name: [
            dict(zip((c for c in TABLES[name].column_names if c not in TABLES[name].volatile), row, strict=True))
            for row in found
        ]
        for name, found in contents(week, WEEK).items()
    }


def _by_day(rows):
    counts = Counter(row["game_date"] for row in rows)
    return [counts[day] for day in WEEK]


def test_player_game_summary_has_every_player_game(rows):
    assert _by_day(rows["player_game_summary"]) == PLAYED_BY_DAY
    assert len(rows["player_game_summary"]) == 1108


def test_all_thirty_teams_have_a_zone_analysis_every_day(rows):
    assert _by_day(rows["team_defense_zone_analysis"]) == [30] * 7


def test_players_with_ten_earlier_games_have_a_shot_zone_analysis(rows):
    assert _by_day(rows["player_shot_zone_analysis"]) == [419, 421, 422, 425, 425, 426, 426]


def test_everyone_who_appeared_has_features_and_games_behind_him_as_counted_by_hand(rows):
    appeared = {(r["game_date"], r["player_id"]) for r in rows["player_game_summary"]}
    features = {
        (r["game_date"], r["player_id"]): r for r in rows["ml_feature_store_v2"] if r["information_set"] == "lineup"
    }
    assert appeared == set(features)
    games = [features[key]["games_played_season"] for key in appeared]
    assert sum(g >= 1 for g in games) == 1092
    assert sum(g >= 5 for g in games) == 1015
    assert sum(g >= 10 for g in games) == 954


def test_every_expected_player_is_in_each_table_of_the_chain_and_predicted_by_the_ensemble(rows):
    expected = {(r["game_date"], r["player_id"]) for r in rows["upcoming_player_game_context"]}
    for name in ("player_composite_factors", "player_daily_cache", "ml_feature_store_v2"):
        assert {(r["game_date"], r["player_id"]) for r in rows[name]} == expected, name
    features = {(r["game_date"], r["player_id"], r["information_set"]) for r in rows["ml_feature_store_v2"]}
    for market in MARKETS:
        found = [
            (r["game_date"], r["player_id"], r["information_set"])
            for r in rows["player_prop_predictions"]
            if (r["system_id"], r["market"]) == ("ensemble", market.name)
        ]
        assert set(found) == features, market.name
        assert len(found) == len(features)


def test_who_was_projected_and_appeared_has_both_rows_and_others_one(rows):
    context = rows["upcoming_player_game_context"]
    sets = {
        (r["game_date"], r["player_id"]): {"pregame"} if r["roster_source"] == "projected" else set() for r in context
    }
    for r in rows["player_game_summary"]:
        sets[r["game_date"], r["player_id"]].add("lineup")
    found = Counter((r["game_date"], r["player_id"]) for r in rows["ml_feature_store_v2"])
    assert found == {key: len(expected) for key, expected in sets.items()}
    counts = Counter(r["information_set"] for r in rows["ml_feature_store_v2"])
    assert counts == {"pregame": 1477, "lineup": 1108}


def test_no_line_is_made_up(rows):
    assert {(r["line"], r["line_source"], r["recommendation"]) for r in rows["player_prop_predictions"]} == {
        (None, "none", "NO_LINE")
    }


def test_where_shots_are_missing_zones_are_unknown_and_not_zero(rows):
    last_day = [r for r in rows["player_game_summary"] if r["game_date"] == date(2022, 1, 7)]
    attempted = [r for r in last_day if r["field_goals_attempted"] > 0]
    assert attempted
    assert all(r["paint_attempts"] is None and not r["has_shot_zones"] for r in attempted)
    first_day = [r for r in rows["player_game_summary"] if r["game_date"] == date(2022, 1, 1)]
    assert all(r["has_shot_zones"] for r in first_day)


def test_exactly_the_ten_games_without_shots_are_missing_and_nothing_else(week):
    with week.warehouse.session(read_only=True) as session:
        found = coverage(session, WEEK)
    gaps = {(day.table, day.day): day.gaps for day in found if not day.is_complete}
    assert gaps == {("shots", date(2022, 1, 6)): 1, ("shots", date(2022, 1, 7)): 9}
    reasons = {reason for day in found if not day.is_complete for reason in day.missing}
    assert reasons == {NOT_DELIVERED}


def test_every_absent_prediction_has_a_reason(week, rows):
    with week.warehouse.session(read_only=True) as session:
        aside = session.frame(session.set_aside(WEEK)).to_pylist()
    silent = [row for row in aside if row["table_name"] == "player_prop_predictions"]
    expected = len(SYSTEMS) * len(MARKETS) * len(rows["ml_feature_store_v2"])
    assert len(rows["player_prop_predictions"]) + len(silent) == expected
    assert all(row["reason"] for row in silent)


@pytest.mark.parametrize("information_set", ["pregame", "lineup"])
@pytest.mark.parametrize(
    ("market", "least", "most"),
    [("points", 4.0, 5.0), ("rebounds", 1.6, 2.1), ("assists", 1.0, 1.5), ("threes", 0.7, 1.0)],
)
def test_forecasts_are_about_as_wrong_as_honest_forecasts_are(rows, market, information_set, least, most):
    asked = ("ensemble", market, information_set)
    errors = [
        r["absolute_error"]
        for r in rows["prediction_accuracy"]
        if (r["system_id"], r["market"], r["information_set"]) == asked
    ]
    assert least < sum(errors) / len(errors) < most


def test_a_second_backfill_has_nothing_to_do_and_a_rebuild_changes_no_row(week):
    reach = Request(WEEK).reach
    with week.warehouse.session(read_only=True) as session:
        states = session.day_states(reach)
    assert make_plan(Request(WEEK), states).steps == ()
    with open_state(week.models_folder.parent) as instance:
        build(Request(WEEK, rebuild=True), week, instance)
    with week.warehouse.session(read_only=True) as session:
        again = {(s.table, s.day): s.changed for s in session.day_states(reach)}
    assert again == {(s.table, s.day): s.changed for s in states}
