"""From forecasts to distributions of counts: order, bounds, values by hand, and calibration on known counts."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nba_assets.models import distribution
from nba_assets.models.distribution import QUANTILES, Distribution, level_of, line_probabilities, quantile
from nba_assets_tests.models.learning import counts

ROWS = 8_000
LINES = st.integers(0, 240).map(lambda n: n / 2)


def made(seed: int, highest_mean: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts (the means themselves), inputs of the spread, and counts drawn around them."""
    rng = np.random.default_rng(seed)
    mean = rng.uniform(0.2, highest_mean, ROWS)
    return mean, inputs(mean), counts(rng, mean)


def inputs(mean: np.ndarray) -> np.ndarray:
    root = np.sqrt(mean + 0.375)
    return np.column_stack([np.ones(len(mean)), root, root**2])


@functools.cache
def fitted(highest_mean: float = 30.0) -> Distribution:
    return distribution.fit(*made(1, highest_mean))


@pytest.fixture(scope="module", autouse=True)
def _fitted_beforehand():
    """Not within the time that one example of a test may take."""
    fitted()


def of_one(forecast: float, width: float = 1.0) -> np.ndarray:
    given = np.array([forecast])
    return fitted().cumulative(given, inputs(given), width)


COUNT_DISTRIBUTIONS = arrays(np.float64, st.integers(2, 40), elements=st.floats(0, 1)).map(
    lambda weights: np.append(np.cumsum(weights + 1e-3) / (np.cumsum(weights + 1e-3)[-1] + 0.5), 1.0)[None, :]
)
"""Increasing to 1, with something on every count."""


@given(st.floats(0, 60), st.floats(0.5, 2))
def test_quantiles_of_a_forecast_rise_and_are_never_below_zero(forecast, width):
    cumulative = of_one(forecast, width)
    values = [float(quantile(cumulative, level / 100)[0]) for level in QUANTILES]
    assert values == sorted(values)
    assert values[0] >= 0


@given(st.floats(0, 60), st.floats(0.5, 2))
def test_a_cumulative_distribution_rises_from_0_to_1(forecast, width):
    cumulative = of_one(forecast, width)[0]
    assert (np.diff(cumulative) >= 0).all()
    assert cumulative[0] >= 0
    assert cumulative[-1] == 1


@given(COUNT_DISTRIBUTIONS, st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_higher_level_never_has_a_lower_quantile(cumulative, one, other):
    low, high = sorted((one, other))
    assert quantile(cumulative, low)[0] <= quantile(cumulative, high)[0]


@given(COUNT_DISTRIBUTIONS, st.floats(0.001, 0.999))
def test_so_much_as_the_level_lies_below_its_quantile(cumulative, level):
    """A count of k spans k - 0.5 to k + 0.5; what lies below 0 of that is cut off."""
    value = quantile(cumulative, level)[0]
    share = np.interp(value, np.arange(-1, cumulative.shape[1]) + 0.5, [0.0, *cumulative[0]])
    if value == 0:
        assert share >= level - 1e-9
    else:
        assert share == pytest.approx(level, abs=1e-9)


@given(COUNT_DISTRIBUTIONS, st.floats(-3, 45))
def test_below_and_at_most_add_up_the_counts_that_are(cumulative, value):
    shares = np.diff(cumulative[0], prepend=0.0)
    number = np.arange(len(shares))
    given_value = np.array([value])
    assert distribution.below(cumulative, given_value)[0] == pytest.approx(shares[number < value].sum())
    assert distribution.at_most(cumulative, given_value)[0] == pytest.approx(shares[number <= value].sum())


@given(COUNT_DISTRIBUTIONS, LINES)
def test_over_push_and_under_of_any_line_add_up_to_one(cumulative, line):
    over, push = (float(found[0]) for found in line_probabilities(cumulative, np.array([line])))
    shares = np.diff(cumulative[0], prepend=0.0)
    number = np.arange(len(shares))
    assert push == pytest.approx(shares[number == line].sum())
    assert over * (1 - push) == pytest.approx(shares[number > line].sum(), abs=1e-9)
    assert (1 - over) * (1 - push) == pytest.approx(shares[number < line].sum(), abs=1e-9)


def test_a_half_point_line_cannot_be_hit_and_a_whole_one_leaves_the_push_out():
    cumulative = np.array([[0.2, 0.5, 0.9, 1.0]])
    over, push = line_probabilities(cumulative, np.array([1.5]))
    assert (over[0], push[0]) == (pytest.approx(0.5), 0.0)
    over, push = line_probabilities(cumulative, np.array([1.0]))
    assert (over[0], push[0]) == (pytest.approx(0.5 / 0.7), pytest.approx(0.3))


def test_without_a_line_there_is_no_probability():
    over, push = line_probabilities(of_one(12.0), np.array([np.nan]))
    assert np.isnan([over[0], push[0]]).all()


@given(st.floats(0, 60), LINES, LINES)
def test_a_higher_line_is_never_likelier_to_be_beaten(forecast, one, other):
    low, high = sorted((np.floor(one) + 0.5, np.floor(other) + 0.5))
    cumulative = of_one(forecast)
    assert line_probabilities(cumulative, np.array([high]))[0] <= line_probabilities(cumulative, np.array([low]))[0]


def test_quantiles_by_hand():
    cumulative = np.array([[0.2, 0.6, 1.0]])
    found = {level: round(float(quantile(cumulative, level)[0]), 9) for level in (0.05, 0.2, 0.4, 0.6, 0.9)}
    assert found == {0.05: 0.0, 0.2: 0.5, 0.4: 1.0, 0.6: 1.5, 0.9: 2.25}


def test_each_row_may_have_a_level_of_its_own():
    cumulative = np.array([[0.2, 0.6, 1.0]] * 2)
    assert quantile(cumulative, np.array([0.4, 0.6])) == pytest.approx([1.0, 1.5])


@pytest.mark.parametrize("highest_mean", [3.0, 12.0, 30.0])
def test_about_eighty_percent_of_fresh_counts_lie_between_p10_and_p90(highest_mean):
    mean, given_inputs, actual = made(2, highest_mean)
    cumulative = fitted(highest_mean).cumulative(mean, given_inputs)
    # Counts are coarse: of one that lies on the end of the interval half is inside.
    low, high = quantile(cumulative, 0.1), quantile(cumulative, 0.9)
    inside = np.clip(np.minimum(actual + 0.5, high) - np.maximum(actual - 0.5, low), 0, 1)
    is_cut = low == 0
    inside[is_cut & (actual == 0)] = 1.0
    assert inside[mean > highest_mean / 4].mean() == pytest.approx(0.8, abs=0.02 if highest_mean > 3 else 0.06)


@pytest.mark.parametrize("highest_mean", [3.0, 12.0, 30.0])
def test_over_probabilities_of_half_point_lines_are_what_happens(highest_mean):
    mean, given_inputs, actual = made(3, highest_mean)
    line = np.maximum(np.round(mean + np.random.default_rng(4).normal(0, np.sqrt(mean))), 0) + 0.5
    over, push = line_probabilities(fitted(highest_mean).cumulative(mean, given_inputs), line)
    assert (push == 0).all()
    tenth = np.minimum((over * 10).astype(int), 9)
    error = sum(abs(over[tenth == n].sum() - (actual > line)[tenth == n].sum()) for n in range(10)) / ROWS
    assert error < 0.02


def test_a_wider_spread_moves_the_ends_of_the_interval_apart():
    narrow, wide = ([float(quantile(of_one(20.0, width), level)[0]) for level in (0.1, 0.9)] for width in (0.7, 1.4))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_what_makes_results_scatter_makes_the_spread_wide():
    rng = np.random.default_rng(5)
    mean, is_wild = np.full(ROWS, 16.0), rng.random(ROWS) < 0.5
    root = 4.0 + rng.normal(0, 1, ROWS) * np.where(is_wild, 1.2, 0.4)
    given_inputs = np.column_stack([np.ones(ROWS), is_wild])
    found = distribution.fit(mean, given_inputs, np.round(np.square(np.maximum(root, 0)))).root_spread(given_inputs)
    assert found[is_wild] == pytest.approx(1.2, abs=0.1)
    assert found[~is_wild] == pytest.approx(0.4, abs=0.05)


def test_counts_that_never_go_beyond_two_have_a_distribution_too():
    rng = np.random.default_rng(6)
    mean = rng.uniform(0.1, 0.8, ROWS)
    actual = rng.binomial(2, mean / 2).astype("float64")
    cumulative = distribution.fit(mean, inputs(mean), actual).cumulative(mean, inputs(mean))
    assert cumulative[:, 0].mean() == pytest.approx((actual == 0).mean(), abs=0.01)
    assert np.isfinite(cumulative).all()


def test_a_stored_spread_gives_the_distribution_that_the_inputs_gave():
    mean, given_inputs, _ = made(7, 30.0)
    spread = fitted().root_spread(given_inputs)
    assert np.array_equal(fitted().cumulative_at(mean, spread), fitted().cumulative(mean, given_inputs))


def test_it_says_the_same_after_it_was_written_and_read():
    mean, given_inputs, _ = made(7, 30.0)
    again = Distribution.from_dict(fitted().to_dict())
    assert again.to_dict() == fitted().to_dict()
    assert np.allclose(again.cumulative(mean, given_inputs), fitted().cumulative(mean, given_inputs), atol=1e-4)


def test_the_level_of_a_count_is_the_one_at_which_the_quantile_reaches_it():
    rng = np.random.default_rng(3)
    cumulative = np.sort(rng.random((400, 30)), axis=1)
    cumulative[:, -1] = 1.0
    count = rng.integers(0, 28, 400).astype("float64")
    own = level_of(cumulative, count)
    assert quantile(cumulative, own) == pytest.approx(count)
    for level in np.linspace(0.02, 0.98, 25):
        assert ((count < quantile(cumulative, level)) == (own < level)).all()
