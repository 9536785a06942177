"""Days, ranges and seasons."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.days import DayRange, ranges_of, season_boundary, season_year_of, seasons_of
from nba_assets.tables import LookBack
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, THIS_SEASON

DAYS = st.dates(date(2019, 1, 1), date(2030, 1, 1))


def test_a_range_holds_both_its_ends():
    days = DayRange(date(2022, 1, 1), date(2022, 1, 3))
    assert list(days) == [date(2022, 1, 1), date(2022, 1, 2), date(2022, 1, 3)]
    assert len(days) == 3
    assert date(2022, 1, 3) in days
    assert date(2022, 1, 4) not in days
    assert "2022-01-01" not in days


def test_a_range_prints_as_a_day_or_as_both_ends():
    assert str(DayRange(date(2022, 1, 1), date(2022, 1, 1))) == "2022-01-01"
    assert str(DayRange(date(2022, 1, 1), date(2022, 1, 3))) == "2022-01-01..2022-01-03"


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before it starts: 2022-01-02 to 2022-01-01"):
        DayRange(date(2022, 1, 2), date(2022, 1, 1))


def test_a_leap_day_is_a_day():
    days = DayRange(date(2020, 2, 28), date(2020, 3, 1))
    assert len(days) == 3
    assert date(2020, 2, 29) in days
    assert season_year_of(date(2020, 2, 29)) == 2019
    assert ranges_of([date(2020, 3, 1), date(2020, 2, 28), date(2020, 2, 29)]) == [days]


def test_days_with_a_gap_are_two_ranges():
    days = [date(2022, 1, 5), date(2022, 1, 1), date(2022, 1, 2), date(2022, 1, 1)]
    assert ranges_of(days) == [
        DayRange(date(2022, 1, 1), date(2022, 1, 2)),
        DayRange(date(2022, 1, 5), date(2022, 1, 5)),
    ]


def test_no_days_are_no_ranges():
    assert ranges_of([]) == []


@given(st.sets(DAYS, max_size=12))
def test_ranges_hold_exactly_the_days_and_do_not_touch(days):
    ranges = ranges_of(days)
    assert [d for r in ranges for d in r] == sorted(days)
    assert all(a.last + timedelta(days=1) < b.first for a, b in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    ("day", "season_year"),
    [
        (date(2021, 9, 30), 2020),  # the summer belongs to the season before it
        (date(2021, 10, 1), 2021),
        (date(2021, 12, 31), 2021),
        (date(2022, 1, 1), 2021),
        (date(2022, 6, 30), 2021),
        (date(2019, 10, 22), 2019),
        (date(2020, 8, 14), 2019),  # the bubble
        (date(2020, 10, 11), 2019),  # its last game: later than 1 October
        (date(2020, 11, 30), 2019),
        (date(2020, 12, 1), 2020),
        (date(2020, 12, 22), 2020),
    ],
)
def test_season_of_a_day(day, season_year):
    assert season_year_of(day) == season_year


@given(DAYS)
def test_a_day_lies_between_its_seasons_boundary_and_the_next(day):
    year = season_year_of(day)
    assert season_boundary(year) <= day < season_boundary(year + 1)


@pytest.mark.parametrize(
    ("look_back", "first"),
    [(SAME_DAY, date(2022, 1, 5)), (THIS_SEASON, date(2021, 10, 1)), (PREVIOUS_SEASON, date(2020, 12, 1))],
)
def test_look_back_reaches_to_the_start_of_a_season(look_back, first):
    assert look_back.days_for(DayRange(date(2022, 1, 5), date(2022, 1, 7))) == DayRange(first, date(2022, 1, 7))


def test_look_back_of_a_range_over_the_summer_is_that_of_its_first_day():
    days = DayRange(date(2021, 5, 1), date(2021, 11, 1))
    assert THIS_SEASON.days_for(days).first == date(2020, 12, 1)


def test_look_back_stops_at_the_first_partition():
    days = DayRange(date(2019, 11, 1), date(2019, 11, 1))
    assert PREVIOUS_SEASON.days_for(days).first == date(2019, 10, 22)
    assert LookBack(5).days_for(DayRange(date(2018, 1, 1), date(2018, 1, 2))).first == date(2018, 1, 1)


@given(DAYS, st.integers(0, 2_000))
def test_seasons_are_the_days_in_order_each_of_one_season(first, more):
    days = DayRange(first, first + timedelta(days=more))
    parts = seasons_of(days)
    assert [day for part in parts for day in part] == list(days)
    years = [{season_year_of(day) for day in part} for part in parts]
    assert all(len(of_part) == 1 for of_part in years)
    assert sorted(set.union(*years)) == [year for (year,) in years]
