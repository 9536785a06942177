"""Groups of features and their words."""

from __future__ import annotations

import math

import pytest

from nba_assets.markets import MARKETS, STATISTICS
from nba_assets.models.features import MODEL_FEATURES
from nba_assets.models.reasons import OTHER, group_of, words
from nba_assets_tests.models.answers import ASSISTS, POINTS, REBOUNDS, THREES

UNGROUPED: frozenset[str] = frozenset()
"""Features that are left in the group of others on purpose."""


def test_every_feature_has_a_group():
    assert {name for name in MODEL_FEATURES if group_of(name) == OTHER} == UNGROUPED


@pytest.mark.parametrize(
    ("group", "names"),
    {
        "form": "{s}_avg_last_5 {s}_avg_last_10 {s}_std_last_10 {s}_ewma_4 {s}_ewma_15 {s}_per_minute_ewma_8",
        "season so far": "{s}_avg_season {s}_avg_previous_season",
        "team-mates": (
            "teammates_{s} teammates_{s}_change teammates_minutes teammates_usage_plays_change teammates_ahead "
            "same_role_teammates_minutes_change projected_{s} projected_{s}_share projected_usage_share "
            "{s}_with_similar_lineup_narrow"
        ),
        "minutes": "minutes_avg_season minutes_ewma_2 minutes_if_active minutes_with_similar_lineup_wide "
        "expected_minutes projected_minutes minutes_previous_team_game minutes_last_10_total",
        "availability": "active_probability games_missed appearances_last_5",
        "rest": "rest_days is_back_to_back days_since_last_game minutes_in_last_7_days",
        "home": "is_home",
        "shots": "usage_plays_ewma_10 usage_per_minute_ewma_40 field_goals_attempted_avg_last_10 "
        "three_pointers_attempted_per_minute_ewma_8",
        "shooting": "three_point_pct_regressed true_shooting_pct_last_10",
        "opponent": "opponent_{s}_allowed_avg_last_15 league_{s}_allowed_avg_last_15 opponent_defensive_rating_last_15",
        "pace and total": "opponent_pace_last_15 team_pace_last_10 spread absolute_spread total implied_points "
        "opponent_implied_points team_points_avg_last_15 team_offensive_rating_last_10",
        "lines": "market_margin_surprise implied_points_surprise_recent",
        "time of season": "games_played_season team_games_played_season",
        OTHER: "moon_phase",
    }.items(),
)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_features_that_mean_much_the_same_are_of_one_group(group, names, statistic):
    assert {group_of(name) for name in names.format(s=statistic).split()} == {group}


@pytest.mark.parametrize(
    ("group", "night", "usual", "text"),
    [
        ("minutes", {"minutes_if_active": 36.2}, {"minutes_if_active": 31.0}, "minutes: 36.2 expected, usually 31.0"),
        ("minutes", {"minutes_if_active": 36.2}, {}, "minutes: 36.2 expected"),
        (
            "form",
            {"points_per_minute_ewma_8": 0.75},
            {"points_per_minute_ewma_8": 0.5},
            "form: 27.0 points per 36 minutes of late, usually 18.0",
        ),
        ("form", {"points_avg_last_10": 24.1}, {}, "form: 24.1 points over the last 10"),
        (
            "team-mates",
            {"teammates_usage_plays": 60.0},
            {"teammates_usage_plays": 80.0},
            "team-mates out: they use 25% fewer plays",
        ),
        (
            "team-mates",
            {"teammates_usage_plays": 88.0},
            {"teammates_usage_plays": 80.0},
            "team-mates back: they use 10% more plays",
        ),
        ("team-mates", {"teammates_usage_plays": 80.0}, {"teammates_usage_plays": 80.5}, "team-mates: as usual"),
        (
            "opponent",
            {"opponent_points_allowed_avg_last_15": 107.0},
            {"opponent_points_allowed_avg_last_15": 110.1},
            "opponent allows 3.1 fewer points than most",
        ),
        (
            "opponent",
            {"opponent_points_allowed_avg_last_15": 107.0},
            {"opponent_points_allowed_avg_last_15": 107.04},
            "opponent allows as many points as most",
        ),
        ("opponent", {"opponent_points_allowed_avg_last_15": 107.0}, {}, "opponent allows 107.0 points"),
        ("pace and total", {"spread": -4.5, "total": 231.0}, {}, "lines: spread -4.5, total 231"),
        ("lines", {"market_margin_surprise_recent": -3.14}, {}, "lines see the team 3.1 points weaker than of late"),
        ("rest", {"rest_days": 0}, {}, "back-to-back"),
        ("rest", {"rest_days": 1}, {}, "1 day of rest"),
        ("home", {"is_home": True}, {}, "at home"),
        ("home", {"is_home": False}, {}, "away"),
        ("availability", {"games_missed": 1, "active_probability": 0.7}, {}, "back after missing 1 game"),
        (
            "availability",
            {"games_missed": 0, "active_probability": 0.91},
            {"active_probability": 0.97},
            "91% likely to play, usually 97%",
        ),
        ("availability", {"games_missed": 0, "appearances_last_10": 7}, {}, "played 7 of the team's last 10"),
        ("season so far", {"points_avg_season": 20.0}, {}, "season so far: 20.0 points a game"),
        ("season so far", {"points_avg_previous_season": 18.0}, {}, "last season: 18.0 points a game"),
    ],
)
def test_a_group_is_told_with_the_number_that_a_person_recognises(group, night, usual, text):
    assert words(group, night, usual, POINTS) == text


@pytest.mark.parametrize(
    ("market", "group", "night", "text"),
    [
        (REBOUNDS, "opponent", {"opponent_rebounds_allowed_avg_last_15": 44.0}, "opponent allows 44.0 rebounds"),
        (
            THREES,
            "opponent",
            {"opponent_three_point_attempts_allowed_avg_last_15": 35.0},
            "opponent allows 35.0 three-point attempts",
        ),
        (ASSISTS, "form", {"assists_per_minute_ewma_8": 0.25}, "form: 9.0 assists per 36 minutes of late"),
        (THREES, "shots", {"three_pointers_attempted_ewma_10": 6.3}, "three-point attempts: 6.3 a game of late"),
        (POINTS, "shots", {"field_goals_attempted_ewma_10": 15.0}, "shots: 15.0 a game of late"),
    ],
)
def test_the_number_is_the_markets_own(market, group, night, text):
    assert words(group, night, {}, market) == text


@pytest.mark.parametrize("market", MARKETS, ids=[market.name for market in MARKETS])
@pytest.mark.parametrize("unknown", [None, math.nan])
def test_where_nothing_is_known_a_group_is_its_name(market, unknown):
    nothing = dict.fromkeys(MODEL_FEATURES, unknown)
    for group in {group_of(name) for name in nothing} | {OTHER}:
        assert words(group, nothing, nothing, market) == group
