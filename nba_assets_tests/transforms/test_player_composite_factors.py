"""player_composite_factors on hand-made rows: each factor's arithmetic, sign and what is done with the unknown."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from nba_assets.transforms.precompute.player_composite_factors import clamp
from nba_assets_tests.factories import BOS, appearances, run_one

FRESH = {"rest_days": 1, "games_played_season": 20}


def factors(history=(), defense=None, zones=None, **context) -> pd.Series:
    return run_one(
        "player_composite_factors",
        upcoming_player_game_context=[{**FRESH, **context}],
        player_game_summary=history,
        team_defense_zone_analysis=[] if defense is None else [{"team_id": BOS, **defense}],
        player_shot_zone_analysis=[] if zones is None else [zones],
    )


def zone_rates(paint: float, mid_range: float, three: float, label: str) -> dict:
    return {
        "paint_rate_last_10": paint,
        "mid_range_rate_last_10": mid_range,
        "three_point_rate_last_10": three,
        "primary_scoring_zone": label,
    }


def allowed(paint: float = 0.0, mid_range: float = 0.0, three: float = 0.0) -> dict:
    return {
        "paint_allowed_vs_league_pct": paint,
        "mid_range_allowed_vs_league_pct": mid_range,
        "three_point_allowed_vs_league_pct": three,
    }


def test_a_rested_player_is_at_100_and_loses_nothing():
    row = factors()
    assert (row.fatigue_score, row.fatigue_adjustment) == (100.0, 0.0)


@pytest.mark.parametrize(
    ("load", "score"),
    [
        ({"is_back_to_back": True, "rest_days": 0}, 85),  # -15
        ({"games_in_last_7_days": 4, "minutes_in_last_7_days": 120.0}, 90),  # -10
        ({"games_in_last_7_days": 3, "minutes_in_last_7_days": 108.0}, 92),  # 36 a game: -8
        ({"games_in_last_7_days": 3, "minutes_in_last_7_days": 105.0}, 100),  # 35 a game is not more than 35
        ({"games_in_last_7_days": 8, "minutes_in_last_7_days": 240.5}, 80),  # -10 games, -10 minutes
        ({"back_to_backs_in_last_14_days": 1}, 95),
        ({"back_to_backs_in_last_14_days": 2}, 88),
        ({"back_to_backs_in_last_14_days": 1, "rest_days": 2}, 100),  # -5 + 5 for two days of rest
        ({"rest_days": 5}, 100),  # never above 100
        (
            {
                "is_back_to_back": True,
                "rest_days": 0,
                "games_in_last_7_days": 4,
                "minutes_in_last_7_days": 260.0,
                "back_to_backs_in_last_14_days": 3,
            },
            45,  # 100 - 15 - 10 - 10 - 8 - 12
        ),
    ],
)
def test_fatigue_score(load, score):
    row = factors(**load)
    assert row.fatigue_score == score
    assert row.fatigue_adjustment == pytest.approx((score - 100) / 20)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("minutes_in_last_7_days", [0.0, 60.0, 120.0, 145.0, 200.0, 241.0, 300.0]),
        ("back_to_backs_in_last_14_days", [0, 1, 2, 3, 4]),
        ("rest_days", [6, 3, 2, 1, 0]),
    ],
)
def test_more_load_never_raises_the_score(column, values):
    heavy = {"games_in_last_7_days": 4, "minutes_in_last_7_days": 100.0, "back_to_backs_in_last_14_days": 1}
    scores = []
    for value in values:
        load = {**heavy, column: value}
        scores.append(factors(**load, is_back_to_back=load.get("rest_days") == 0).fatigue_score)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_more_games_of_the_same_length_never_raise_the_score():
    scores = [
        factors(games_in_last_7_days=n, minutes_in_last_7_days=36.0 * n).fatigue_score for n in (1, 2, 3, 4, 5, 6, 7)
    ]
    assert scores == sorted(scores, reverse=True)


def test_fatigue_is_unknown_without_history():
    row = factors(context_source="none", games_played_season=0, rest_days=None)
    assert pd.isna(row.fatigue_score)
    assert pd.isna(row.fatigue_adjustment)


@pytest.mark.parametrize(
    ("zones", "defense", "score"),
    [
        (zone_rates(0.5, 0.2, 0.3, "paint"), allowed(paint=0.03), 3.0),  # 100 * 0.03 * min(0.5 / 0.5, 1)
        (zone_rates(0.4, 0.3, 0.3, "paint"), allowed(paint=0.03), 2.4),  # weight 0.4 / 0.5
        (zone_rates(0.8, 0.1, 0.1, "paint"), allowed(paint=0.03), 3.0),  # weight at most 1
        (zone_rates(0.8, 0.1, 0.1, "paint"), allowed(paint=0.06), 7.2),  # beyond 5: * 1.2
        (zone_rates(0.8, 0.1, 0.1, "paint"), allowed(paint=0.05), 5.0),  # 5 itself is not beyond
        (zone_rates(0.8, 0.1, 0.1, "paint"), allowed(paint=0.30), 10.0),  # bounded
        (zone_rates(0.8, 0.1, 0.1, "paint"), allowed(paint=-0.30), -10.0),
        (zone_rates(0.1, 0.2, 0.7, "perimeter"), allowed(paint=0.09, three=-0.02), -2.0),
        (zone_rates(0.2, 0.5, 0.3, "mid_range"), allowed(mid_range=0.04), 4.0),
        # balanced: mean of 3 * 0.7, 6 * 0.6 and -3 * 0.7 = 3.6 / 3
        (zone_rates(0.35, 0.30, 0.35, "balanced"), allowed(0.03, 0.06, -0.03), 1.2),
    ],
)
def test_zone_mismatch_is_the_opponents_weakness_in_the_main_zone(zones, defense, score):
    assert factors(zones=zones, defense=defense).shot_zone_mismatch_score == pytest.approx(score)


def test_a_weaker_defence_raises_the_zone_mismatch():
    zones = zone_rates(0.5, 0.2, 0.3, "paint")
    scores = [
        factors(zones=zones, defense=allowed(paint=p)).shot_zone_mismatch_score for p in (-0.06, -0.01, 0.01, 0.06)
    ]
    assert scores == sorted(scores)
    assert scores[0] < 0 < scores[-1]


def test_zone_mismatch_is_null_if_either_side_is_unknown():
    assert pd.isna(factors(defense=allowed(0.05, 0.05, 0.05)).shot_zone_mismatch_score)
    assert pd.isna(factors(zones=zone_rates(0.5, 0.2, 0.3, "paint")).shot_zone_mismatch_score)
    unknown = {**allowed(), "paint_allowed_vs_league_pct": None}
    assert pd.isna(factors(zones=zone_rates(0.5, 0.2, 0.3, "paint"), defense=unknown).shot_zone_mismatch_score)


def test_zones_of_a_player_under_ten_games_come_from_his_recent_games():
    shots = {"has_shot_zones": True, "paint_attempts": 8, "mid_range_attempts": 1, "three_pointers_attempted": 1}
    made = {"paint_makes": 4, "mid_range_makes": 0, "three_pointers_made": 0}
    row = factors(appearances(3, **shots, **made), defense=allowed(paint=0.02))
    assert row.shot_zone_mismatch_score == pytest.approx(2.0)


@pytest.mark.parametrize(("opponent", "score"), [(104.0, 2.0), (100.0, 0.0), (97.0, -1.5), (110.0, 3.0), (80.0, -3.0)])
def test_a_faster_opponent_raises_the_pace_score(opponent, score):
    row = factors(defense={"opponent_pace_last_15": opponent, "league_pace_last_15": 100.0})
    assert row.pace_differential == pytest.approx(opponent - 100)
    assert row.pace_score == pytest.approx(score)


@pytest.mark.parametrize(
    ("missing", "projected", "score"),
    [
        (0.0, 0.20, 0.0),
        (0.2, 0.25, 1.5),  # 0.20 / 0.8 = 0.25, five points of usage * 0.3
        (0.5, 0.40, 3.0),  # twenty points * 0.3 = 6, at most 3
        (None, 0.20, 0.0),
    ],
)
def test_absent_team_mates_raise_the_usage_spike(missing, projected, score):
    row = factors(appearances(5, usage_rate=0.20), missing_usage_share=missing)
    assert row.projected_usage_rate == pytest.approx(projected)
    assert row.usage_spike_score == pytest.approx(score)


def test_an_unknown_usage_stays_unknown_whoever_is_absent():
    row = factors(appearances(5, usage_rate=None), missing_usage_share=0.2)
    assert pd.isna(row.projected_usage_rate)
    assert pd.isna(row.usage_spike_score)


def test_projected_usage_stays_a_share():
    row = factors(appearances(5, usage_rate=0.5), missing_usage_share=0.95)
    assert row.projected_usage_rate == 1.0  # the share left counts up to 0.75: 0.5 / 0.25 = 2, at most 1


def test_total_is_the_sum_of_the_known_factors():
    row = factors(
        appearances(5, usage_rate=0.20),
        {**allowed(paint=0.03), "opponent_pace_last_15": 98.0, "league_pace_last_15": 100.0},
        zone_rates(0.5, 0.2, 0.3, "paint"),
        missing_usage_share=0.2,
        is_back_to_back=True,
    )
    # fatigue (85 - 100) / 20 = -0.75; zones 3.0; pace -1.0; usage 1.5
    assert row.total_composite_adjustment == pytest.approx(-0.75 + 3.0 - 1.0 + 1.5)
    assert row.factors_available == 4
    assert pd.isna(row.quality_reasons)


def test_unknown_factors_are_not_counted():
    row = factors(is_back_to_back=True)
    assert row.factors_available == 1  # only fatigue
    assert row.total_composite_adjustment == pytest.approx(-0.75)
    assert "opponent's pace unknown" in row.quality_reasons


def test_total_is_null_if_no_factor_is_known():
    row = factors(context_source="none", games_played_season=0)
    assert row.factors_available == 0
    assert pd.isna(row.total_composite_adjustment)
    assert row.quality_tier == "no_history"


@pytest.mark.parametrize(("value", "expected"), [(-4.0, -3.0), (-3.0, -3.0), (0.5, 0.5), (9.0, 3.0)])
def test_clamp_keeps_a_value_within_bounds(value, expected):
    assert ibis.duckdb.connect().execute(clamp(ibis.literal(value), -3.0, 3.0)) == expected


def test_clamp_keeps_null():
    assert pd.isna(ibis.duckdb.connect().execute(clamp(ibis.null("float64"), -3.0, 3.0)))
