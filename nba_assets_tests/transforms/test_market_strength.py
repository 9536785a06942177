"""The market's surprises, worked out by hand: tonight's lines against the strengths that earlier lines said."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, CLE, DAY, NOP, final, game_id, run, scheduled

COLUMNS = [
    "market_margin_surprise",
    "market_margin_surprise_recent",
    "implied_points_surprise",
    "implied_points_surprise_recent",
]
TONIGHT = 500
Game = tuple[int, int, int, float | None, float]
"""Days ago, home, away, home spread, total."""

EARLIER: tuple[Game, ...] = (
    (4, CLE, NOP, -6.4, 220.0),  # on a neutral floor Cleveland by 4: 112 to 108
    (2, ATL, CLE, -5.4, 210.0),  # Atlanta by 3, against a team of 4: strength 7; 106.5, 1.5 less than usual
    (2, BOS, NOP, -3.4, 230.0),  # Boston by 1, against a team of -4: strength -3; 115.5, 3.5 more than usual
)
BY_TEN = (-8.4, 224.0)
"""Atlanta by 6 on a neutral floor where 7 + 3 was to be expected: 115 to 109."""


def surprises(earlier: tuple[Game, ...] = EARLIER, tonight: tuple[float | None, float] = BY_TEN) -> pd.DataFrame:
    """The four columns by team on a night when Atlanta hosts Boston."""
    games, lines = [scheduled(DAY, TONIGHT, ATL, BOS)], []
    for number, (days, home, away, spread, total) in enumerate((*earlier, (0, ATL, BOS, *tonight))):
        day = DAY - timedelta(days=days)
        number = number if days else TONIGHT
        if days:
            games.append(final(day, number, home, away))
        lines.append({"game_date": day, "game_id": game_id(number), "home_spread": spread, "total": total})
    return run("upcoming_team_game_context", games=games, game_lines=lines).set_index("team_id")[COLUMNS]


def test_a_margin_is_held_against_both_teams_strengths():
    made = surprises()
    assert made.market_margin_surprise.to_dict() == pytest.approx({ATL: 6 - (7 + 3), BOS: -6 - (-3 - 7)})
    assert made.market_margin_surprise_recent.equals(made.market_margin_surprise)  # one game is all the history


def test_implied_points_are_held_against_what_the_opponent_usually_allows():
    # Atlanta 115 where Boston allows 114.5, so 0.5 more than usual instead of 1.5 less; Boston 109 on 103.5.
    assert surprises().implied_points_surprise.to_dict() == pytest.approx({ATL: 0.5 + 1.5, BOS: 5.5 - 3.5})


def test_the_recent_strength_moves_faster():
    # A day later Atlanta is 14 better than the same Cleveland, whose lines before were 4 and -3.
    made = surprises((*EARLIER, (1, ATL, CLE, -16.4, 210.0)))
    usual, recent = made.loc[ATL, "market_margin_surprise"], made.loc[ATL, "market_margin_surprise_recent"]
    assert recent < usual < -4


def test_without_a_line_tonight_nothing_is_known():
    assert surprises(tonight=(None, 224.0)).isna().all(axis=None)


def test_without_earlier_lines_of_the_teams_nothing_is_known():
    assert surprises(EARLIER[:1]).isna().all(axis=None)
    assert surprises(EARLIER[:2]).market_margin_surprise.isna().all()  # Boston's strength is one of the two


def test_lines_of_the_season_before_the_previous_one_are_forgotten():
    old = tuple((days + 700, *game) for days, *game in EARLIER)
    assert surprises(old).isna().all(axis=None)
