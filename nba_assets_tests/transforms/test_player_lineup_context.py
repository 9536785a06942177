"""player_lineup_context on hand-made line-ups: what team-mates take, and how it was with much the same line-up.

Two past games of Atlanta: players 1 and 2 the day before yesterday, players 1 and 3 yesterday.
"""

from __future__ import annotations

from datetime import timedelta
from math import exp

import pandas as pd
import pytest

from nba_assets_tests.factories import ATL, BOS, DAY, game_id, run

MINUTES = {2: {1: 120.0, 2: 120.0}, 1: {1: 60.0, 3: 180.0}}
"""Days ago -> player -> minutes: nobody's numbers, but they add up to 240."""
CHANCES = {1: 0.9, 2: 0.5, 3: 0.2}


def past_games(**given: dict[int, float]) -> list[dict]:
    """The two games, with statistics stated by player."""
    return [
        {
            "game_date": DAY - timedelta(days=days),
            "game_id": game_id(days),
            "player_id": player,
            "team_id": ATL,
            "minutes": minutes,
            **{name: values.get(player, 0) for name, values in given.items()},
        }
        for days, players in MINUTES.items()
        for player, minutes in players.items()
    ]


def context(
    playing: tuple[int, ...] = (1, 2),
    summary: list[dict] | None = None,
    implied_points: float | None = None,
    chances: dict[int, float] = CHANCES,
    team: list[dict] | None = None,
) -> pd.DataFrame:
    """Rows by information set and player: all three are projected and those given are listed; () if nobody knows."""

    def is_active(player: int) -> bool | None:
        return player in playing if playing else None

    known = [player for player in chances if player < 10]
    made = run(
        "player_lineup_context",
        upcoming_player_game_context=[
            {
                "player_id": p,
                "roster_source": "projected" if p in known else "active_list",
                "is_active": is_active(p),
            }
            for p in sorted({*known, *playing})
        ],
        upcoming_roster=[{"player_id": p} for p in known],
        player_availability=[{"player_id": p, "active_probability": chances[p]} for p in known],
        player_game_summary=past_games() if summary is None else summary,
        upcoming_team_game_context=[{"team_id": ATL, "implied_points": implied_points}],
        team_offense_game_summary=team or [],
    )
    return made.set_index(["information_set", "player_id"]).sort_index()


def test_pregame_has_those_projected_and_lineup_those_who_appeared():
    made = context()
    assert made.loc["pregame"].index.tolist() == [1, 2, 3]
    assert made.loc["lineup"].index.tolist() == [1, 2]
    assert made.loc["pregame"].active_probability.to_dict() == CHANCES
    assert made.loc["lineup"].active_probability.isna().all()


def test_teammates_count_by_their_chance_to_play_or_by_having_played():
    made = context().teammates_minutes  # 120 and 180 are expected of players 2 and 3
    assert made["pregame", 1] == pytest.approx(0.5 * 120 + 0.2 * 180)
    assert made["lineup", 1] == pytest.approx(120)
    assert context((1, 3)).teammates_minutes["lineup", 1] == pytest.approx(180)


@pytest.mark.parametrize("playing", [(1, 2), (1, 2, 4)])
def test_whether_those_of_few_minutes_appear_tells_nothing(playing):
    # No game of player 4 is known, so that 8 minutes are expected.
    made = context(playing, chances={**CHANCES, 4: 0.3}).loc["lineup"]
    assert made.teammates_minutes[1] == pytest.approx(120 + 0.3 * 8)


def test_somebody_on_no_roster_counts_if_he_appeared():
    assert context((1, 2, 50)).teammates_minutes["lineup", 1] == pytest.approx(120 + 8)


def test_the_more_he_plays_the_more_it_tells_that_a_teammate_appears():
    def beside(minutes: float, playing: tuple[int, ...]) -> float:
        third = {**past_games()[3], "minutes": minutes}
        made = context(playing, summary=[*past_games()[:3], third]).teammates_minutes["lineup", 1]
        return (made - 120) / minutes

    chance = CHANCES[3]
    for minutes, told in ((10, 0.0), (12, 0.2), (15, 0.5), (20, 1.0), (30, 1.0)):
        assert beside(minutes, (1, 2, 3)) == pytest.approx(told + (1 - told) * chance)
        assert beside(minutes, (1, 2)) == pytest.approx((1 - told) * chance)


def test_what_teammates_do_is_their_minutes_at_their_own_rates():
    made = context(summary=past_games(plays_used={2: 90.0}, points={2: 99}))
    assert made.teammates_usage_plays["lineup", 1] == pytest.approx(120 * (90 + 60 * 0.45) / (120 + 60))
    assert made.teammates_points["lineup", 1] == pytest.approx(120 * (99 + 60 * 0.45) / (120 + 60))
    assert made.teammates_points["pregame", 2] == pytest.approx(
        0.9 * made.expected_minutes["pregame", 1] * 60 * 0.45 / (60 + 60 + 120 * 0.5 ** (1 / 40))
        + 0.2 * 180 * 60 * 0.45 / (180 + 60)
    )


def test_a_teammate_of_the_same_role_counts_whole_and_another_hardly():
    # 40 in 120 minutes and 60 in 180; assists and threes are unknown, and so the same.
    alike = context(summary=past_games(rebounds={2: 40, 3: 60}), playing=(2, 3))
    apart = ((40 + 10.8) / 180 - (60 + 10.8) / 240) / 0.073
    assert alike.same_role_teammates_minutes["lineup", 2] == pytest.approx(180 * exp(-(apart**2) / 2))
    unlike = context(summary=past_games(rebounds={2: 0, 3: 120}), playing=(2, 3))
    assert unlike.same_role_teammates_minutes["lineup", 2] < 1


def test_games_with_the_same_lineup_tonight_outweigh_the_others():
    # Tonight 1 and 2: the first game is no distance away. In the second, 2's 120 and 3's 180 minutes were exchanged.
    made = context(summary=past_games(points={1: 0, 2: 12, 3: 30}))
    for width, tau in (("narrow", 0.08), ("wide", 0.25)):
        same, other = 0.5 ** (1 / 20), exp(-(300 / 240) / tau)
        expected = (same * 120 + other * 60) / (same + other)
        assert made[f"minutes_with_similar_lineup_{width}"]["lineup", 1] == pytest.approx(expected)
    assert made.points_with_similar_lineup_wide["lineup", 2] == pytest.approx(12)


def test_before_tipoff_the_distance_is_the_expected_one():
    made = context()
    own = made.expected_minutes["pregame", 1]
    first = (own * 0.1 + 120 * 0.5 + 180 * 0.2) / 240
    second = (own * 0.1 + 120 * 0.5 + 180 * 0.8) / 240
    weights = 0.5 ** (1 / 20) * exp(-first / 0.25), exp(-second / 0.25)
    expected = (weights[0] * 120 + weights[1] * 60) / sum(weights)
    assert made.minutes_with_similar_lineup_wide["pregame", 1] == pytest.approx(expected)


def test_minutes_of_a_game_that_no_candidate_played_are_distance():
    # Tonight only 1 and 2 are candidates: three quarters of yesterday's minutes were somebody else's.
    made = context(chances={1: 0.9, 2: 0.5})
    own = made.expected_minutes["lineup", 1]
    assert own == made.expected_minutes["pregame", 1]
    same, other = 0.5 ** (1 / 20), exp(-(120 / 240 + 180 / 240) / 0.25)
    expected = (same * 120 + other * 60) / (same + other)
    assert made.minutes_with_similar_lineup_wide["lineup", 1] == pytest.approx(expected)


def test_minutes_are_a_mix_and_are_brought_to_240():
    made = context()
    row = made.loc["lineup"].loc[1]
    fast = (120 * 0.5**0.5 + 60) / (0.5**0.5 + 1)
    slow = (120 * 0.5 ** (1 / 12) + 60) / (0.5 ** (1 / 12) + 1)
    mix = 0.25 * fast + 0.2 * slow
    mix += 0.3 * row.minutes_with_similar_lineup_wide + 0.25 * row.minutes_with_similar_lineup_narrow
    assert row.minutes_if_active == pytest.approx(mix)
    assert row.projected_minutes == pytest.approx(240 * mix / (mix + 120))
    assert made.loc["lineup"].projected_minutes.sum() == pytest.approx(240)
    assert row.teammates_ahead == 1


def test_before_tipoff_the_player_himself_is_taken_to_play():
    made = context().loc["pregame"]
    others = 0.5 * made.minutes_if_active[2] + 0.2 * made.minutes_if_active[3]
    assert made.projected_minutes[1] == pytest.approx(
        240 * made.minutes_if_active[1] / (made.minutes_if_active[1] + others)
    )
    assert made.teammates_ahead[1] == pytest.approx(0.5 + 0.2)


def test_points_are_a_share_of_the_implied_points_or_of_the_teams_mean():
    means = [
        {"game_date": DAY - timedelta(days=n), "game_id": game_id(n), "points": points, "rebounds": 40}
        for n, points in ((1, 100), (2, 120))
    ]
    quoted, unquoted = context(implied_points=115.0, team=means), context(team=means)
    share = quoted.projected_points_share
    assert share.loc["lineup"].sum() == pytest.approx(1)
    assert quoted.projected_points.to_dict() == pytest.approx((share * 115).to_dict())
    assert unquoted.projected_points.to_dict() == pytest.approx((share * 110).to_dict())
    assert quoted.projected_rebounds.to_dict() == pytest.approx((quoted.projected_rebounds_share * 40).to_dict())
    assert context().projected_points.isna().all()


def test_change_is_against_his_own_games_as_they_were_expected_then():
    made = context()
    # A newcomer's 8 minutes were all that was known of either team-mate before those games.
    assert made.teammates_minutes_change["lineup", 1] == pytest.approx(120 - 8)
    # Of player 1, 120 minutes were known before the second game.
    assert made.teammates_minutes_change["pregame", 3] == pytest.approx(made.teammates_minutes["pregame", 3] - 120)


def test_a_player_without_history_is_expected_to_play_a_newcomers_minutes():
    row = context((1, 2, 50)).loc["lineup"].loc[50]
    assert (row.expected_minutes, row.minutes_if_active) == (8.0, 8.0)
    assert pd.isna(row.minutes_with_similar_lineup_wide)
    assert pd.isna(row.teammates_minutes_change)
    assert pd.isna(row.last_game_date)


def test_who_appeared_changes_rows_of_the_lineup_only():
    before, one, other = context(()), context((1, 2)), context((1, 3))
    assert before.index.get_level_values(0).unique().tolist() == ["pregame"]
    for made in (one, other):
        pd.testing.assert_frame_equal(made.loc["pregame"], before.loc["pregame"])
    assert one.teammates_minutes["lineup", 1] != other.teammates_minutes["lineup", 1]


def test_what_happens_on_the_day_changes_nothing():
    tonight = [{**game, "game_date": DAY, "game_id": game_id(900)} for game in past_games(points={1: 99, 2: 99})[:2]]
    pd.testing.assert_frame_equal(context(summary=past_games() + tonight), context())


def test_a_player_traded_overnight_has_one_row_with_the_team_that_lists_him():
    made = run(
        "player_lineup_context",
        upcoming_player_game_context=[
            {"player_id": 1, "team_id": BOS, "roster_source": "active_list", "is_active": True},
            {"player_id": 2, "roster_source": "projected", "is_active": True},
        ],
        upcoming_roster=[{"player_id": 1}, {"player_id": 2}],
        player_availability=[{"player_id": p, "active_probability": CHANCES[p]} for p in (1, 2)],
        player_game_summary=past_games(),
    )
    lineup = made[made.information_set == "lineup"]
    assert lineup[["player_id", "team_id"]].to_numpy().tolist() == [[1, BOS], [2, ATL]]
    assert (lineup.teammates_minutes == 0).all()
