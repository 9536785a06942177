"""The calendar of training: three cut-offs a season, and that no day needs more than its tables read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.days import FIRST_DAY, DayRange, season_year_of
from nba_assets.models.cutoffs import cutoff_of, cutoffs_before, of_one_cutoff
from nba_assets.models.past_forecasts import CALIBRATED_ON
from nba_assets.models.training import training_start
from nba_assets.tables import TABLES

DAYS = st.dates(FIRST_DAY, date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "cutoff"),
    [
        (date(2021, 10, 1), date(2021, 10, 1)),
        (date(2021, 11, 30), date(2021, 10, 1)),
        (date(2021, 12, 1), date(2021, 12, 1)),
        (date(2022, 1, 31), date(2021, 12, 1)),
        (date(2022, 2, 1), date(2022, 2, 1)),
        (date(2022, 6, 16), date(2022, 2, 1)),
        (date(2022, 9, 30), date(2022, 2, 1)),
    ],
)
def test_the_cutoff_is_the_latest_first_of_october_december_or_february(day, cutoff):
    assert cutoff_of(day) == cutoff


@given(DAYS)
def test_a_cutoff_is_never_after_its_day_and_is_its_own(day):
    cutoff = cutoff_of(day)
    assert cutoff <= day
    assert cutoff_of(cutoff) == cutoff
    assert (cutoff.day, cutoff.month in (2, 10, 12)) == (1, True)


def test_the_cutoffs_before_one_are_those_of_the_year_the_latest_first():
    before = {
        date(2021, 10, 1): (date(2021, 2, 1), date(2020, 12, 1), date(2020, 10, 1)),
        date(2021, 12, 1): (date(2021, 10, 1), date(2021, 2, 1), date(2020, 12, 1)),
        date(2022, 2, 1): (date(2021, 12, 1), date(2021, 10, 1), date(2021, 2, 1)),
    }
    assert {cutoff: cutoffs_before(cutoff, 3) for cutoff in before} == before


@given(DAYS, st.integers(1, 7))
def test_each_earlier_cutoff_serves_the_days_up_to_the_next(day, count):
    after = cutoff_of(day)
    for cutoff in cutoffs_before(after, count):
        assert cutoff == cutoff_of(after - timedelta(days=1))
        after = cutoff


@given(DAYS, st.integers(0, 800))
def test_days_fall_into_parts_whose_models_are_the_same(first, more):
    days = DayRange(first, first + timedelta(days=more))
    parts = of_one_cutoff(days)
    assert [day for part in parts for day in part] == list(days)
    assert [{cutoff_of(day) for day in part} for part in parts] == [{cutoff_of(part.first)} for part in parts]
    assert len({cutoff_of(part.first) for part in parts}) == len(parts)


@given(DAYS)
def test_what_a_days_model_and_its_predecessors_are_trained_on_is_read_for_it(day):
    read = TABLES["prop_model"].reads["ml_feature_store_v2"].days_for(DayRange(day, day))
    cutoff = cutoff_of(day)
    assert season_year_of(cutoff) == season_year_of(day)
    for earlier in (cutoff, *cutoffs_before(cutoff, CALIBRATED_ON)):
        assert training_start(earlier) in read or training_start(earlier) >= earlier
