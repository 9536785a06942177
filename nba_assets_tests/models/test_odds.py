"""Odds and probabilities: conversions, the margin, expected value, and from where on a side is recommended."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from nba_assets.models.odds import (
    decimal_odds,
    expected_value,
    fair_probabilities,
    implied_probability,
    recommend,
)

NAN = math.nan


@pytest.mark.parametrize(
    ("american", "decimal", "implied"),
    [
        (-110, 1.909091, 0.523810),
        (150, 2.5, 0.4),
        (100, 2.0, 0.5),
        (-100, 2.0, 0.5),
        (-137, 1.729927, 0.578059),
        (-10000, 1.01, 0.990099),
        (10000, 101.0, 0.009901),
    ],
)
def test_american_odds_are_decimal_odds_and_a_break_even_probability(american, decimal, implied):
    assert decimal_odds(american) == pytest.approx(decimal, abs=1e-6)
    assert implied_probability(american) == pytest.approx(implied, abs=1e-6)
    assert expected_value(american, implied_probability(american)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("price", [NAN, 0, 99.0, -99.0])
def test_what_is_no_american_price_has_no_probability(price):
    assert np.isnan(decimal_odds(price))
    assert np.isnan(implied_probability(price))
    assert np.isnan(expected_value(price, 0.5))


@pytest.mark.parametrize("method", ["shin", "proportional"])
@pytest.mark.parametrize("price", [-137, -110, -105, 100])
def test_a_pick_em_is_even_whatever_the_margin(method, price):
    assert fair_probabilities(price, price, method) == (pytest.approx(0.5), pytest.approx(0.5))


@pytest.mark.parametrize("method", ["shin", "proportional"])
def test_fair_probabilities_sum_to_1_and_keep_the_favourite(method):
    rng = np.random.default_rng(1)
    over, under = (rng.choice([-1, 1], 500) * rng.uniform(100, 5000, 500) for _ in range(2))
    fair_over, fair_under = fair_probabilities(over, under, method)
    assert ((fair_over > 0) & (fair_over < 1)).all()
    assert fair_over + fair_under == pytest.approx(np.ones(500))
    assert ((fair_over > fair_under) == (implied_probability(over) > implied_probability(under))).all()


@pytest.mark.parametrize(("over", "under"), [(-150, 120), (-110, -110), (-400, 310), (105, -125)])
def test_the_default_is_shins_method(over, under):
    implied = np.array([implied_probability(over), implied_probability(under)])

    def shin(insiders):
        # Shin 1993, as in Clarke, Kovalchik and Ingram 2017.
        root = np.sqrt(insiders**2 + 4 * (1 - insiders) * implied**2 / implied.sum())
        return (root - insiders) / (2 * (1 - insiders))

    insiders = brentq(lambda z: shin(z).sum() - 1, 0, 0.5)
    assert fair_probabilities(over, under)[0] == pytest.approx(shin(insiders)[0], abs=1e-9)


def test_proportional_is_the_share_of_the_sum_and_gives_the_favourite_less():
    proportional, _ = fair_probabilities(-150, 120, "proportional")
    assert proportional == pytest.approx(0.6 / (0.6 + 1 / 2.2))
    assert proportional < fair_probabilities(-150, 120)[0]


@pytest.mark.parametrize("method", ["shin", "proportional"])
def test_a_one_sided_quote_has_no_fair_probability(method):
    over, under = fair_probabilities([-110, NAN, -110], [NAN, -110, -110], method)
    assert np.isnan(over).tolist() == np.isnan(under).tolist() == [True, True, False]


def test_an_unknown_method_is_an_error():
    with pytest.raises(ValueError, match="not by 'power'"):
        fair_probabilities(-110, -110, "power")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("price", "win", "push", "value"),
    [
        (-110, 0.55, 0.0, 0.05),
        (150, 0.4, 0.0, 0.0),
        (100, 0.5, 0.1, 0.1),  # half win one unit, a tenth is returned, 0.4 lose one
        (-110, 0.0, 1.0, 0.0),
        (-110, 0.0, 0.0, -1.0),
    ],
)
def test_expected_value_pays_wins_and_returns_pushes(price, win, push, value):
    assert expected_value(price, win, push) == pytest.approx(value)


def one(line=20.5, over=0.5, over_price=-110.0, under_price=-110.0, **more):
    advice = recommend(line, over, over_price, under_price, **more)
    return (
        str(advice.recommendation),
        float(advice.expected_value),
        float(advice.price_american),
        bool(advice.has_price),
    )


@pytest.mark.parametrize(
    ("over", "recommendation"),
    [(0.55, "OVER"), (0.549, "PASS"), (0.5, "PASS"), (0.451, "PASS"), (0.45, "UNDER"), (1.0, "OVER"), (0.0, "UNDER")],
)
def test_at_even_prices_a_side_is_recommended_from_its_probability_on(over, recommendation):
    assert one(over=over)[0] == recommendation


@pytest.mark.parametrize(
    ("over", "recommendation"), [(0.59, "OVER"), (0.589, "PASS"), (0.411, "PASS"), (0.41, "UNDER")]
)
def test_at_pick_em_prices_the_expected_value_decides(over, recommendation):
    # 1.7299 * 0.59 - 1 = 0.0207, and 0.0189 at 0.589.
    assert one(over=over, over_price=-137, under_price=-137)[0] == recommendation


def test_a_long_shot_is_not_recommended_for_its_price_alone():
    recommendation, value, price, has_price = one(over=0.4, over_price=200, under_price=-260)
    assert (recommendation, price, has_price) == ("PASS", 200, True)
    assert value == pytest.approx(0.2)


def test_a_side_that_qualifies_is_recommended_though_the_other_has_the_higher_expected_value():
    recommendation, value, price, _ = one(over=0.56, over_price=100, under_price=200)
    assert (recommendation, price) == ("OVER", 100)
    assert value == pytest.approx(0.12)


def test_a_line_without_prices_is_taken_at_minus_110_and_says_so():
    assert one(over=0.55, over_price=NAN, under_price=NAN) == ("OVER", pytest.approx(0.05), -110, False)


@pytest.mark.parametrize(("over", "recommendation"), [(0.9, "PASS"), (0.1, "UNDER")])
def test_a_side_that_nobody_prices_beside_one_that_is_priced_is_not_recommended(over, recommendation):
    found, value, price, has_price = one(over=over, over_price=NAN, under_price=-110)
    assert (found, price, has_price) == (recommendation, -110, True)
    assert value == pytest.approx((1 - over) * 210 / 110 - 1)


def test_without_a_line_there_is_nothing_to_value():
    recommendation, value, price, has_price = one(line=NAN, over=0.9)
    assert (recommendation, has_price) == ("NO_LINE", False)
    assert np.isnan([value, price]).all()


def test_without_a_probability_a_line_is_passed():
    recommendation, value, price, has_price = one(over=NAN)
    assert (recommendation, has_price) == ("PASS", False)
    assert np.isnan([value, price]).all()


def test_a_push_takes_its_share_of_the_expected_value():
    assert one(line=20.0, over=0.6, push_probability=0.1)[1] == pytest.approx(0.9 * (0.6 * 210 / 110 - 1))


def test_thresholds_can_be_stated():
    assert one(over=0.58, minimum_probability=0.6)[0] == "PASS"
    assert one(over=0.58, minimum_expected_value=0.2)[0] == "PASS"
    assert one(over=0.53, minimum_probability=0.51, minimum_expected_value=0.0)[0] == "OVER"


def test_a_threshold_that_lets_both_sides_through_is_an_error():
    with pytest.raises(ValueError, match=r"must be above 0\.5"):
        one(minimum_probability=0.5)


def test_arrays_are_judged_row_by_row():
    advice = recommend([20.5, NAN, 10.5], [0.6, 0.6, 0.3], [-110, -110, NAN], [-110, -110, NAN])
    assert advice.recommendation.tolist() == ["OVER", "NO_LINE", "UNDER"]
    assert advice.has_price.tolist() == [True, False, False]
