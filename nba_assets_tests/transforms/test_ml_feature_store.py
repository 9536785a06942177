"""ml_feature_store_v2 on hand-made rows: joins, derived features, and a quality score that counts truly."""

from __future__ import annotations

import pandas as pd
import pytest

from nba_assets.tables import TABLES
from nba_assets.tables.features import FEATURE_COLUMNS, FEATURES, FEATURES_FROM, OPPONENT_FEATURES, TEAM_FEATURES
from nba_assets_tests.factories import ATL, BOS, run, run_one


def store(context=None, team=None, cache=None, factors=None, defense=None, roster=None, lineup=None) -> pd.Series:
    def one(given: dict | None, **more) -> list[dict]:
        return [] if given is None else [{**more, **given}]

    return run_one(
        "ml_feature_store_v2",
        upcoming_player_game_context=[context or {}],
        upcoming_team_game_context=one(team),
        upcoming_roster=one(roster),
        player_daily_cache=one(cache),
        player_composite_factors=one(factors),
        player_lineup_context=one(lineup),
        team_defense_zone_analysis=one(defense, team_id=BOS),
    )


@pytest.mark.parametrize(
    ("own", "opponent", "expected"), [(1, 0, 1), (0, 1, -1), (9, 0, 2), (0, 9, -2), (2, 0, 2), (1, 1, 0)]
)
def test_rest_advantage_is_clamped_to_two_days(own, opponent, expected):
    assert store(team={"rest_days": own, "opponent_rest_days": opponent}).rest_advantage_days == expected


@pytest.mark.parametrize(("own", "opponent"), [(None, 1), (1, None)])
def test_rest_advantage_is_null_if_either_rest_is_unknown(own, opponent):
    assert pd.isna(store(team={"rest_days": own, "opponent_rest_days": opponent}).rest_advantage_days)


def test_a_rising_player_has_a_positive_trend():
    row = store(cache={"points_avg_last_5": 22.0, "points_avg_last_10": 20.0})
    assert row.recent_trend_points == 2.0


def test_minutes_change_is_relative_to_the_season():
    row = store(cache={"minutes_avg_last_10": 33.0, "minutes_avg_season": 30.0})
    assert row.minutes_change_pct == pytest.approx(0.1)  # 33 / 30 - 1


def test_opponent_features_are_the_opponents_and_not_the_own_teams():
    row = store(defense={"defensive_rating_last_15": 115.0, "paint_allowed_vs_league_pct": 0.04})
    assert row.opponent_defensive_rating_last_15 == 115.0
    assert row.opponent_paint_allowed_vs_league_pct == 0.04
    own = store(defense={"team_id": ATL, "defensive_rating_last_15": 115.0})
    assert pd.isna(own.opponent_defensive_rating_last_15)


@pytest.mark.parametrize(
    ("source", "is_active", "sets"),
    [
        ("projected", True, ["lineup", "pregame"]),
        ("projected", False, ["pregame"]),
        ("projected", None, ["pregame"]),
        ("active_list", True, ["lineup"]),
    ],
)
def test_who_was_projected_has_a_pregame_row_and_who_is_listed_a_lineup_row(source, is_active, sets):
    made = run("ml_feature_store_v2", upcoming_player_game_context=[{"roster_source": source, "is_active": is_active}])
    assert made["information_set"].tolist() == sets


def test_both_rows_of_a_player_hold_what_is_known_of_him():
    made = run(
        "ml_feature_store_v2",
        upcoming_player_game_context=[{"is_active": True, "rest_days": 3}],
        player_daily_cache=[{"points_avg_last_10": 20.0}],
        team_defense_zone_analysis=[{"team_id": BOS, "rebounds_allowed_avg_last_15": 44.0}],
    )
    features = ["rest_days", "points_avg_last_10", "opponent_rebounds_allowed_avg_last_15"]
    assert made[features].values.tolist() == [[3, 20.0, 44.0]] * 2


def test_each_information_set_has_its_own_view_of_who_plays_and_who_is_listed_is_certain_to():
    beside = [
        {"information_set": "pregame", "projected_minutes": 24.0, "active_probability": 0.7},
        {"information_set": "lineup", "projected_minutes": 31.0, "active_probability": None},
    ]
    made = run(
        "ml_feature_store_v2", upcoming_player_game_context=[{"is_active": True}], player_lineup_context=beside
    ).set_index("information_set")
    assert made["projected_minutes"].to_dict() == {"pregame": 24.0, "lineup": 31.0}
    assert made["active_probability"].to_dict() == {"pregame": 0.7, "lineup": 1.0}


def test_a_player_missing_everywhere_is_a_row_with_reasons_and_nulls():
    row = store()
    # Only is_back_to_back and is_home are known, from the context.
    assert row.feature_quality_score == pytest.approx(2 / len(FEATURES))
    assert row.quality_tier == "no_history"
    assert row.quality_reasons == (
        "no row in player_daily_cache; no row in player_composite_factors; no row in player_lineup_context; "
        "opponent's defence unknown; no game line"
    )
    assert row[[f for f in FEATURES if f not in ("is_back_to_back", "is_home")]].isna().all()


def test_feature_quality_score_is_the_share_of_known_features():
    # fatigue_score and rest_days besides is_back_to_back and is_home
    row = store({"rest_days": 3}, factors={"fatigue_score": 90.0})
    assert row.feature_quality_score == pytest.approx(4 / len(FEATURES))


def test_feature_quality_score_is_one_if_everything_is_known():
    row = store(
        {"rest_days": 1},
        {"rest_days": 1, "opponent_rest_days": 1, "win_pct_season": 0.5}
        | dict.fromkeys(TEAM_FEATURES, 1.0)
        | {"games_played_season": 1},
        _all_known("player_daily_cache"),
        _all_known("player_composite_factors"),
        dict.fromkeys(OPPONENT_FEATURES.values(), 1.0),
        _all_known("upcoming_roster"),
        _all_known("player_lineup_context"),
    )
    assert row.feature_quality_score == 1.0
    assert pd.isna(row.quality_reasons)


def test_a_feature_comes_from_one_table_that_is_read_and_has_it():
    named = [name for names in FEATURES_FROM.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) < set(FEATURES)
    assert set(FEATURES_FROM) == set(TABLES["ml_feature_store_v2"].reads)
    renamed = {
        **OPPONENT_FEATURES,
        "team_games_played_season": "games_played_season",
        "team_win_pct_season": "win_pct_season",
    }
    for table, names in FEATURES_FROM.items():
        assert {renamed.get(name, name) for name in names} <= set(TABLES[table].column_names), table


def _all_known(table: str) -> dict:
    kinds = {c.name: c.type for c in TABLES[table].columns}
    identity = ("player_lookup", "quality_reasons", "quality_tier", "rest_days", "is_home", "is_back_to_back")
    return {
        c.name: 1 if c.type == "int64" else 1.0
        for c in FEATURE_COLUMNS
        if c.name in kinds and c.name not in identity and kinds[c.name] in ("int64", "float64")
    }


def test_reasons_of_the_cache_come_first():
    row = store(cache={"quality_reasons": "first game ever", "quality_tier": "no_history"})
    assert row.quality_reasons.startswith("first game ever; no row in player_composite_factors")
