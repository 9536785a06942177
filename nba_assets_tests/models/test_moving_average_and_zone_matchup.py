"""The two systems that are formulas over the feature row: values by hand, silence, and which way each input pulls."""

from __future__ import annotations

import numpy as np
import pytest

from nba_assets.models.systems import moving_average, zone_matchup
from nba_assets_tests.models.answers import CONFIDENCE, ask, ask_one, is_silent

BASE = 0.5 * 20 + 0.3 * 18 + 0.2 * 16
SYSTEMS = [moving_average, zone_matchup]


def test_moving_average_weighs_recent_games_and_adds_the_players_share_of_the_factors():
    adjustment = 0.01 * (80 - 100) + 0.05 * 2.0 + 0.1 * 1.5 + 0.3 * 1.0
    answer = ask_one(moving_average)
    assert answer.predicted_value == pytest.approx(BASE + adjustment * BASE / 10)
    assert answer.confidence_score == pytest.approx(CONFIDENCE)
    assert answer.reason is None


def test_moving_average_takes_an_unknown_factor_for_no_adjustment():
    unknown = dict.fromkeys(("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score"))
    assert ask_one(moving_average, **unknown).predicted_value == pytest.approx(BASE)


def test_moving_average_takes_the_previous_season_before_the_first_game_of_this_one():
    neutral = {"fatigue_score": 100.0, "shot_zone_mismatch_score": 0.0, "pace_score": 0.0, "usage_spike_score": 0.0}
    answer = ask_one(moving_average, points_avg_season=None, points_avg_previous_season=11.0, **neutral)
    assert answer.predicted_value == pytest.approx(0.5 * 20 + 0.3 * 18 + 0.2 * 11)


def test_zone_matchup_changes_the_season_mean_by_zones_and_pace():
    zones = 0.5 * 2 * 0.04 + 0.2 * 2 * -0.05 + 0.3 * 3 * 0.02
    answer = ask_one(zone_matchup)
    assert answer.predicted_value == pytest.approx(16 * (1 + 0.5 * 0.02) + 0.5 * 12 * zones)
    assert answer.confidence_score == pytest.approx(CONFIDENCE)


def test_zone_matchup_with_an_average_opponent_is_the_season_mean():
    zones = ("paint", "mid_range", "three_point")
    average = {f"opponent_{zone}_allowed_vs_league_pct": 0.0 for zone in zones}
    assert ask_one(zone_matchup, opponent_pace_last_15=100.0, **average).predicted_value == pytest.approx(16.0)


@pytest.mark.parametrize("system", SYSTEMS)
def test_without_an_earlier_game_both_are_silent(system):
    assert is_silent(ask_one(system, games_used=0), "no earlier game")


@pytest.mark.parametrize("system", SYSTEMS)
def test_without_any_season_mean_both_are_silent(system):
    assert is_silent(ask_one(system, points_avg_season=None), "an input is unknown")


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        ("paint_rate_last_10", "player's shot zones unknown"),
        ("opponent_paint_allowed_vs_league_pct", "opponent's zone defence unknown"),
        ("opponent_pace_last_15", "an input is unknown"),
        ("field_goals_attempted_avg_last_10", "an input is unknown"),
    ],
)
def test_zone_matchup_is_silent_rather_than_assume_an_average(unknown, reason):
    assert is_silent(ask_one(zone_matchup, **{unknown: None}), reason)


def _pairs(count: int, changed: str, low: float, high: float) -> list[dict[str, float]]:
    """Random players, each twice (ids 2n and 2n + 1), who differ in one feature only: the second has more of it."""
    rng = np.random.default_rng(11)
    records = []
    for n in range(count):
        rates = rng.dirichlet([2, 1, 2])
        record = {
            "points_avg_last_5": rng.uniform(0, 40),
            "points_avg_last_10": rng.uniform(0, 35),
            "points_avg_season": rng.uniform(0, 35),
            "field_goals_attempted_avg_last_10": rng.uniform(0, 25),
            "paint_rate_last_10": rates[0],
            "mid_range_rate_last_10": rates[1],
            "three_point_rate_last_10": rates[2],
            "opponent_pace_last_15": rng.uniform(92, 108),
            "fatigue_score": rng.uniform(0, 100),
            "shot_zone_mismatch_score": rng.uniform(-10, 10),
            "pace_score": rng.uniform(-3, 3),
            "usage_spike_score": rng.uniform(0, 3),
        }
        less, more = sorted(rng.uniform(low, high, 2))
        records.append({**record, "player_id": 2 * n, changed: less})
        records.append({**record, "player_id": 2 * n + 1, changed: more})
    return records


@pytest.mark.parametrize(
    ("system", "changed", "low", "high"),
    [
        (moving_average, "fatigue_score", 0, 100),
        (moving_average, "usage_spike_score", 0, 3),
        (moving_average, "pace_score", -3, 3),
        (moving_average, "shot_zone_mismatch_score", -10, 10),
        (zone_matchup, "opponent_paint_allowed_vs_league_pct", -0.1, 0.1),
        (zone_matchup, "opponent_mid_range_allowed_vs_league_pct", -0.1, 0.1),
        (zone_matchup, "opponent_three_point_allowed_vs_league_pct", -0.1, 0.1),
        (zone_matchup, "opponent_pace_last_15", 92, 108),
    ],
)
def test_fresher_legs_freed_usage_faster_pace_and_a_weaker_defence_never_lower_a_forecast(system, changed, low, high):
    forecasts = ask(system, _pairs(200, changed, low, high))["predicted_value"].to_numpy()
    less, more = forecasts[0::2], forecasts[1::2]
    assert (more >= less - 1e-9).all()
    assert (more > less).any()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_forecast_is_never_below_zero(system):
    crushing = {
        "fatigue_score": 0.0,
        "shot_zone_mismatch_score": -500.0,
        "opponent_paint_allowed_vs_league_pct": -0.9,
        "points_avg_season": 1.0,
    }
    assert ask_one(system, **crushing).predicted_value == 0.0


@pytest.mark.parametrize("system", SYSTEMS)
def test_confidence_grows_with_games_shrinks_with_volatility_and_stays_within_its_bounds(system):
    few = ask_one(system, games_played_season=1).confidence_score
    many = ask_one(system, games_played_season=60, points_std_last_10=0.0).confidence_score
    volatile = ask_one(system, points_std_last_10=100.0).confidence_score
    unknown = ask_one(system, games_played_season=None, points_std_last_10=None).confidence_score
    assert few < CONFIDENCE < many
    assert many == pytest.approx(0.8)
    assert volatile == pytest.approx(0.4)
    assert 0.2 <= unknown < few
