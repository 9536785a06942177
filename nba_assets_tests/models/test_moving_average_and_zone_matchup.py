"""The two systems that are formulas over the feature row: values by hand, silence, and which way each input pulls."""

from __future__ import annotations

import numpy as np
import pytest

from nba_assets.markets import MARKETS
from nba_assets.models.systems import moving_average, zone_matchup
from nba_assets_tests.models.answers import ASSISTS, REBOUNDS, THREES, ask, ask_one, is_silent

BASE = 0.5 * 20 + 0.3 * 18 + 0.2 * 16
SYSTEMS = [moving_average, zone_matchup]


def test_moving_average_weighs_recent_games_and_adds_the_players_share_of_the_factors():
    adjustment = 0.01 * (80 - 100) + 0.05 * 2.0 + 0.1 * 1.5 + 0.3 * 1.0
    answer = ask_one(moving_average)
    assert answer.predicted_value == pytest.approx(BASE + adjustment * BASE / 10)
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


def test_zone_matchup_with_an_average_opponent_is_the_season_mean():
    zones = ("paint", "mid_range", "three_point")
    average = {f"opponent_{zone}_allowed_vs_league_pct": 0.0 for zone in zones}
    assert ask_one(zone_matchup, opponent_pace_last_15=100.0, **average).predicted_value == pytest.approx(16.0)


def form_of(market, **given):
    """A season's mean of 16, 20 in the last 5 and 18 in the last 10, in that market."""
    values = {"avg_last_5": 20.0, "avg_last_10": 18.0, "avg_season": 16.0, "std_last_10": 9.0, **given}
    return {f"{market.statistic}_{name}": value for name, value in values.items()}


@pytest.mark.parametrize("market", [REBOUNDS, ASSISTS, THREES], ids=lambda market: market.name)
def test_other_markets_get_the_same_share_of_the_factors_but_not_of_the_zone_mismatch(market):
    adjustment = 0.01 * (80 - 100) + 0.1 * 1.5 + 0.3 * 1.0
    answer = ask_one(moving_average, market=market, **form_of(market))
    assert answer.predicted_value == pytest.approx(BASE + adjustment * BASE / 10)


def test_threes_are_matched_by_the_three_point_zone_alone_and_a_make_counts_one():
    answer = ask_one(zone_matchup, market=THREES, **form_of(THREES))
    assert answer.predicted_value == pytest.approx(16 * (1 + 0.5 * 0.02) + 0.5 * 12 * 0.3 * 0.02)
    other_zones = {"opponent_paint_allowed_vs_league_pct": 0.2, "paint_rate_last_10": None}
    same = ask_one(zone_matchup, market=THREES, **form_of(THREES), **other_zones)
    assert same.predicted_value == answer.predicted_value


@pytest.mark.parametrize(("market", "ratio"), [(REBOUNDS, 46.2 / 44), (ASSISTS, 22.8 / 24)])
def test_where_zones_do_not_bear_half_of_what_the_opponent_allows_over_the_league_counts(market, ratio):
    answer = ask_one(zone_matchup, market=market, **form_of(market))
    assert answer.predicted_value == pytest.approx(16 * (1 + 0.5 * (ratio - 1)))
    no_zones = {"paint_rate_last_10": None, "opponent_paint_allowed_vs_league_pct": None}
    assert ask_one(zone_matchup, market=market, **form_of(market), **no_zones).predicted_value == answer.predicted_value


@pytest.mark.parametrize("side", ["opponent", "league"])
def test_without_what_is_allowed_there_is_silence(side):
    unknown = {f"{side}_rebounds_allowed_avg_last_15": None}
    answer = ask_one(zone_matchup, market=REBOUNDS, **form_of(REBOUNDS), **unknown)
    assert is_silent(answer, "opponent's rebounds allowed unknown")


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
@pytest.mark.parametrize("system", SYSTEMS)
def test_without_an_earlier_game_both_are_silent_in_every_market(system, market):
    assert is_silent(ask_one(system, market=market, games_used=0), "no earlier game")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_row_of_each_information_set_is_answered_by_itself(system):
    records = [{"information_set": "lineup", "points_avg_season": 10.0}, {"information_set": "pregame"}]
    answers = ask(system, records)
    assert answers["information_set"].tolist() == ["lineup", "pregame"]
    assert answers["predicted_value"][0] < answers["predicted_value"][1]


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
