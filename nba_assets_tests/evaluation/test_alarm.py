"""Planted leakage is told, honest forecasts are left alone."""

from __future__ import annotations

import pytest

from nba_assets.evaluation.alarm import FEWEST, FEWEST_BETS, LARGEST_GAIN, too_good
from nba_assets.evaluation.measures import evaluate
from nba_assets.markets import MARKETS
from nba_assets_tests.evaluation.made import DAYS, Session, grade, leaking


def reasons(rows, by=None):
    return [too_good(one) for one in evaluate(Session(rows), DAYS, by).slices]


def test_every_market_has_a_limit_of_its_own():
    assert set(LARGEST_GAIN) >= {market.name for market in MARKETS}


@pytest.mark.parametrize("seed", range(5))
def test_knowing_a_players_own_mean_and_no_more_is_quiet(seed):
    assert set(reasons(leaking(0.0, seed=seed))) == {None}
    assert set(reasons(leaking(0.0, seed=seed), "month")) == {None}


@pytest.mark.parametrize("market", [market.name for market in MARKETS])
def test_the_result_with_a_little_noise_is_told_by_error_and_by_improvement(market):
    (reason,) = reasons(leaking(1.0, market=market))
    assert "of players' own spread" in reason
    assert "below the last-10 mean's" in reason


def test_a_third_of_the_answer_is_told_as_well():
    (reason,) = reasons(leaking(1 / 3))
    assert "of players' own spread" in reason


def test_only_the_slice_that_leaks_is_told():
    rows = leaking(0.0) + leaking(1.0, system_id="lightgbm")
    assert [reason is None for reason in reasons(rows)] == [True, False]


def test_leakage_is_told_without_a_baseline_and_without_a_second_game_of_a_player():
    rows = leaking(1.0)
    assert "own spread" in reasons([r | {"last_10_average": None} for r in rows])[0]
    strangers = [r | {"player_id": n} for n, r in enumerate(rows)]
    assert reasons(strangers)[0].startswith("the error is 9")


def test_fewer_results_than_are_needed_are_not_asked():
    rows = leaking(1.0, players=FEWEST // 10, games=20)
    assert reasons(rows[: FEWEST - 1]) == [None]
    assert reasons(rows[:FEWEST]) != [None]


def bets(won, lost):
    """Forecasts as far off as a player's own results are, so that nothing but the bets is told."""
    flags = [True] * won + [False] * lost
    return [grade(DAYS.first, n, 20.0, 14.0 + 12 * (n % 2), is_correct=flag) for n, flag in enumerate(flags)]


def test_too_many_bets_won_are_told_once_there_are_enough():
    assert reasons(bets(310, 190)) == ["62.0% of 500 bets won, beyond 60%"]
    assert reasons(bets(300, 200)) == [None]
    assert reasons(bets(310, FEWEST_BETS - 311)) == [None]
