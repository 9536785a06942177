"""Settling graded bets: what is won and lost, against which baselines, and how sure the figures are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nba_assets.backtest.bets import STRATEGIES
from nba_assets_tests.backtest.graded import bet, found, recommended

WIN = 100 / 110


def test_without_a_recommendation_there_is_no_bet():
    assert found(bet("PASS"), bet("NO_LINE", None, line=None), bet("OVER", None)).empty


@pytest.mark.parametrize(
    ("recommendation", "result", "profit"),
    [
        ("OVER", "OVER", WIN),
        ("UNDER", "UNDER", WIN),
        ("OVER", "UNDER", -1),
        ("UNDER", "OVER", -1),
        ("OVER", "PUSH", 0),
        ("UNDER", "PUSH", 0),
    ],
)
def test_a_bet_wins_its_price_loses_its_stake_or_gets_it_back(recommendation, result, profit):
    assert recommended(bet(recommendation, result)).profit == pytest.approx(profit)


def test_a_bet_is_settled_at_the_price_of_its_own_side():
    prices = {"over_price_american": 150.0, "under_price_american": -200.0}
    assert recommended(bet("OVER", "OVER", **prices)).profit == pytest.approx(1.5)
    assert recommended(bet("UNDER", "UNDER", **prices)).profit == pytest.approx(0.5)


def test_a_bet_without_a_price_is_settled_at_minus_110_and_counted():
    unpriced = bet(over_price_american=None, under_price_american=-300.0)
    row = recommended(unpriced, bet(over_price_american=100.0, under_price_american=None))
    assert (row.bets, row.assumed_prices) == (2, 1)
    assert row.profit == pytest.approx(WIN + 1)


def test_wins_losses_and_pushes_are_counted_and_pushes_are_no_part_of_the_hit_rate():
    row = recommended(*[bet()] * 3, bet(result="UNDER"), *[bet(result="PUSH")] * 2)
    assert (row.bets, row.wins, row.losses, row.pushes) == (6, 3, 1, 2)
    assert row.hit_rate == 0.75
    assert row.return_on_stake == pytest.approx((3 * WIN - 1) / 6)


@pytest.mark.parametrize(("wins", "losses"), [(55, 45), (1, 0), (0, 7), (3, 2)])
def test_the_hit_rates_interval_is_wilsons(wins, losses):
    row = recommended(*[bet()] * wins, *[bet(result="UNDER")] * losses, bet(result="PUSH"))
    low, high = stats.binomtest(wins, wins + losses).proportion_ci(method="wilson")
    assert (row.hit_rate_low, row.hit_rate_high) == (pytest.approx(low), pytest.approx(high))


def test_the_returns_interval_is_students_of_the_mean_profit():
    bets = [bet(), bet(over_price_american=130.0), bet(result="UNDER"), bet(result="PUSH"), bet(result="UNDER")]
    row = recommended(*bets)
    profits = [WIN, 1.3, -1, 0, -1]
    margin = stats.t.ppf(0.975, 4) * np.std(profits, ddof=1) / np.sqrt(5)
    assert row.return_on_stake == pytest.approx(np.mean(profits))
    assert row.return_low == pytest.approx(np.mean(profits) - margin, abs=1e-6)
    assert row.return_high == pytest.approx(np.mean(profits) + margin, abs=1e-6)


def test_pushes_alone_have_no_hit_rate_and_one_bet_no_interval_of_its_return():
    row = recommended(bet(result="PUSH"))
    assert (row.bets, row.profit) == (1, 0)
    assert row[["hit_rate", "hit_rate_low", "break_even_hit_rate", "return_low", "return_high"]].isna().all()


def test_the_break_even_hit_rate_is_of_the_prices_taken():
    assert recommended(bet(), bet(over_price_american=150.0)).break_even_hit_rate == pytest.approx(
        (110 / 210 + 0.4) / 2
    )
    assert recommended(bet("UNDER", "OVER", over_price_american=900.0)).break_even_hit_rate == pytest.approx(110 / 210)


@pytest.mark.parametrize(
    ("recommendation", "closing_line", "value"),
    [("OVER", 22.0, 1.5), ("OVER", 20.0, -0.5), ("UNDER", 22.0, -1.5), ("UNDER", 20.0, 0.5), ("OVER", 20.5, 0.0)],
)
def test_closing_line_value_is_positive_if_the_line_moved_the_bettors_way(recommendation, closing_line, value):
    row = recommended(bet(recommendation, closing_line=closing_line))
    assert (row.closing_line_value, row.closing_lines) == (value, 1)


def test_unknown_closing_lines_are_left_out_of_the_mean_and_counted_as_such():
    row = recommended(bet(closing_line=21.5), bet(closing_line=None), bet(closing_line=22.5))
    assert (row.closing_line_value, row.closing_lines) == (1.5, 2)
    assert recommended(bet()).closing_line_value is None


def test_the_baselines_bet_on_the_same_lines_and_nothing_else():
    rows = found(bet("OVER", "OVER"), bet("OVER", "UNDER"), bet("UNDER", "UNDER"), bet("PASS", "OVER"))
    assert set(rows.index) == set(STRATEGIES)
    assert set(rows.bets) == {3}
    assert rows.wins.to_dict() == {"recommended": 2, "always over": 1, "always under": 2, "opposite": 1}


def test_a_baseline_takes_the_price_of_its_own_side():
    rows = found(bet("OVER", "UNDER", over_price_american=120.0, under_price_american=None))
    assert rows.profit.to_dict() == pytest.approx(
        {"recommended": -1, "always over": -1, "always under": WIN, "opposite": WIN}
    )
    assert rows.assumed_prices.to_dict() == {"recommended": 0, "always over": 0, "always under": 1, "opposite": 1}


def test_at_two_sided_prices_a_bet_and_its_opposite_lose_the_margin_between_them():
    rng = np.random.default_rng(5)
    bets = [bet(side, result) for side, result in rng.choice(["OVER", "UNDER"], (200, 2))]
    rows = found(*bets)
    assert rows.profit["recommended"] + rows.profit["opposite"] == pytest.approx(200 * (WIN - 1))
    assert rows.profit["always over"] + rows.profit["always under"] == pytest.approx(200 * (WIN - 1))


def test_drawdown_is_the_deepest_fall_from_the_highest_day_on():
    # By day +1, -2, +1, -3, +5: from 1 down to -3.
    days = [(0, 1, 0), (1, 0, 2), (2, 1, 0), (3, 0, 3), (4, 5, 0)]
    even = {"over_price_american": 100.0}
    bets = [bet(day=day, **even) for day, wins, _ in days for _ in range(wins)]
    bets += [bet(result="UNDER", day=day, **even) for day, _, losses in days for _ in range(losses)]
    assert recommended(*reversed(bets)).maximum_drawdown == 4


@pytest.mark.parametrize(("results", "drawdown"), [(["UNDER", "UNDER", "OVER"], 2), (["OVER", "OVER"], 0)])
def test_drawdown_begins_at_zero(results, drawdown):
    assert recommended(*(bet(result=r, day=n) for n, r in enumerate(results))).maximum_drawdown == drawdown


def test_wins_and_losses_of_one_day_are_one_step_of_the_drawdown():
    assert recommended(bet(), bet(result="UNDER"), bet(over_price_american=100.0)).maximum_drawdown == 0


def test_months_add_up_to_the_whole():
    bets = [bet(day=day, result="OVER" if day % 2 else "UNDER") for day in range(5)]
    months = found(*bets, by=("month",)).loc["recommended"]
    assert months.month.tolist() == ["2022-01", "2022-02"]
    assert (months.bets.tolist(), months.wins.tolist()) == ([2, 3], [1, 1])
    assert months.profit.sum() == pytest.approx(recommended(*bets).profit)


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (-0.01, "below 0 %"),
        (0.0, "0 to 5 %"),
        (0.0499, "0 to 5 %"),
        (0.05, "5 to 10 %"),
        (0.1, "10 to 20 %"),
        (0.2, "20 % and more"),
        (None, "unknown"),
    ],
)
def test_a_bet_belongs_to_the_band_of_its_recommendations_expected_value(value, band):
    assert set(found(bet(expected_value=value), by=("band",)).band) == {band}


def test_groups_are_kept_apart():
    bets = [bet(), bet(system_id="lightgbm", result="UNDER"), bet(information_set="lineup"), bet(market="rebounds")]
    rows = found(*bets, by=("market", "information_set", "system_id")).loc["recommended"]
    assert rows[["market", "information_set", "system_id", "bets", "wins"]].values.tolist() == [
        ["points", "lineup", "ensemble", 1, 1],
        ["points", "pregame", "ensemble", 1, 1],
        ["points", "pregame", "lightgbm", 1, 0],
        ["rebounds", "pregame", "ensemble", 1, 1],
    ]


@pytest.mark.parametrize(
    "wanted",
    [{"market": "points"}, {"information_set": "pregame"}, {"system_id": "ensemble"}],
    ids=lambda w: next(iter(w)),
)
def test_only_what_is_asked_for_is_read(wanted):
    other = bet(market="rebounds", information_set="lineup", system_id="lightgbm")
    assert recommended(bet(), other).bets == 2
    assert recommended(bet(), other, **wanted).bets == 1
