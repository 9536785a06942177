"""player_daily_cache on hand-made games: windows, seasons, tiers and reasons."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, DAY, appearances, run_one

OPENING = date(2021, 10, 19)
LAST_SPRING = date(2021, 5, 16)


def cache(history=(), day: date = DAY, team=(), zones=(), **context) -> pd.Series:
    return run_one(
        "player_daily_cache",
        day,
        upcoming_player_game_context=[{"game_date": day, **context}],
        player_game_summary=history,
        team_offense_game_summary=team,
        player_shot_zone_analysis=zones,
    )


def test_windows_hold_the_latest_games_before_the_day():
    # 12 games with 0, 1, ..., 11 points: the last five mean (7+8+9+10+11) / 5, the last ten (2+...+11) / 10.
    row = cache(appearances(12, points=list(range(12))))
    assert row.points_avg_last_5 == 9.0
    assert row.points_avg_last_10 == 6.5
    assert row.points_avg_season == 5.5
    assert row.games_used == 10
    assert row.last_game_date == DAY - timedelta(days=1)


def test_a_game_of_the_day_itself_is_not_used():
    row = cache([*appearances(2, points=10), *appearances(1, last_day=DAY, points=60)])
    assert row.points_avg_last_5 == 10.0


def test_deviation_is_of_the_sample_and_null_under_two_games():
    assert cache(appearances(3, points=[10, 12, 14])).points_std_last_10 == pytest.approx(2.0)  # (4 + 0 + 4) / 2 = 4
    assert pd.isna(cache(appearances(1, points=10)).points_std_last_10)


def test_last_n_windows_reach_across_the_season_boundary():
    # Three games of 20 in spring, two of 10 this season.
    first_days = appearances(2, last_day=OPENING + timedelta(days=3), points=10)
    row = cache(appearances(3, LAST_SPRING, points=20) + first_days, OPENING + timedelta(days=5))
    assert row.points_avg_last_5 == 16.0  # (3 * 20 + 2 * 10) / 5
    assert row.points_avg_season == 10.0
    assert row.points_avg_previous_season == 20.0
    assert row.games_used == 5


def test_season_columns_are_null_on_opening_night():
    row = cache(appearances(3, LAST_SPRING, points=20), OPENING, games_played_previous_season=3)
    assert pd.isna([row.points_avg_season, row.minutes_avg_season, row.assists_avg_season]).all()
    assert row.points_avg_last_10 == 20.0
    assert row.points_avg_previous_season == 20.0
    assert row.quality_tier == "previous_season"
    assert "no game yet this season" in row.quality_reasons


def test_the_season_before_the_previous_one_is_forgotten():
    row = cache(appearances(3, date(2020, 3, 5), points=30), OPENING)
    assert pd.isna(row.points_avg_last_10)
    assert row.games_used == 0


def test_a_player_without_any_game_is_a_row_without_history():
    row = cache(context_source="none")
    assert (row.quality_tier, row.games_used) == ("no_history", 0)
    assert pd.isna([row.points_avg_last_5, row.usage_rate_last_10, row.last_game_date]).all()
    assert "first game ever" in row.quality_reasons


@pytest.mark.parametrize(("games", "tier"), [(1, "low"), (4, "low"), (5, "medium"), (9, "medium"), (10, "high")])
def test_tier_follows_the_games_of_this_season(games, tier):
    row = cache(games_played_season=games)
    assert row.quality_tier == tier
    assert ("fewer than 10 games this season" in row.quality_reasons) == (tier != "high")


def test_true_shooting_is_pooled_over_the_window():
    # 30 points on 10 + 0.44 * 10 = 14.4 and 0 on 10: 30 / (2 * 24.4), not the mean of two percentages.
    games = appearances(
        2, points=[30, 0], field_goals_attempted=10, free_throws_attempted=[10, 0], free_throws_made=[9, 0]
    )
    row = cache(games)
    assert row.true_shooting_pct_last_10 == pytest.approx(30 / (2 * 24.4))
    assert row.free_throw_points_share_last_10 == pytest.approx(9 / 30)
    assert row.field_goals_attempted_avg_last_10 == 10.0


def test_shares_of_nothing_are_null():
    games = appearances(2, points=0, field_goals_attempted=0, free_throws_attempted=0, free_throws_made=0)
    row = cache(games)
    assert pd.isna(row.true_shooting_pct_last_10)
    assert pd.isna(row.free_throw_points_share_last_10)
    assert row.points_avg_last_10 == 0.0


def test_usage_is_the_mean_of_the_games_in_which_it_is_known():
    assert cache(appearances(3, usage_rate=[0.1, None, 0.3])).usage_rate_last_10 == pytest.approx(0.2)


def test_team_form_is_the_mean_of_the_teams_last_ten_games():
    # Eleven games of Atlanta, the oldest (pace 200) out of the window; Boston's do not count.
    team = appearances(11, team_id=ATL, pace=[200.0] + [98.0, 102.0] * 5, offensive_rating=110.0)
    other = appearances(3, team_id=BOS, opponent_team_id=ATL, pace=150.0, offensive_rating=150.0)
    row = cache(appearances(10, points=1), team=team + other)
    assert row.team_pace_last_10 == pytest.approx(100.0)
    assert row.team_offensive_rating_last_10 == pytest.approx(110.0)


def test_zones_of_the_analysis_win_over_the_recent_games():
    analysed = {"paint_rate_last_10": 0.1, "mid_range_rate_last_10": 0.2, "three_point_rate_last_10": 0.7}
    row = cache(zones=[{**analysed, "primary_scoring_zone": "perimeter"}])
    assert (row.paint_rate_last_10, row.three_point_rate_last_10) == (0.1, 0.7)
    assert row.primary_scoring_zone == "perimeter"


def test_unknown_shots_are_a_reason():
    row = cache(appearances(12, points=1), games_played_season=12)
    assert pd.isna(row.paint_rate_last_10)
    assert "player's shot zones unknown" in row.quality_reasons


def test_load_and_rest_are_those_of_the_context():
    row = cache(games_in_last_7_days=3, minutes_in_last_14_days=200.5, rest_days=0, is_back_to_back=True)
    assert (row.games_in_last_7_days, row.minutes_in_last_14_days, row.rest_days) == (3, 200.5, 0)
    assert row.is_back_to_back
