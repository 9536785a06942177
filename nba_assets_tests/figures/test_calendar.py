"""Days as signs, and calendars as Markdown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nba_assets.absence import NOT_BUILT
from nba_assets.figures.calendar import (
    LONGEST_BY_DAY,
    State,
    coverage_calendar,
    grid,
    in_words,
    months_of,
    rows_calendar,
    state_of,
)
from nba_assets_tests.report.made import covered, day_after


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (covered(), State.COMPLETE),
        (covered(missing={"did not play": 4}), State.COMPLETE),
        (covered(missing={"did not play": 1, "lost": 1}), State.SHORT),
        (covered(missing={"lost": 4}, rows=0), State.NOTHING),
        (covered(missing={"did not play": 2, "lost": 2}, rows=0), State.NOTHING),
        (covered(expected=0, rows=0), State.IDLE),
        (covered(expected=None, rows=0), State.IDLE),
        (covered(expected=None, rows=3), State.COMPLETE),
        (covered(expected=4, missing={NOT_BUILT: 4}, rows=0, is_built=False), State.NOT_BUILT),
        (covered(expected=0, rows=0, is_built=False), State.NOT_BUILT),
    ],
)
def test_the_state_of_a_day(day, state):
    assert state_of(day) is state


def test_every_state_has_a_sign_of_its_own():
    assert len({state.value.symbol for state in State}) == len(State)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (covered(), "2021-12-27: 4 of 4 keys, 9 rows"),
        (covered(missing={"lost": 1, "did not play": 1}, rows=1), "2021-12-27: 2 of 3 keys, 1 row"),
        (covered(expected=0, rows=0), "2021-12-27: nothing expected, 0 rows"),
        (covered(expected=None, rows=1200), "2021-12-27: 1,200 rows, nothing to count them against"),
        (covered(is_built=False), "2021-12-27: never built"),
    ],
)
def test_a_day_in_words(day, words):
    assert in_words(day) == words


def test_days_by_month_are_in_order_and_each_is_there_once():
    days = [date(2022, 1, 2), date(2021, 12, 31), date(2022, 1, 2), date(2021, 1, 5)]
    assert list(months_of(days)) == [
        ("January 2021", [date(2021, 1, 5)]),
        ("December 2021", [date(2021, 12, 31)]),
        ("January 2022", [date(2022, 1, 2)]),
    ]


def test_a_week_that_crosses_months_is_two_rows_and_days_stand_under_their_weekday():
    lines = grid({day_after(n): "x" for n in range(8)}).splitlines()
    assert lines == [
        "| | Mon | Tue | Wed | Thu | Fri | Sat | Sun |",
        "|---|---|---|---|---|---|---|---|",
        "| **December 2021** | 27 x | 28 x | 29 x | 30 x | 31 x |  |  |",
        "| **January 2022** |  |  |  |  |  | 1 x | 2 x |",
        "|  | 3 x |  |  |  |  |  |  |",
    ]


def test_a_coverage_calendar_shows_each_day_and_explains_the_signs_that_it_uses():
    text = coverage_calendar(
        [covered(0), covered(1, missing={"lost": 1}), covered(2, missing={"lost": 4}), covered(3, is_built=False)]
    )
    assert "| **December 2021** | 27 ✓ | 28 ◐ 3/4 | 29 ✗ 0/4 | 30 ? |  |  |  |" in text.splitlines()
    legend = text.splitlines()[-1]
    assert all(words in legend for words in ("✓ complete", "◐ short", "✗ nothing there", "? never built"))
    assert "·" not in text


def test_several_tables_are_several_calendars_with_their_names():
    text = coverage_calendar([covered(0), covered(0, table="games", expected=None), covered(1)])
    assert text.index("**shots**") < text.index("27 ✓") < text.index("**games**")
    assert text.count("27 ✓") == 2
    assert text.count("28 ✓") == 1


def test_without_days_a_calendar_says_so():
    assert coverage_calendar([]) == rows_calendar({}) == "No days."


def test_row_counts_are_shown_by_day():
    assert "| **December 2021** | 27 &nbsp; **1,108** | 28 &nbsp; · |" in rows_calendar(
        {day_after(0): 1108, day_after(1): 0}
    )


def test_row_counts_of_a_long_range_are_shown_by_month():
    days = [date(2022, 1, 1) + timedelta(days=n) for n in range(LONGEST_BY_DAY + 1)]
    assert "| Mon |" in rows_calendar(dict.fromkeys(days[:-1], 10))
    lines = rows_calendar({day: 0 if day.day == 1 else 100 for day in days}).splitlines()
    assert lines[2:] == [
        "| **January 2022** | 30 of 31 | 3,000 |",
        "| **February 2022** | 27 of 28 | 2,700 |",
        "| **March 2022** | 30 of 31 | 3,000 |",
        "| **April 2022** | 10 of 11 | 1,000 |",
    ]
