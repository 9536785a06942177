"""What earlier roster rows and the team's others say of a player: by hand, and without the day's own answer."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from nba_assets.models import attendance
from nba_assets_tests.factories import ATL, BOS, rows

FIRST = date(2022, 1, 1)
FADE = 0.5 ** (1 / 20)
NAN = float("nan")


def row(day: int, player: int = 1, **given: object) -> dict:
    return {"game_date": FIRST + timedelta(days=day), "player_id": player, "team_id": ATL, "games_missed": 0, **given}


def found(*records: dict) -> pd.DataFrame:
    return attendance.with_attendance(rows("upcoming_roster", records).to_pandas())


def test_missed_after_playing_counts_games_right_after_one_that_he_played():
    share = found(
        row(0, has_appeared=True),
        row(2, has_appeared=False),
        row(4, games_missed=1, has_appeared=False),
        row(6, games_missed=2, has_appeared=True),
        row(8),
    ).missed_after_playing_share
    assert share.tolist() == pytest.approx([NAN, 0, *[1 / (1 + FADE)] * 3], nan_ok=True)


def test_second_nights_played_counts_games_without_a_day_of_rest():
    share = found(
        row(0, team_rest_days=0, has_appeared=True),
        row(2, team_rest_days=1, has_appeared=False),
        row(3, team_rest_days=0, has_appeared=False, games_missed=1),
        row(5, team_rest_days=0),
    ).second_nights_played_share
    assert share.tolist() == pytest.approx([NAN, 1, 1, FADE / (1 + FADE)], nan_ok=True)


def test_a_game_of_which_nobody_knows_who_appeared_is_not_counted():
    known = found(row(0, has_appeared=False), row(2, has_appeared=True), row(6))
    unknown = found(row(0, has_appeared=False), row(2, has_appeared=True), row(4), row(6))
    assert unknown.missed_after_playing_share.iloc[-1] == known.missed_after_playing_share.iloc[-1]


def test_games_of_others_are_not_his():
    made = found(row(0, has_appeared=False), row(1, 2, has_appeared=True), row(3, 2), row(3, 1))
    assert made[made.game_date == FIRST + timedelta(days=3)].missed_after_playing_share.tolist() == [1, 0]


def test_season_played_share_is_unknown_before_the_teams_first_game():
    made = found(
        row(0, games_played_season=0, team_games_played_season=0),
        row(2, games_played_season=3, team_games_played_season=4),
        row(4, games_played_season=3),
    )
    assert made.season_played_share.tolist() == pytest.approx([NAN, 0.75, NAN], nan_ok=True)


def test_rank_and_sums_are_of_the_team_on_the_day():
    made = found(
        row(0, 1, expected_minutes=20.0),
        row(0, 2, expected_minutes=30.0),
        row(0, 3, expected_minutes=25.0, games_missed=4),
        row(0, 4, expected_minutes=35.0, team_id=BOS),
        row(2, 1, expected_minutes=20.0),
    )
    assert made.player_id.tolist() == [1, 1, 2, 3, 4]
    assert made.minutes_rank.tolist() == [3, 1, 1, 2, 1]
    assert made.previous_game_players.tolist() == [2, 1, 2, 2, 1]
    assert made.previous_game_expected_minutes.tolist() == [50, 20, 50, 50, 35]


def test_a_row_is_told_nothing_of_its_own_day_or_of_later_ones():
    before = [
        row(n, player, team_rest_days=n % 2, has_appeared=(n + player) % 3 > 0) for n in range(6) for player in (1, 2)
    ]
    tonight = FIRST + timedelta(days=3)
    other = [{**r, "has_appeared": not r["has_appeared"]} if r["game_date"] >= tonight else r for r in before]
    features = ["game_date", "player_id", *attendance.FEATURES]
    one, two = (made[made.game_date <= tonight][features] for made in (found(*before), found(*other)))
    pd.testing.assert_frame_equal(one, two)
    earlier = [{**r, "has_appeared": not r["has_appeared"]} if r["game_date"] < tonight else r for r in before]
    changed = found(*earlier)
    assert not changed[changed.game_date == tonight][features].equals(one[one.game_date == tonight])


def test_the_order_of_the_rows_does_not_matter():
    records = [row(n, player, team_rest_days=0, has_appeared=n > player) for n in range(5) for player in (1, 2)]
    pd.testing.assert_frame_equal(found(*records), found(*reversed(records)))
