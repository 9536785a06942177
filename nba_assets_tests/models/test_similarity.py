"""similarity: the likeness formula by hand, its silence, and that only earlier games, as known before them, speak."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from nba_assets.models.systems import similarity
from nba_assets_tests.factories import ATL, BOS, CLE, NOP, game_id
from nba_assets_tests.models import answers
from nba_assets_tests.models.answers import ASSISTS, REBOUNDS, THREES, ask, is_silent

DAY = date(2022, 1, 15)
TONIGHT: dict[str, Any] = {
    "game_date": DAY,
    "rest_days": 1,
    "is_home": True,
    "points_avg_last_5": 20.0,
    "points_avg_season": 20.0,
    "opponent_defensive_rating_last_15": 110.0,
}
"""Level form, one day of rest, at home, against an average defence."""


def ask_one(system: Any, games: list[dict[str, Any]], defense: Any = None, **given: Any) -> pd.Series:
    """The answer for player 1, in a league whose defences are all alike unless others are given."""
    return answers.ask_one(system, games, average_defence() if defense is None else defense, **given)


def average_defence() -> list[dict[str, Any]]:
    """Boston before each season's games and ever since, with the same rating."""
    return [
        {
            "game_date": date(year, 12, 20),
            "game_id": game_id(5, year),
            "season_year": year,
            "team_id": BOS,
            "defensive_rating": 110.0,
        }
        for year in (2019, 2020)
    ] + [
        {
            "game_date": date(2021, 10, 20),
            "game_id": game_id(5),
            "season_year": 2021,
            "team_id": BOS,
            "defensive_rating": 110.0,
        }
    ]


def played(day: date, points: int, number: int = 0, season_year: int = 2021, **given: Any) -> dict[str, Any]:
    """One past game of player 1, at home against Boston."""
    identity = game_id(number or (day - date(2018, 1, 1)).days, season_year)
    return {"game_date": day, "game_id": identity, "season_year": season_year, "points": points, **given}


def every_other_day(count: int, points: list[int] | int = 20, **given: Any) -> list[dict[str, Any]]:
    """Games with one day of rest between, the last two days before DAY; the first has no game before it."""
    values = [points] * count if isinstance(points, int) else points
    return [played(DAY - timedelta(days=2 * (count - n)), values[n], **given) for n in range(count)]


def test_the_forecast_is_the_mean_of_past_games_weighted_by_likeness():
    games = every_other_day(6, [10, 12, 14, 16, 18, 20])
    games[2]["is_home"] = games[4]["is_home"] = False
    # The first game: its rest is unknown, so long, and form before it too: 40 + 0 + 15 + 0, too little to count.
    # Away games lack the 15 of the venue.
    likeness = [0, 100, 85, 100, 85, 100]
    answer = ask_one(similarity, games, **TONIGHT)
    weighted = sum(weight * game["points"] for weight, game in zip(likeness, games, strict=True))
    assert answer.predicted_value == pytest.approx(weighted / sum(likeness))


def test_a_game_less_alike_than_70_does_not_count():
    games = every_other_day(6, [90, 20, 20, 20, 20, 20])
    games[0]["is_home"] = False  # 40 + 0 + 0 + 0
    assert ask_one(similarity, games, **TONIGHT).predicted_value == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("rest", "first", "others"),
    [(0, 0, 85), (1, 0, 100), (2, 70, 85), (3, 85, 70), (9, 85, 70), (None, 85, 70)],
)
def test_rest_counts_by_its_bucket_and_a_first_game_is_long_rested(rest, first, others):
    games = every_other_day(6, [20, 20, 20, 20, 20, 0])
    answer = ask_one(similarity, games, **{**TONIGHT, "rest_days": rest})
    assert answer.predicted_value == pytest.approx(20 * (first + 4 * others) / (first + 5 * others))


def test_form_is_that_before_the_past_game_not_after_it():
    # Ten level games, then three of 40: only before the last two of them was the player hot.
    games = every_other_day(13, [20] * 10 + [40] * 3)
    level = ask_one(similarity, games, **TONIGHT)
    # Before game 12 the last five mean 24 and the season 21.8 (level); before game 13: 28 and 23.3 (hot).
    weights = [0] + [100] * 11 + [90]
    expected = sum(w * g["points"] for w, g in zip(weights, games, strict=True)) / sum(weights)
    assert level.predicted_value == pytest.approx(expected)
    hot = ask_one(similarity, games, **{**TONIGHT, "points_avg_last_5": 28.0, "points_avg_season": 23.0})
    weights = [0] + [90] * 11 + [100]
    expected = sum(w * g["points"] for w, g in zip(weights, games, strict=True)) / sum(weights)
    assert hot.predicted_value == pytest.approx(expected)


def test_form_is_hot_or_cold_by_the_markets_own_deviation():
    # Three threes more than the season is hot; three rebounds are with a deviation of 2.5 as well, one is not.
    games = [{**game, "three_pointers_made": 2, "rebounds": 8} for game in every_other_day(8)]
    form = {"three_pointers_made_avg_season": 2.0, "rebounds_avg_season": 8.0}
    for market, change, is_hot in (
        (THREES, 0.5, False),
        (THREES, 0.6, True),
        (REBOUNDS, 1.2, False),
        (REBOUNDS, 1.3, True),
    ):
        of_market = {f"{market.statistic}_avg_last_5": form[f"{market.statistic}_avg_season"] + change}
        # Away, with a day of rest more than in the past: 40 + 15 + 0, and 15 for the same form or 5 for another.
        answer = answers.ask_one(
            similarity,
            games,
            average_defence(),
            market,
            **{**TONIGHT, "rest_days": 2, "is_home": False},
            **form,
            **of_market,
        )
        assert is_silent(answer, "fewer than 5 similar games") == is_hot, (market.name, change)


def test_each_market_is_answered_by_its_own_statistic():
    games = [{**game, "rebounds": 8, "assists": 5} for game in every_other_day(8)]
    known = {f"{m.statistic}_avg_{form}": 5.0 for m in (REBOUNDS, ASSISTS) for form in ("last_5", "season")}
    said = {
        market.name: answers.ask_one(similarity, games, average_defence(), market, **TONIGHT, **known).predicted_value
        for market in (answers.POINTS, REBOUNDS, ASSISTS)
    }
    assert said == {"points": pytest.approx(20.0), "rebounds": pytest.approx(8.0), "assists": pytest.approx(5.0)}


def test_the_league_is_that_of_the_rows_own_information_set():
    # Before tip-off the league has a mean of 115 and the opponent is strong; of those who then played it is 110.
    rows = [
        {**TONIGHT, "is_home": False, "opponent_defensive_rating_last_15": rating, "player_id": player}
        | {"information_set": name}
        for name, player, rating in (("pregame", 1, 110.0), ("pregame", 2, 120.0), ("lineup", 1, 110.0))
    ]
    found = ask(similarity, rows, every_other_day(8), average_defence())
    said = {row.information_set: row for row in found.itertuples() if row.player_id == 1}
    # 40 + 30 + 0 + 15 against an average defence, 20 less against a strong one.
    assert said["lineup"].predicted_value == pytest.approx(20.0)
    assert said["pregame"].reason == "fewer than 5 similar games"


def test_no_more_than_the_twenty_most_alike_count_and_of_equals_the_latest():
    games = every_other_day(26, [12] * 6 + [13] * 20)
    assert ask_one(similarity, games, **TONIGHT).predicted_value == pytest.approx(13.0)


def test_games_of_the_previous_season_count_and_older_ones_do_not():
    last_season = [played(date(2021, 2, 1) + timedelta(days=2 * n), 30, season_year=2020) for n in range(6)]
    older = [played(date(2020, 1, 1) + timedelta(days=2 * n), 90, season_year=2019) for n in range(6)]
    assert ask_one(similarity, last_season + older, **TONIGHT).predicted_value == pytest.approx(30.0)
    assert is_silent(ask_one(similarity, older, **TONIGHT), "fewer than 5 similar games")


@pytest.mark.parametrize("count", [0, 1, 5])
def test_fewer_than_five_similar_games_are_silence(count):
    assert is_silent(ask_one(similarity, every_other_day(count), **TONIGHT), "fewer than 5 similar games")


def test_five_similar_games_speak():
    # Six, of which the first, with nothing known before it, is not alike.
    assert ask_one(similarity, every_other_day(6), **TONIGHT).predicted_value == pytest.approx(20.0)


def test_an_unknown_opponent_adds_no_likeness():
    games = every_other_day(8)
    assert ask_one(similarity, games, **TONIGHT).predicted_value == pytest.approx(20.0)
    unknown = {**TONIGHT, "opponent_defensive_rating_last_15": None}
    assert is_silent(ask_one(similarity, games, **unknown), "fewer than 5 similar games")


def test_without_an_earlier_game_it_is_silent():
    assert is_silent(ask_one(similarity, [], **TONIGHT, games_used=0), "no earlier game")


def test_another_players_games_do_not_count():
    strangers = [{**game, "player_id": 2, "points": 90} for game in every_other_day(8)]
    answer = ask_one(similarity, every_other_day(6) + strangers, **TONIGHT)
    assert answer.predicted_value == pytest.approx(20.0)


def test_a_game_on_the_day_or_after_it_changes_nothing():
    games = every_other_day(8, [10, 12, 14, 16, 18, 20, 22, 24])
    planted = [played(DAY + timedelta(days=n), 99) for n in (0, 1, 40)]
    before, after = (ask_one(similarity, given, defence(DAY), **TONIGHT) for given in (games, games + planted))
    assert after.predicted_value == before.predicted_value
    assert after.reason is before.reason is None


def defence(last_day: date, **ratings: float) -> list[dict[str, Any]]:
    """A game of each team on each day up to last_day, with a defensive rating that does not change."""
    teams = {BOS: ratings.get("bos", 110.0), NOP: ratings.get("nop", 110.0)}
    return [
        {
            "game_date": day,
            "game_id": game_id((day - date(2021, 1, 1)).days),
            "season_year": 2021,
            "team_id": team,
            "defensive_rating": rating,
        }
        for team, rating in teams.items()
        for day in (last_day - timedelta(days=n) for n in range(40))
    ]


def two_players(**given: Any) -> list[dict[str, Any]]:
    """Tonight player 1 meets a strong defence and player 2 a weak one; the league's mean is between."""
    strong = {**TONIGHT, "player_id": 1, "opponent_defensive_rating_last_15": 100.0, **given}
    return [strong, {**TONIGHT, "player_id": 2, "opponent_defensive_rating_last_15": 120.0}]


def two_pasts() -> list[dict[str, Any]]:
    """Player 1 has met Boston, player 2 New Orleans, on the same days."""
    games = every_other_day(8, opponent_team_id=BOS, team_id=ATL)
    return games + [{**g, "player_id": 2, "opponent_team_id": NOP, "team_id": CLE} for g in games]


def test_the_opponents_tier_is_judged_against_the_league_of_its_time():
    alike = ask(similarity, two_players(), two_pasts(), defence(DAY - timedelta(days=1), bos=100.0, nop=120.0))
    opposite = ask(similarity, two_players(), two_pasts(), defence(DAY - timedelta(days=1), bos=120.0, nop=100.0))
    assert alike["predicted_value"].tolist() == [20.0, 20.0]
    # Two tiers apart: 0 + 30 + 15 + 15 at best.
    assert opposite["reason"].tolist() == ["fewer than 5 similar games"] * 2


def test_what_the_opponent_allowed_in_the_past_game_itself_is_not_known_before_it():
    games = two_pasts()
    known = defence(DAY - timedelta(days=1), bos=100.0, nop=120.0)
    last_day = max(game["game_date"] for game in games)
    collapsed = [{**d, "defensive_rating": 500.0} if d["game_date"] >= last_day else d for d in known]
    before, after = (ask(similarity, two_players(), games, given) for given in (known, collapsed))
    assert after.equals(before)
    earlier = [{**d, "defensive_rating": 220.0 - d["defensive_rating"]} for d in known]
    assert not ask(similarity, two_players(), games, earlier).equals(before)
