"""team_offense_game_summary and team_defense_game_summary on hand-made games."""

from __future__ import annotations

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, CLE, NOP, game_id, run, run_one


def player(team: int, opponent: int, player_id: int, number: int = 1, **given) -> dict:
    return {
        "team_id": team,
        "opponent_team_id": opponent,
        "player_id": player_id,
        "game_id": game_id(number),
        "is_home": team == ATL,
        "has_shot_zones": True,
        "minutes": 240.0,
        "paint_attempts": 0,
        "paint_makes": 0,
        "mid_range_attempts": 0,
        "mid_range_makes": 0,
        # NULL in a summary's record, but always there in fact
        **dict.fromkeys(("field_goals_attempted", "free_throws_attempted", "turnovers", "offensive_rebounds"), 0),
        **dict.fromkeys(("field_goals_made", "three_pointers_made", "points"), 0),
        **given,
    }


SHOOTING = {"field_goals_attempted": 80, "free_throws_attempted": 25, "turnovers": 14, "offensive_rebounds": 10}
"""80 + 0.44 * 25 + 14 - 10 = 95 possessions."""


def test_possessions_and_offensive_rating():
    row = run_one("team_offense_game_summary", player_game_summary=[player(ATL, BOS, 1, points=114, **SHOOTING)])
    assert row.possessions == pytest.approx(95.0)
    assert row.offensive_rating == pytest.approx(120.0)  # 100 * 114 / 95


@pytest.mark.parametrize(
    ("minutes", "overtimes", "pace"),
    [(240.0, 0, 95.0), (265.0, 1, 95 * 48 / 53), (290.0, 2, 95 * 48 / 58), (239.9, 0, 95.0)],
)
def test_pace_is_scaled_to_48_minutes_after_overtime(minutes, overtimes, pace):
    row = run_one("team_offense_game_summary", player_game_summary=[player(ATL, BOS, 1, **SHOOTING, minutes=minutes)])
    assert row.overtime_periods == overtimes
    assert row.pace == pytest.approx(pace)


def test_team_is_the_sum_of_its_players_only():
    rows = [
        player(ATL, BOS, 1, points=60, minutes=120.0),
        player(ATL, BOS, 2, points=50, minutes=120.0),
        player(BOS, ATL, 3, points=99),
    ]
    made = run("team_offense_game_summary", player_game_summary=rows).set_index("team_id")
    assert made.points.to_dict() == {ATL: 110, BOS: 99}
    assert made.opponent_points.to_dict() == {ATL: 99, BOS: 110}
    assert made.is_win.to_dict() == {ATL: True, BOS: False}


def test_result_is_null_when_the_opponent_is_missing():
    row = run_one("team_offense_game_summary", player_game_summary=[player(ATL, BOS, 1, points=60)])
    assert pd.isna(row.is_win)
    assert pd.isna(row.opponent_points)


def test_team_zones_are_null_if_any_players_shots_are_unknown():
    known = player(ATL, BOS, 1, paint_attempts=10)
    unknown = player(ATL, BOS, 2, has_shot_zones=False, paint_attempts=None)
    row = run_one("team_offense_game_summary", player_game_summary=[known, unknown])
    assert not row.has_shot_zones
    assert pd.isna(row.paint_attempts)


def offense(team: int, opponent: int, number: int = 1, **given) -> dict:
    return {"team_id": team, "opponent_team_id": opponent, "game_id": game_id(number), **given}


def test_defence_is_the_opponents_offence():
    own = offense(ATL, BOS, points=90, pace=99.0, offensive_rating=95.0, turnovers=9, steals=7, has_shot_zones=True)
    other = offense(
        BOS, ATL, points=100, pace=98.0, offensive_rating=105.0, turnovers=15, paint_attempts=40, paint_makes=22
    )
    made = run("team_defense_game_summary", team_offense_game_summary=[own, other]).set_index("team_id")
    atlanta = made.loc[ATL]
    assert (atlanta.points_allowed, atlanta.defensive_rating, atlanta.opponent_pace) == (100, 105.0, 98.0)
    assert (atlanta.paint_attempts_allowed, atlanta.paint_makes_allowed, atlanta.turnovers_forced) == (40, 22, 15)
    assert atlanta.steals == 7  # own
    assert not atlanta.has_shot_zones  # it is the opponent's shots that count
    assert made.loc[BOS].has_shot_zones


def test_defence_joins_by_game_even_if_two_games_share_a_day():
    games = [offense(ATL, BOS, 1, points=90), offense(BOS, ATL, 1, points=100)]
    games += [offense(CLE, NOP, 2, points=80), offense(NOP, CLE, 2, points=85)]
    made = run("team_defense_game_summary", team_offense_game_summary=games).set_index("team_id")
    assert made.points_allowed.to_dict() == {ATL: 100, BOS: 90, CLE: 85, NOP: 80}


def test_a_game_with_one_team_only_has_no_defence():
    assert run("team_defense_game_summary", team_offense_game_summary=[offense(ATL, BOS)]).empty
