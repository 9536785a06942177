"""A player's form on hand-made games: weighted means, pooled rates, percentages held to the league."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from nba_assets.transforms.player_form import PER_MINUTE, form
from nba_assets_tests.factories import DAY, appearances, put, rows


def after_the_last(games: list[dict], frame: int = 2021) -> pd.Series:
    connection = ibis.duckdb.connect()
    made = connection.execute(form(put(connection, "history", rows("player_game_summary", games))))
    return made[made.frame == frame].sort_values("game_date").iloc[-1]


def test_expected_minutes_mix_a_fast_and_a_slow_mean():
    row = after_the_last(appearances(2, minutes=[20.0, 30.0]))
    fast = (20 * 0.5**0.5 + 30) / (0.5**0.5 + 1)
    slow = (20 * 0.5 ** (1 / 12) + 30) / (0.5 ** (1 / 12) + 1)
    assert (row.minutes_ewma_2, row.minutes_ewma_12) == pytest.approx((fast, slow))
    assert row.expected_minutes == pytest.approx(0.45 * fast + 0.55 * slow)


def test_a_rate_is_pooled_and_drawn_to_the_league_by_an_hour():
    # 40 points in 30 minutes and none in 10: not the mean of two rates.
    row = after_the_last(appearances(2, minutes=[30.0, 10.0], points=[40, 0]))
    fade = 0.5 ** (1 / 40)
    assert row.points_per_minute_ewma_40 == pytest.approx((40 * fade + 60 * 0.45) / (30 * fade + 10 + 60))


def test_without_known_minutes_the_rate_is_the_leagues():
    row = after_the_last(appearances(1, minutes=None, points=40))
    assert row.points_per_minute_ewma_8 == PER_MINUTE["points"]
    assert pd.isna(row.expected_minutes)


def test_percentages_are_held_to_the_league_by_so_many_attempts():
    game = {"field_goals_made": 9, "field_goals_attempted": 20, "three_pointers_made": 5}
    game |= {"three_pointers_attempted": 10, "free_throws_made": 0, "free_throws_attempted": 0}
    row = after_the_last(appearances(2, **game))
    assert row.three_point_pct_regressed == pytest.approx((10 + 150 * 0.36) / (20 + 150))
    assert row.two_point_pct_regressed == pytest.approx((8 + 100 * 0.53) / (20 + 100))
    assert row.free_throw_pct_regressed == pytest.approx(0.77)


def test_a_season_sees_itself_and_the_one_before():
    games = appearances(1, date(2020, 3, 5), minutes=40.0) + appearances(1, date(2021, 5, 5), minutes=20.0)
    games += appearances(1, DAY, minutes=30.0)
    row = after_the_last(games)
    slow = 0.5 ** (1 / 12)
    assert row.minutes_ewma_12 == pytest.approx((20 * slow + 30) / (slow + 1))
    assert row.games_played_season == 1
