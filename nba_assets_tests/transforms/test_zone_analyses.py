"""player_shot_zone_analysis and team_defense_zone_analysis on hand-made games."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, DAY, appearances, run, run_one, scheduled

TONIGHT = [scheduled(DAY, 900, ATL, BOS)]


def zones(paint=0, mid_range=0, three=0, paint_makes=0, **given) -> dict:
    return {
        "has_shot_zones": True,
        "paint_attempts": paint,
        "paint_makes": paint_makes,
        "mid_range_attempts": mid_range,
        "mid_range_makes": 0,
        "three_pointers_attempted": three,
        "three_pointers_made": 0,
        **given,
    }


def player(games: list[dict]) -> pd.Series:
    return run_one("player_shot_zone_analysis", games=TONIGHT, player_game_summary=games)


def test_a_player_is_analysed_only_from_ten_games():
    for count, expected in ((9, 0), (10, 1)):
        games = appearances(count, **zones(paint=1))
        assert len(run("player_shot_zone_analysis", games=TONIGHT, player_game_summary=games)) == expected


def test_tonights_game_does_not_make_the_tenth():
    games = appearances(10, last_day=DAY, **zones(paint=1))
    assert run("player_shot_zone_analysis", games=TONIGHT, player_game_summary=games).empty


def test_games_of_the_season_before_do_not_make_the_tenth():
    games = appearances(9, **zones(paint=1)) + appearances(5, last_day=date(2021, 5, 10), **zones(paint=1))
    assert run("player_shot_zone_analysis", games=TONIGHT, player_game_summary=games).empty


def test_players_who_do_not_play_tonight_are_analysed_too():
    games = appearances(10, team_id=1610612747, **zones(paint=1))
    assert player(games).player_id == 1


def test_a_day_without_games_has_no_rows():
    games = appearances(12, **zones(paint=1))
    assert run("player_shot_zone_analysis", player_game_summary=games).empty


@pytest.mark.parametrize("table", ["player_shot_zone_analysis", "team_defense_zone_analysis"])
def test_a_day_whose_games_are_all_postponed_has_no_rows(table):
    upstream = {"player_game_summary": appearances(12)} if table == "player_shot_zone_analysis" else {}
    postponed = [scheduled(DAY, 900, ATL, BOS, status="postponed")]
    assert run(table, games=postponed, **upstream).empty
    assert len(run(table, games=TONIGHT, **upstream)) > 0


def test_rates_are_shares_of_attempts_and_percentages_are_pooled():
    # Ten games, each 4 in the paint (3 made), 1 from mid-range, 5 threes.
    row = player(appearances(10, **zones(4, 1, 5, paint_makes=3)))
    assert (row.paint_rate_last_10, row.mid_range_rate_last_10, row.three_point_rate_last_10) == (0.4, 0.1, 0.5)
    assert row.paint_pct_last_10 == 0.75
    assert row.paint_attempts_avg_last_10 == 4.0
    assert (row.games_played_season, row.games_with_shot_zones) == (10, 10)


def test_the_window_holds_the_latest_ten_games():
    # The two oldest of twelve games, all threes, are out of the window.
    row = player(appearances(12, **zones(paint=[0, 0] + [2] * 10, three=[9, 9] + [2] * 10)))
    assert row.paint_rate_last_10 == 0.5
    assert (row.games_played_season, row.games_with_shot_zones) == (12, 10)


def test_games_with_unknown_shots_are_left_out_of_all_three_zones():
    # Half of the games have no shots; their threes, known from the box score, must not tilt the shares.
    known = [True, False] * 5
    row = player(appearances(10, **zones(paint=[3 if k else None for k in known], three=3, has_shot_zones=known)))
    assert (row.paint_rate_last_10, row.three_point_rate_last_10) == (0.5, 0.5)
    assert row.paint_attempts_avg_last_10 == 3.0  # per game with known shots
    assert row.games_with_shot_zones == 5
    assert row.quality_reasons == "shots missing in some games of the window"
    assert row.quality_tier == "medium"


def test_rates_are_null_if_no_game_has_shots():
    row = player(appearances(10, **zones(None, None, 5, paint_makes=None, has_shot_zones=False)))
    assert pd.isna([row.paint_rate_last_10, row.three_point_rate_last_10, row.paint_attempts_avg_last_10]).all()
    assert pd.isna(row.primary_scoring_zone)
    assert row.quality_reasons == "shots missing in every game of the window"


@pytest.mark.parametrize(("count", "known"), [(14, False), (15, True)])
def test_the_long_window_needs_fifteen_games(count, known):
    row = player(appearances(count, **zones(1, 0, 1)))
    assert pd.notna(row.paint_rate_last_20) == known
    assert pd.notna(row.paint_rate_last_10)


@pytest.mark.parametrize(
    ("paint", "mid_range", "three", "zone"),
    [
        (40, 20, 40, "paint"),  # paint first
        (39, 21, 40, "perimeter"),
        (39, 35, 26, "mid_range"),
        (39, 34, 27, "balanced"),
        (39, 60, 1, "mid_range"),
        (0, 0, 0, None),
    ],
)
def test_primary_zone_thresholds(paint, mid_range, three, zone):
    found = player(appearances(10, **zones(paint, mid_range, three))).primary_scoring_zone
    assert found == zone if zone else pd.isna(found)


ALLOWED = {
    "has_shot_zones": True,
    "paint_attempts_allowed": 40,
    "paint_makes_allowed": 24,
    "mid_range_attempts_allowed": 20,
    "mid_range_makes_allowed": 8,
    "three_pointers_attempted_allowed": 30,
    "three_pointers_made_allowed": 12,
    "defensive_rating": 110.0,
    "opponent_pace": 100.0,
    "points_allowed": 108,
    "assists_allowed": 24,
}


def defenses(games: list[dict], day: date = DAY) -> pd.DataFrame:
    tonight = [scheduled(day, 900, ATL, BOS)]
    return run("team_defense_zone_analysis", day, games=tonight, team_defense_game_summary=games).set_index("team_id")


def test_all_thirty_teams_have_a_row_on_a_day_with_a_game():
    made = defenses([])
    assert len(made) == 30
    assert set(made.quality_tier) == {"no_history"}
    assert made.paint_pct_allowed_last_15.isna().all()
    assert (made.games_used == 0).all()


def test_defence_is_pooled_over_the_latest_fifteen_games():
    # 16 games: the oldest, with other numbers, is out. 15 * 24 makes over 15 * 40 attempts.
    games = appearances(16, team_id=ATL, **{**ALLOWED, "paint_makes_allowed": [40] + [24] * 15})
    row = defenses(games).loc[ATL]
    assert row.paint_pct_allowed_last_15 == pytest.approx(0.6)
    assert row.paint_attempts_allowed_avg_last_15 == 40
    assert (row.games_used, row.games_played_season) == (15, 16)


def test_percentage_is_of_sums_not_a_mean_of_games():
    games = appearances(
        2, team_id=ATL, **{**ALLOWED, "paint_attempts_allowed": [10, 30], "paint_makes_allowed": [10, 6]}
    )
    assert defenses(games).loc[ATL].paint_pct_allowed_last_15 == pytest.approx(16 / 40)


def test_a_weak_zone_is_positive_against_the_league():
    # Atlanta allows 28 of 40, Boston 20 of 40; the league 48 of 80 = 0.6.
    games = [
        *appearances(1, team_id=ATL, **{**ALLOWED, "paint_makes_allowed": 28}),
        *appearances(1, team_id=BOS, opponent_team_id=ATL, **{**ALLOWED, "paint_makes_allowed": 20}),
    ]
    made = defenses(games)
    assert made.paint_allowed_vs_league_pct[ATL] == pytest.approx(0.1)
    assert made.paint_allowed_vs_league_pct[BOS] == pytest.approx(-0.1)
    assert (made.weakest_zone[ATL], made.strongest_zone[BOS]) == ("paint", "paint")


def test_league_pace_is_the_mean_over_teams():
    games = [*appearances(3, team_id=ATL, **{**ALLOWED, "opponent_pace": 96.0})]
    games += appearances(1, team_id=BOS, opponent_team_id=ATL, **ALLOWED)
    assert set(defenses(games).league_pace_last_15) == {98.0}  # (96 + 100) / 2, however many games


def test_what_opponents_got_is_a_mean_of_games_and_the_leagues_a_mean_of_teams():
    games = appearances(16, team_id=ATL, **{**ALLOWED, "rebounds_allowed": [90] + [40] * 14 + [55]})
    games += appearances(1, team_id=BOS, opponent_team_id=ATL, **{**ALLOWED, "rebounds_allowed": 45})
    made = defenses(games)
    assert made.rebounds_allowed_avg_last_15[ATL] == pytest.approx(41.0)  # (14 * 40 + 55) / 15
    assert set(made.league_rebounds_allowed_avg_last_15) == {43.0}  # (41 + 45) / 2, however many games
    assert made.assists_allowed_avg_last_15[BOS] == 24.0


def test_games_without_shots_count_for_the_ratings_only():
    known = [True, False]
    allowed = {
        **ALLOWED,
        "has_shot_zones": known,
        "paint_attempts_allowed": [40, None],
        "defensive_rating": [100.0, 120.0],
    }
    row = defenses(appearances(2, team_id=ATL, **allowed)).loc[ATL]
    assert (row.games_used, row.games_with_shot_zones) == (2, 1)
    assert row.paint_attempts_allowed_avg_last_15 == 40
    assert row.three_point_pct_allowed_last_15 == pytest.approx(0.4)  # 12 / 30 of the one game
    assert row.defensive_rating_last_15 == 110


def test_window_reaches_into_the_previous_season():
    games = appearances(3, last_day=date(2021, 5, 16), team_id=ATL, **ALLOWED)
    row = defenses(games, date(2021, 10, 19)).loc[ATL]
    assert (row.games_used, row.games_played_season, row.quality_tier) == (3, 0, "previous_season")
    assert row.last_game_date == date(2021, 5, 16)


@pytest.mark.parametrize(("count", "tier"), [(1, "low"), (4, "low"), (5, "medium"), (9, "medium"), (10, "high")])
def test_tier_follows_the_games_of_this_season(count, tier):
    assert defenses(appearances(count, team_id=ATL, **ALLOWED)).quality_tier[ATL] == tier
