"""Two backfills of overlapping days at the same time, among readers: as one after the other, without a traceback."""

from __future__ import annotations

from datetime import date

from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets_tests.reliability import trials
from nba_assets_tests.reliability.conftest import REQUEST

LATER = Request(DayRange(date(2019, 10, 25), date(2019, 10, 26)), REQUEST.tables)
BOTH = Request(DayRange(REQUEST.days.first, LATER.days.last), REQUEST.tables)


def test_two_backfills_of_overlapping_days_leave_what_one_after_the_other_leaves(tmp_path, setting):
    union, _ = trials.undisturbed(BOTH, tmp_path / "both")
    assert trials.at_once(setting, LATER, union.whole, tmp_path, setting.seconds / 4) > 0
