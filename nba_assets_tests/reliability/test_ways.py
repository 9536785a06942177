"""A range in one go, in parts, by day, and later parts first: the same rows, and the same checksum of each day."""

from __future__ import annotations

from datetime import date

import pytest

from nba_assets.days import DayRange
from nba_assets_tests.reliability import ways

DAYS = DayRange(date(2019, 10, 22), date(2019, 11, 1))
TABLES = ("team_offense_game_summary", "upcoming_team_game_context")


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory):
    home = tmp_path_factory.mktemp("in_one_go") / "home"
    ways.build(home, DAYS, "in one go", *TABLES)
    return home


@pytest.mark.parametrize("way", ["by week", "by week backwards", "by month backwards"])
def test_however_a_range_is_asked_for_the_tables_are_the_same(tmp_path, in_one_go, way):
    assert ways.build(tmp_path / "home", DAYS, way, *TABLES) == 2
    assert set(ways.differences(in_one_go, tmp_path / "home").values()) == {0}
    assert ways.checksums(tmp_path / "home") == ways.checksums(in_one_go)


def test_by_day_the_tables_are_the_same(tmp_path):
    days = DayRange(DAYS.first, date(2019, 10, 26))
    ways.build(tmp_path / "one", days, "in one go", *TABLES)
    assert ways.build(tmp_path / "home", days, "by day", *TABLES) == 5
    assert set(ways.differences(tmp_path / "one", tmp_path / "home").values()) == {0}


def test_rows_that_differ_are_seen(tmp_path, in_one_go):
    ways.build(tmp_path / "home", DayRange(DAYS.first, date(2019, 10, 31)), "in one go", *TABLES)
    found = ways.differences(in_one_go, tmp_path / "home")
    assert found["games"] > 0
    assert found["day_ledger"] > 0


def test_parts_are_the_range():
    for way in ways.WAYS:
        found = ways.parts(DAYS, way)
        assert sorted(day for part in found for day in part) == list(DAYS)
    assert ways.parts(DAYS, "by week backwards")[0].last == DAYS.last
