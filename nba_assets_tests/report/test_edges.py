"""Which edges the report shows, against the same worked out from the rows one by one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nba_assets.days import DayRange
from nba_assets.report.edges import read_edges
from nba_assets_tests.report.made import forecast, warehouse_of

DAYS = DayRange(date(2021, 12, 30), date(2022, 1, 3))


def some_forecasts() -> list[dict[str, object]]:
    """Of two systems on four of the days; some have a line, some no quantiles."""
    dice = np.random.default_rng(3)
    rows = []
    for number, day in enumerate(list(DAYS)[:4]):
        for player in range(12):
            predicted = round(dice.uniform(4, 28), 3)
            lined = player % 3 == 0
            rows += [
                forecast(
                    day,
                    player,
                    predicted + (system == "lightgbm"),
                    system_id=system,
                    p10=None if player == 5 else predicted - 6,
                    line=float(round(predicted)) + 0.5 if lined and number < 3 else None,
                    over_probability=round(dice.random(), 3) if lined and number < 3 else None,
                )
                for system in ("ensemble", "lightgbm")
            ]
    return rows


@pytest.fixture(scope="module")
def rows():
    return some_forecasts()


@pytest.fixture(scope="module")
def warehouse(rows, tmp_path_factory):
    return warehouse_of(tmp_path_factory.mktemp("grades"), DAYS, rows)


def test_edges_are_the_ensembles_of_the_latest_day_with_a_line_the_least_even_first(warehouse, rows):
    with warehouse.session(read_only=True) as session:
        found = read_edges(session, DAYS, most=3)["pregame"]
    day = date(2022, 1, 1)
    lined = [r for r in rows if r["system_id"] == "ensemble" and r["line"] is not None and r["game_date"] == day]
    lined.sort(key=lambda r: -abs(r["over_probability"] - 0.5))
    assert (found.day, found.count) == (day, len(lined))
    assert [e.player for e in found.strongest] == [r["player_name"] for r in lined[:3]]
    first = found.strongest[0]
    assert (first.team, first.opponent, first.line) == ("ATL", "BOS", lined[0]["line"])
    assert first.edge == pytest.approx(lined[0]["predicted_value"] - lined[0]["line"])


def test_without_a_line_there_are_no_edges(warehouse):
    with warehouse.session(read_only=True) as session:
        assert read_edges(session, DayRange(date(2022, 1, 2), date(2022, 1, 3))) == {}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Information sets and markets of which each errs by another amount, the last to be shown written first."""
    subjects = [("lineup", "threes"), ("lineup", "points"), ("pregame", "rebounds"), ("pregame", "points")]
    rows = [
        forecast(
            DAYS.first,
            player,
            10.0 + error,
            information_set=information_set,
            market=market,
            line=9.5,
            over_probability=0.05 + error / 10,
        )
        for error, (information_set, market) in enumerate(subjects)
        for player in range(3)
    ]
    return warehouse_of(tmp_path_factory.mktemp("mixed"), DAYS, rows)


def test_edges_of_each_information_set_stand_apart_pregame_first(mixed):
    with mixed.session(read_only=True) as session:
        found = read_edges(session, DAYS)
    assert list(found) == ["pregame", "lineup"]
    assert {name: {e.market for e in edges.strongest} for name, edges in found.items()} == {
        "pregame": {"points", "rebounds"},
        "lineup": {"points", "threes"},
    }
    assert [edges.count for edges in found.values()] == [6, 6]
