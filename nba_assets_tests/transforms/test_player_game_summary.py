"""player_game_summary on hand-made games: efficiency, usage, shot zones, the line and the result."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from nba_assets.days import DayRange
from nba_assets_tests.factories import ATL, BOS, DAY, box, final, run, run_one, scheduled

TIPOFF = datetime(2022, 1, 16, 0, 30)


def shot(feet: float, is_three: bool = False, is_made: bool = False, number: int = 1) -> dict:
    return {"shot_distance_feet": feet, "is_three": is_three, "is_made": is_made, "shot_number": number}


def test_effective_field_goal_pct_counts_a_three_as_one_and_a_half():
    line = box(field_goals_made=5, three_pointers_made=2, field_goals_attempted=12, three_pointers_attempted=4)
    row = run_one("player_game_summary", player_boxscores=[line])
    assert row.effective_field_goal_pct == pytest.approx(0.5)  # (5 + 0.5 * 2) / 12


def test_true_shooting_pct_counts_free_throws_at_0_44():
    line = box(field_goals_made=7, field_goals_attempted=16, free_throws_made=6, free_throws_attempted=10)
    row = run_one("player_game_summary", player_boxscores=[line])
    assert row.true_shooting_pct == pytest.approx(20 / (2 * (16 + 4.4)))  # 2 * 7 + 6 = 20 points


def test_efficiency_is_null_without_attempts():
    row = run_one("player_game_summary", player_boxscores=[box()])
    assert pd.isna(row.true_shooting_pct)
    assert pd.isna(row.effective_field_goal_pct)


def test_true_shooting_of_a_scoreless_shooter_is_zero_not_null():
    row = run_one("player_game_summary", player_boxscores=[box(field_goals_attempted=4)])
    assert row.true_shooting_pct == 0


def test_usage_rate_is_the_share_of_team_plays_while_on_the_floor():
    # Plays: 10 + 0.44 * 5 + 2.8 -> first 10 + 2.2 + 1 = 13.2; second 12 + 0 + 0 = 12. Team 25.2.
    # Team minutes 48 + 192 = 240, so 240 / 5 = 48. Usage of the first: 13.2 * 48 / (48 * 25.2).
    first = box(player_id=1, minutes=48.0, field_goals_attempted=10, free_throws_attempted=5, turnovers=1)
    second = box(player_id=2, minutes=192.0, field_goals_attempted=12)
    rows = run("player_game_summary", player_boxscores=[first, second])
    assert rows.plays_used.tolist() == pytest.approx([13.2, 12.0])
    assert rows.usage_rate[0] == pytest.approx(13.2 * 48 / (48 * 25.2))


def test_usage_rate_does_not_mix_the_two_teams_of_a_game():
    own = box(player_id=1, team_id=ATL, minutes=48.0, field_goals_attempted=10)
    other = box(player_id=2, team_id=BOS, opponent_team_id=ATL, minutes=48.0, field_goals_attempted=90)
    rows = run("player_game_summary", player_boxscores=[own, other])
    assert rows.usage_rate.tolist() == pytest.approx([0.2, 0.2])  # each alone: plays * (48 / 5) / (48 * plays)


def test_usage_rate_is_null_without_minutes():
    rows = run("player_game_summary", player_boxscores=[box(minutes=0.0, field_goals_attempted=1)])
    assert pd.isna(rows.usage_rate[0])


def test_zones_follow_distance_and_shot_type():
    shots = [
        shot(0, is_made=True, number=1),  # paint
        shot(8, number=2),  # paint: 8 feet is still paint
        shot(9, is_made=True, number=3),  # mid-range
        shot(23, number=4),  # a long two is mid-range, however far
        shot(22, is_three=True, is_made=True, number=5),  # a corner three: by shot type
    ]
    line = box(
        field_goals_attempted=5, field_goals_made=3, three_pointers_attempted=1, three_pointers_made=1, minutes=30.0
    )
    row = run_one("player_game_summary", player_boxscores=[line], shots=shots)
    assert row.has_shot_zones
    assert (row.paint_attempts, row.paint_makes) == (2, 1)
    assert (row.mid_range_attempts, row.mid_range_makes) == (2, 1)


def test_zones_are_null_not_zero_when_the_shots_are_missing():
    row = run_one("player_game_summary", player_boxscores=[box(field_goals_attempted=5)])
    assert not row.has_shot_zones
    assert pd.isna(row.paint_attempts)
    assert pd.isna(row.mid_range_makes)


def test_zones_are_null_when_shots_and_box_score_disagree():
    line = box(field_goals_attempted=2)
    row = run_one("player_game_summary", player_boxscores=[line], shots=[shot(3)])
    assert not row.has_shot_zones
    assert pd.isna(row.paint_attempts)


def test_zones_are_zero_for_a_player_who_took_no_shot():
    row = run_one("player_game_summary", player_boxscores=[box()])
    assert row.has_shot_zones
    assert (row.paint_attempts, row.mid_range_attempts) == (0, 0)


@pytest.mark.parametrize(("points", "result"), [(21, "OVER"), (20, "PUSH"), (19, "UNDER")])
def test_result_against_the_line(points, result):
    row = run_one("player_game_summary", player_boxscores=[box(points=points)], player_props=[{"line": 20.0}])
    assert row.points_result == result


def test_without_a_line_there_is_no_result():
    row = run_one("player_game_summary", player_boxscores=[box(points=20)])
    assert pd.isna(row.points_line)
    assert pd.isna(row.points_result)


def test_line_is_of_the_first_bookmaker_over_side_and_points_market():
    props = [
        {"bookmaker": "zeta", "line": 30.5},
        {"bookmaker": "alpha", "line": 21.5},
        {"bookmaker": "alpha", "side": "under", "line": 99.5},
        {"bookmaker": "aaa", "market": "assists", "line": 5.5},
    ]
    row = run_one("player_game_summary", player_boxscores=[box()], player_props=props)
    assert row.points_line == 21.5


@pytest.mark.parametrize(("minute", "used"), [(29, True), (30, False), (31, False)])
def test_a_line_stamped_at_or_after_tip_off_is_not_used(minute, used):
    props = [{"snapshot_utc": datetime(2022, 1, 16, 0, minute)}]
    games = [{**final(DAY, 1, ATL, BOS), "tipoff_utc": TIPOFF}]
    row = run_one("player_game_summary", player_boxscores=[box()], player_props=props, games=games)
    assert pd.notna(row.points_line) == used


def test_a_stamped_line_of_a_game_with_unknown_start_is_not_used():
    props = [{"snapshot_utc": datetime(2022, 1, 15, 12)}]
    row = run_one("player_game_summary", player_boxscores=[box()], player_props=props, games=[final(DAY, 1, ATL, BOS)])
    assert pd.isna(row.points_line)


def test_the_bookmakers_own_tip_off_stands_in_for_the_schedules():
    props = [{"snapshot_utc": datetime(2022, 1, 15, 12), "tipoff_utc": TIPOFF}]
    row = run_one("player_game_summary", player_boxscores=[box()], player_props=props, games=[final(DAY, 1, ATL, BOS)])
    assert row.points_line == 20.5


def test_both_teams_of_a_final_game_have_a_win_or_a_loss():
    lines = [box(player_id=1), box(player_id=2, team_id=BOS, opponent_team_id=ATL, is_home=False)]
    rows = run("player_game_summary", player_boxscores=lines, games=[final(DAY, 1, ATL, BOS, 90, 100)])
    assert rows.is_win.tolist() == [False, True]


def test_is_win_is_null_until_the_game_is_final():
    row = run_one("player_game_summary", player_boxscores=[box()], games=[scheduled(DAY, 1, ATL, BOS)])
    assert pd.isna(row.is_win)


def test_a_game_that_was_postponed_and_played_later_is_summed_up_once_with_the_lines_of_its_day():
    later = DAY + timedelta(days=2)
    line = {"game_date": later, "player_id": 1}
    quoted = [{**line, "line": 20.5, "side": "over"}, {**line, "game_date": DAY, "line": 18.5, "side": "over"}]
    row = run_one(
        "player_game_summary",
        days=DayRange(DAY, later),
        player_boxscores=[box(**line)],
        player_props=quoted,
        games=[scheduled(DAY, 1, ATL, BOS, "postponed"), final(later, 1, ATL, BOS)],
    )
    assert (row.game_date, row.points_line, bool(row.is_win)) == (later, 20.5, True)
