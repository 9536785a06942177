"""upcoming_team_game_context on hand-made schedules: rest, form, travel and lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, CLE, DAY, final, game_id, run, scheduled

TONIGHT = 500


def context(games: list[dict], lines: list[dict] = (), team: int = ATL, **tonight) -> pd.Series:
    """Atlanta's row (or another team's) when it hosts Boston tonight."""
    made = run(
        "upcoming_team_game_context",
        games=[*games, scheduled(DAY, TONIGHT, ATL, BOS, **tonight)],
        game_lines=[{"game_id": game_id(TONIGHT), "home_spread": None, **line} for line in lines],
    )
    return made.set_index("team_id").loc[team]


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def home_games(*results: str) -> list[dict]:
    """Atlanta's games on the days before, the last one yesterday: 'W' by 10 or 'L' by 10."""
    count = len(results)
    return [
        final(ago(count - n), n + 1, ATL, CLE, *((100, 90) if result == "W" else (90, 100)))
        for n, result in enumerate(results)
    ]


@pytest.mark.parametrize(("days", "rest"), [(1, 0), (2, 1), (5, 4)])
def test_back_to_back_is_zero_rest_days(days, rest):
    row = context([final(ago(days), 1, ATL, CLE)])
    assert row.rest_days == rest
    assert row.is_back_to_back == (rest == 0)
    assert row.last_game_date == ago(days)


def test_rest_is_null_before_the_first_game_of_the_season():
    row = context([])
    assert pd.isna(row.rest_days)
    assert not row.is_back_to_back
    assert pd.isna(row.win_pct_season)
    assert pd.isna(row.last_game_margin)
    assert (row.games_played_season, row.win_streak, row.loss_streak) == (0, 0, 0)


def test_opponents_rest_stands_beside_the_own():
    row = context([final(ago(1), 1, BOS, CLE), final(ago(3), 2, ATL, CLE)])
    assert (row.rest_days, row.opponent_rest_days) == (2, 0)


def test_counting_windows_hold_day_d_minus_7_and_14_but_neither_the_day_before_nor_d():
    days = (7, 8, 14, 15)
    row = context([final(ago(d), n, ATL, CLE) for n, d in enumerate(days, 1)])
    assert row.games_in_last_7_days == 1  # D-7 counts, D-8 does not, D does not
    assert row.games_in_last_14_days == 3  # D-7, D-8, D-14; not D-15
    assert row.games_played_season == 4


@pytest.mark.parametrize(
    ("results", "wins", "losses", "share"),
    [("WWW", 3, 0, 1.0), ("LWW", 2, 0, 2 / 3), ("WWL", 0, 1, 2 / 3), ("WLL", 0, 2, 1 / 3), ("LLL", 0, 3, 0.0)],
)
def test_streaks_count_games_in_a_row_up_to_yesterday(results, wins, losses, share):
    row = context(home_games(*results))
    assert (row.win_streak, row.loss_streak) == (wins, losses)
    assert row.win_pct_season == pytest.approx(share)


def test_margin_of_the_last_game_is_seen_from_the_team():
    games = [final(ago(2), 1, CLE, ATL, 120, 100)]
    assert context(games).last_game_margin == -20


def test_a_stay_at_home_is_no_travel():
    assert context([final(ago(1), 1, ATL, CLE)]).travel_miles == pytest.approx(0.0, abs=1e-6)


def test_going_home_is_travel():
    # Cleveland to Atlanta is about 554 miles as the crow flies.
    assert context([final(ago(1), 1, CLE, ATL)]).travel_miles == pytest.approx(554, abs=6)


def test_the_visitor_travels_to_the_hosts_arena():
    # Boston, at home yesterday, flies to Atlanta: about 937 miles.
    assert context([final(ago(1), 1, BOS, CLE)], team=BOS).travel_miles == pytest.approx(937, abs=9)


def test_travel_is_null_before_the_first_game():
    assert pd.isna(context([]).travel_miles)


def test_implied_points_come_from_spread_and_total():
    lines = [{"home_spread": -6.0, "total": 220.0}]
    assert context([], lines).implied_points == 113.0  # 220 / 2 + 6 / 2
    assert context([], lines, team=BOS).implied_points == 107.0


def test_the_away_teams_spread_is_the_negative_of_the_home_teams():
    lines = [{"home_spread": -6.0}]
    assert context([], lines).spread == -6.0
    assert context([], lines, team=BOS).spread == 6.0


def test_lines_are_the_median_over_bookmakers():
    lines = [{"bookmaker": b, "home_spread": s, "total": 200 + s} for b, s in (("a", -2.0), ("b", -3.0), ("c", -9.0))]
    row = context([], lines)
    assert (row.spread, row.total) == (-3.0, 197.0)


def test_without_a_line_spread_total_and_implied_points_are_null():
    row = context([])
    assert pd.isna([row.spread, row.total, row.implied_points]).all()


def test_a_line_stamped_after_tip_off_is_not_used():
    tipoff = datetime(2022, 1, 16, 0, 30)
    lines = [
        {"bookmaker": "a", "home_spread": -2.0, "snapshot_utc": tipoff - timedelta(minutes=1)},
        {"bookmaker": "b", "home_spread": -20.0, "snapshot_utc": tipoff + timedelta(minutes=1)},
    ]
    assert context([], lines, tipoff_utc=tipoff).spread == -2.0


def test_a_postponed_game_yields_no_context():
    games = [scheduled(DAY, 1, ATL, BOS, status="postponed")]
    assert run("upcoming_team_game_context", games=games).empty


def test_a_postponed_or_unplayed_game_is_no_earlier_game():
    games = [scheduled(ago(1), 1, ATL, CLE, status="postponed"), scheduled(ago(2), 2, ATL, CLE)]
    row = context(games)
    assert pd.isna(row.last_game_date)
    assert row.games_in_last_7_days == 0


def test_the_season_before_leaves_no_trace_on_opening_night():
    opening = date(2021, 10, 19)
    games = [final(date(2021, 5, 16), 1, ATL, BOS), scheduled(opening, 1, ATL, BOS)]
    row = run("upcoming_team_game_context", opening, games=games).set_index("team_id").loc[ATL]
    assert pd.isna(row.rest_days)
    assert (row.games_played_season, row.win_streak) == (0, 0)


def test_each_team_of_a_game_has_its_row():
    made = run("upcoming_team_game_context", games=[scheduled(DAY, 1, ATL, BOS)])
    assert made.team_id.tolist() == [ATL, BOS]
    assert made.is_home.tolist() == [True, False]
