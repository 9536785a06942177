"""Intervals of means and shares, against those of a statistics library."""

from __future__ import annotations

import pytest

from nba_assets.evaluation.moments import Moments
from nba_assets_tests.evaluation.made import student, wilson


def moments(values):
    return Moments(len(values), sum(values), sum(value**2 for value in values))


def test_a_means_interval_is_students():
    values = [2.0, 3.5, 0.0, 7.25]
    assert moments(values).interval == pytest.approx(student(values))


@pytest.mark.parametrize("flags", [[True], [False] * 7, [True] * 3 + [False] * 9])
def test_a_shares_interval_is_wilsons_and_stays_within_0_and_1(flags):
    low, high = moments(flags).share_interval
    assert (low, high) == pytest.approx(wilson(flags), abs=1e-6)
    assert 0 <= low < high <= 1


def test_one_value_has_no_interval_and_none_has_no_mean():
    assert (moments([3.0]).mean, moments([3.0]).interval) == (3.0, None)
    assert Moments().mean is Moments().interval is Moments().share_interval is None


def test_values_that_do_not_differ_have_an_interval_of_no_width_despite_rounding():
    assert moments([0.1] * 30).interval == pytest.approx((0.1, 0.1), abs=1e-7)
