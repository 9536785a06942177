"""upcoming_roster on hand-made games: who might play, how he was used of late, what was reported of him."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, DAY, game_id, run, scheduled

TONIGHT = game_id(900)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def seen(player: int, days: int, team: int = ATL, **given) -> dict:
    """The player's game for the team so many days ago; one game per team and day."""
    day = {"game_date": ago(days), "game_id": game_id((days % 400) * 3 + (team == BOS))}
    return {"player_id": player, "team_id": team, **day, "minutes": 30.0, **given}


def report(player: int, days: int, status: str = "out") -> dict:
    return {"player_id": player, "game_date": ago(days), "status": status}


def roster(summary=(), injuries=(), boxes=(), team=()) -> pd.DataFrame:
    """Rows by player on a night when Atlanta hosts Boston."""
    made = run(
        "upcoming_roster",
        games=[scheduled(DAY, 900, ATL, BOS)],
        player_game_summary=summary,
        injuries=injuries,
        player_boxscores=boxes,
        upcoming_team_game_context=team,
    )
    return made.set_index("player_id")


def appeared(player: int, team: int = ATL) -> dict:
    return {"player_id": player, "game_id": TONIGHT, "team_id": team}


def test_roster_reaches_back_fifteen_team_games_and_no_further():
    team = [seen(1, days) for days in range(1, 15)]
    assert roster([*team, seen(2, 15)]).games_missed.to_dict() == {1: 0, 2: 14}
    assert 2 not in roster([*team, seen(1, 15), seen(2, 16)]).index


def test_a_player_reported_out_stays_on_it_and_is_said_to_be_out():
    made = roster([seen(1, 2), seen(2, 2)], [report(1, 1)])
    assert made.is_reported_out.to_dict() == {1: True, 2: False}
    assert not made.is_reported_back.any()


def test_a_traded_player_belongs_to_the_team_that_he_was_last_seen_with():
    made = roster([seen(1, 9), seen(2, 2), seen(1, 2, BOS)])
    assert made.team_id.to_dict() == {1: BOS, 2: ATL}
    assert made.opponent_team_id.to_dict() == {1: ATL, 2: BOS}


def test_appearances_are_counted_in_the_teams_games():
    team = [seen(1, days) for days in range(1, 13)]
    row = roster([*team, *(seen(2, days, minutes=float(days)) for days in (3, 5, 6, 10, 11))]).loc[2]
    assert (row.games_missed, row.appearances_last_5, row.appearances_last_10) == (2, 2, 4)
    assert row.minutes_last_10_total == 3 + 5 + 6 + 10
    assert pd.isna(row.minutes_previous_team_game)
    assert (row.days_since_last_game, row.team_games_last_10) == (3, 10)


def test_minutes_of_the_latest_team_game_and_the_means_are_his_own():
    row = roster([seen(1, 2, minutes=20.0, points=12, plays_used=9.0), seen(1, 1, minutes=20.0, points=12)]).loc[1]
    assert (row.minutes_previous_team_game, row.minutes_ewma_2, row.expected_minutes) == pytest.approx((20, 20, 20))
    fade = 0.5 ** (1 / 40)
    assert row.points_per_minute == pytest.approx((12 * fade + 12 + 27) / (20 * fade + 20 + 60))
    assert row.games_played_season == 2
    assert row.team_games_last_10 == 2


def test_a_game_of_the_day_is_no_history():
    row = roster([seen(1, 3), seen(1, 0, minutes=48.0)]).loc[1]
    assert (row.last_game_date, row.expected_minutes, row.games_played_season) == (ago(3), 30.0, 1)


@pytest.mark.parametrize(("days", "is_known"), [(0, True), (60, True), (61, False), (-1, False)])
def test_silence_is_health_only_where_somebody_was_reported_in_the_last_60_days(days, is_known):
    row = roster([seen(1, 70)], [report(7, days)]).loc[1]
    assert pd.isna(row.is_reported_out) != is_known
    assert pd.isna(row.is_reported_back) != is_known


def test_a_report_holds_until_the_player_is_seen_again():
    assert roster([seen(1, 5)], [report(1, 5)]).loc[1].is_reported_out
    assert not roster([seen(1, 5)], [report(1, 6)]).loc[1].is_reported_out


def test_the_latest_report_counts():
    row = roster([seen(1, 9)], [report(1, 8), report(1, 0, "available")]).loc[1]
    assert (row.is_reported_out, row.is_reported_back) == (False, True)


def test_who_appeared_is_known_once_the_teams_box_score_is_there():
    made = roster([seen(1, 2), seen(2, 2), seen(4, 2, BOS)], boxes=[appeared(1)])
    assert (made.has_appeared[1], made.has_appeared[2]) == (True, False)
    assert pd.isna(made.has_appeared[4])


def test_who_appears_for_another_team_did_not_appear_for_this_one():
    made = roster([seen(1, 2), seen(2, 2)], boxes=[appeared(1, BOS), appeared(2)])
    assert made.has_appeared.to_dict() == {1: False, 2: True}


def test_the_box_score_of_the_day_changes_nothing_else():
    games = [seen(1, 2), seen(2, 2)]
    before, after = (roster(games, [report(1, 1)], boxes).drop(columns="has_appeared") for boxes in ((), [appeared(2)]))
    pd.testing.assert_frame_equal(before, after)


def test_the_markets_view_is_that_of_the_team():
    row = roster(
        [seen(1, 2)],
        team=[
            {"team_id": ATL, "spread": -4.5, "rest_days": 1, "market_margin_surprise": 2.0, "games_played_season": 7}
        ],
    )
    assert (row.spread[1], row.team_rest_days[1], row.market_margin_surprise[1]) == (-4.5, 1, 2.0)
    assert row.team_games_played_season[1] == 7
