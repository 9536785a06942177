"""upcoming_player_game_context on hand-made rosters: who is expected, who is out, rest and load."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, DAY, final, game_id, run, scheduled

TONIGHT = game_id(900)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def seen(player: int, days: int, team: int = ATL, **given) -> dict:
    """The player's game for the team so many days ago; one game per team and day."""
    number = (days % 400) * 3 + (team == BOS)
    return {
        "player_id": player,
        "player_name": f"Player {player}",
        "player_lookup": f"player{player}",
        "team_id": team,
        "game_date": ago(days),
        "game_id": game_id(number),
        "plays_used": 10.0,
        "minutes": 30.0,
        **given,
    }


def report(player: int, days: int, status: str = "out") -> dict:
    return {"player_id": player, "game_date": ago(days), "status": status}


def listed(player: int, team: int = ATL) -> dict:
    return {"player_id": player, "game_id": TONIGHT, "team_id": team, "player_name": "Listed"}


def context(summary=(), injuries=(), lists=(), games=None) -> pd.DataFrame:
    """Rows by player on a night when Atlanta hosts Boston."""
    games = [scheduled(DAY, 900, ATL, BOS)] if games is None else games
    made = run(
        "upcoming_player_game_context",
        games=games,
        player_game_summary=summary,
        injuries=injuries,
        active_players=lists,
    )
    return made.set_index("player_id")


def test_a_player_seen_in_the_teams_last_games_is_projected():
    row = context([seen(1, 2)]).loc[1]
    assert (row.roster_source, row.context_source, row.team_id, row.opponent_team_id) == (
        "projected",
        "current_season",
        ATL,
        BOS,
    )
    assert row.is_home
    assert row.player_lookup == "player1"


def test_roster_reaches_back_ten_team_games_and_no_further():
    team = [seen(1, days) for days in range(1, 11)]  # ten games of player 1
    assert 2 in context([*team[:9], seen(2, 10)]).index  # the tenth latest game
    assert 2 not in context([*team, seen(2, 11)]).index  # the eleventh


def test_an_injured_player_is_not_projected():
    assert context([seen(1, 2), seen(2, 2)], [report(1, 1)]).index.tolist() == [2]


def test_a_report_of_the_day_itself_counts():
    assert context([seen(1, 2), seen(2, 2)], [report(1, 0)]).index.tolist() == [2]


def test_a_report_of_the_day_after_does_not_count():
    assert 1 in context([seen(1, 2)], [report(1, -1)]).index


def test_a_player_reported_available_again_is_projected():
    row = context([seen(1, 9)], [report(1, 8), report(1, 1, "available")]).loc[1]
    assert row.injury_status == "available"


def test_a_report_stops_holding_once_the_player_is_seen_again():
    row = context([seen(1, 9), seen(1, 2)], [report(1, 8)]).loc[1]
    assert row.roster_source == "projected"
    assert row.teammates_out == 0


def test_a_report_of_the_day_of_the_last_game_still_holds():
    assert context([seen(1, 2), seen(2, 2)], [report(1, 2)]).index.tolist() == [2]


def test_a_player_who_is_listed_without_being_projected_is_marked():
    made = context([seen(1, 2), seen(2, 2)], [report(1, 1)], [listed(1), listed(2), listed(3)])
    assert made.roster_source.to_dict() == {1: "active_list", 2: "projected", 3: "active_list"}
    assert made.loc[3].context_source == "none"
    assert made.loc[3].player_name == "Listed"  # a first game: only the list knows his name
    assert made.loc[1].player_name == "Player 1"


def test_a_projected_player_who_is_not_listed_stays():
    assert context([seen(1, 2), seen(2, 2)], lists=[listed(2)]).loc[1].roster_source == "projected"


def test_who_is_active_is_known_of_everyone_once_his_teams_list_is_there():
    made = context([seen(1, 2), seen(2, 2), seen(4, 2, BOS)], lists=[listed(1), listed(3)])
    assert {player: made.is_active[player] for player in (1, 2, 3)} == {1: True, 2: False, 3: True}
    assert pd.isna(made.is_active[4])  # Boston's list is not there


def test_before_the_lists_nobody_is_said_to_be_active_or_not():
    assert context([seen(1, 2), seen(2, 2)]).is_active.isna().all()


def test_being_listed_by_another_team_replaces_the_projected_row():
    made = context([seen(1, 2)], lists=[listed(1, BOS)])
    assert made.index.tolist() == [1]
    assert (made.loc[1].roster_source, made.loc[1].team_id) == ("active_list", BOS)


def test_a_traded_player_belongs_to_the_team_that_he_was_last_seen_with():
    made = context([seen(1, 9, ATL), seen(2, 2, ATL), seen(1, 2, BOS)])
    assert made.team_id.to_dict() == {1: BOS, 2: ATL}


def test_missing_usage_share_is_the_share_of_plays_of_the_absent():
    summary = [seen(1, 2, plays_used=30.0), seen(2, 2, plays_used=50.0), seen(3, 4, plays_used=20.0)]
    row = context(summary, [report(1, 1)]).loc[2]
    assert row.missing_usage_share == pytest.approx(0.3)  # 30 / (30 + 50 + 20)
    assert row.teammates_out == 1


def test_missing_usage_share_is_zero_with_everyone_there_and_null_before_the_first_game():
    assert context([seen(1, 2)]).loc[1].missing_usage_share == 0
    assert pd.isna(context(lists=[listed(1)]).loc[1].missing_usage_share)


def test_the_other_teams_absences_are_not_ours():
    row = context([seen(1, 2), seen(2, 2, BOS)], [report(2, 1)]).loc[1]
    assert (row.teammates_out, row.missing_usage_share) == (0, 0)


@pytest.mark.parametrize(("days", "rest"), [(1, 0), (2, 1), (4, 3)])
def test_back_to_back_is_zero_rest_days(days, rest):
    row = context([seen(1, days)]).loc[1]
    assert row.rest_days == rest
    assert row.is_back_to_back == (rest == 0)


def test_load_windows_hold_day_d_minus_7_and_14_but_neither_the_day_before_nor_d():
    made = context([seen(1, d, minutes=float(d)) for d in (0, 1, 7, 8, 14, 15)]).loc[1]
    assert made.games_in_last_7_days == 2  # D-1, D-7
    assert made.minutes_in_last_7_days == 8.0  # 1 + 7
    assert made.games_in_last_14_days == 4  # and D-8, D-14
    assert made.minutes_in_last_14_days == 30.0  # 1 + 7 + 8 + 14
    assert made.games_played_season == 5
    assert made.back_to_backs_in_last_14_days == 2  # D-7 after D-8, D-14 after D-15


def test_a_game_of_the_day_is_no_history():
    row = context([seen(1, 0), seen(1, 3)], lists=[listed(1)]).loc[1]
    assert row.games_played_season == 1
    assert row.last_game_date == ago(3)


def test_a_player_without_recent_games_has_zero_load_not_null():
    row = context([seen(1, 30)]).loc[1]
    assert (row.games_in_last_7_days, row.minutes_in_last_14_days, row.back_to_backs_in_last_14_days) == (0, 0.0, 0)


def test_a_postponed_game_yields_no_context():
    assert context([seen(1, 2)], games=[scheduled(DAY, 900, ATL, BOS, status="postponed")]).empty


def test_on_opening_night_the_roster_and_the_context_come_from_the_previous_season():
    opening, last_spring = date(2021, 10, 19), date(2021, 5, 16)
    old = seen(1, 0, game_date=last_spring, season_year=2020, game_id=game_id(1, 2020))
    made = run(
        "upcoming_player_game_context",
        opening,
        games=[{**final(opening, 1, ATL, BOS)}],
        player_game_summary=[old],
    ).iloc[0]
    assert (made.context_source, made.roster_source) == ("previous_season", "projected")
    assert (made.games_played_season, made.games_played_previous_season) == (0, 1)
    assert made.last_game_date == last_spring
    assert pd.isna(made.rest_days)  # rest is of this season's games
    assert not made.is_back_to_back


def test_the_season_before_the_previous_one_is_forgotten():
    older = seen(1, 0, game_date=date(2020, 3, 1), season_year=2019, game_id=game_id(1, 2019))
    assert context([older]).empty
