"""Quantiles and over probabilities: their order, their bounds, values by hand, and the spread that is fitted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.models.distribution import QUANTILES, fit_spread, over_probability, quantiles, standard_deviation

FORECAST = st.floats(0, 60)
DEVIATION = st.floats(0.5, 20)
HALF_POINTS = st.integers(0, 120).map(lambda n: n / 2)


def over(predicted: float, deviation: float, line: float) -> float:
    return float(over_probability(np.array([predicted]), np.array([deviation]), np.array([line]))[0])


@given(FORECAST, DEVIATION)
def test_quantiles_are_in_order_and_never_below_zero(predicted, deviation):
    by_level = quantiles(np.array([predicted]), np.array([deviation]))
    values = [float(by_level[level][0]) for level in QUANTILES]
    assert values == sorted(values)
    assert values[0] >= 0
    assert by_level[50][0] == pytest.approx(predicted)


def test_quantiles_are_those_of_the_normal_distribution():
    by_level = quantiles(np.array([20.0]), np.array([5.0]))
    expected = {10: 13.592, 25: 16.628, 50: 20.0, 75: 23.372, 90: 26.408}
    assert {level: round(float(values[0]), 3) for level, values in by_level.items()} == expected


@given(FORECAST, DEVIATION, HALF_POINTS)
def test_the_over_probability_is_between_0_and_1(predicted, deviation, line):
    assert 0 <= over(predicted, deviation, line) <= 1


@given(FORECAST, DEVIATION, HALF_POINTS, HALF_POINTS)
def test_a_higher_line_is_never_likelier_to_be_beaten(predicted, deviation, one, other):
    low, high = sorted((one, other))
    assert over(predicted, deviation, high) <= over(predicted, deviation, low) + 1e-12


@given(DEVIATION, HALF_POINTS, FORECAST, FORECAST)
def test_a_higher_forecast_is_never_less_likely_to_beat_the_line(deviation, line, one, other):
    low, high = sorted((one, other))
    assert over(high, deviation, line) >= over(low, deviation, line) - 1e-12


def test_a_half_point_line_is_the_normal_tail():
    # (24.5 - 20) / 5 = 0.9, and the standard normal's tail beyond 0.9 is 0.18406.
    assert over(20.0, 5.0, 24.5) == pytest.approx(0.18406, abs=5e-6)


def test_a_whole_number_line_leaves_the_push_out():
    # Over is 26 or more: beyond (25.5 - 20) / 5 = 1.1, 0.13567. Under is 24 or less: below 0.9, 0.81594.
    assert over(20.0, 5.0, 25.0) == pytest.approx(0.13567 / (0.13567 + 0.81594), abs=1e-5)


def test_a_line_at_the_forecast_is_even_with_and_without_a_push():
    assert over(20.0, 5.0, 20.0) == pytest.approx(0.5)
    assert over(20.5, 5.0, 20.5) == pytest.approx(0.5)


def test_without_a_line_or_a_spread_there_is_no_probability():
    assert np.isnan(over(20.0, 5.0, np.nan))
    assert np.isnan(over(20.0, np.nan, 20.5))
    assert np.isnan(standard_deviation(np.array([20.0]), np.array([np.nan]), np.array([np.nan]))[0])
    assert all(np.isnan(values[0]) for values in quantiles(np.array([20.0]), np.array([np.nan])).values())


def test_the_deviation_grows_with_the_forecast_and_does_not_vanish():
    found = standard_deviation(np.array([0.0, 10.0, 32.0]), np.array([4.0]), np.array([1.0]))
    assert found == pytest.approx([2.0, 14**0.5, 6.0])
    assert standard_deviation(np.array([30.0]), np.array([1.0]), np.array([-1.0]))[0] == pytest.approx(0.5)


@pytest.mark.parametrize(("intercept", "slope"), [(4.0, 1.5), (30.0, 0.0), (9.0, 0.5)])
def test_the_fitted_spread_recovers_a_variance_that_is_linear_in_the_forecast(intercept, slope):
    rng = np.random.default_rng(5)
    predicted = rng.uniform(1, 35, 100_000)
    actual = predicted + rng.normal(0, 1, predicted.size) * np.sqrt(intercept + slope * predicted)
    found_intercept, found_slope = fit_spread(predicted, actual)
    assert found_slope == pytest.approx(slope, abs=0.06)
    assert found_intercept == pytest.approx(intercept, abs=1.0)


@pytest.mark.parametrize("count", [1, 3, 40])
def test_forecasts_that_are_all_the_same_or_few_have_a_spread_too(count):
    intercept, slope = fit_spread(np.full(count, 12.0), np.full(count, 15.0))
    assert (intercept, slope) == (pytest.approx(9.0), 0.0)
    assert np.isfinite(fit_spread(np.arange(1.0, count + 1), np.arange(2.0, count + 2))).all()


def test_eighty_percent_of_outcomes_fall_between_p10_and_p90_of_the_fitted_spread():
    rng = np.random.default_rng(6)
    predicted = rng.uniform(8, 35, 50_000)
    actual = predicted + rng.normal(0, 1, predicted.size) * np.sqrt(4 + 1.5 * predicted)
    by_level = quantiles(predicted, standard_deviation(predicted, *map(np.array, fit_spread(predicted, actual))))
    assert ((actual >= by_level[10]) & (actual <= by_level[90])).mean() == pytest.approx(0.8, abs=0.01)
