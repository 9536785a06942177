"""Error, calibration, reliability and edges, against the same worked out from the rows one by one."""

from __future__ import annotations

import statistics
from datetime import date

import numpy as np
import pytest
from scipy import stats

from nba_assets.days import DayRange
from nba_assets.figures.grades import (
    Grades,
    in_order,
    read_below,
    read_grades,
    read_reliability,
    subjects,
    total,
)
from nba_assets.report.edges import read_edges
from nba_assets_tests.report.made import forecast, graded, warehouse_of

POINTS = ("pregame", "points")
DAYS = DayRange(date(2021, 12, 30), date(2022, 1, 3))


def some_forecasts() -> list[dict[str, object]]:
    """Of two systems on four of the days; some have a line, some no quantiles, some no result."""
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
                    None if player == 7 else float(round(predicted + dice.normal(0, 7))),
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


def margin_of(values):
    low, high = stats.t.interval(0.95, len(values) - 1, loc=statistics.mean(values), scale=stats.sem(values))
    return (high - low) / 2


def grades_of(rows, system, month):
    found = [graded(r) for r in rows if r["system_id"] == system and r["actual"] is not None]
    return [r for r in found if r["game_date"].strftime("%Y-%m") == month]


@pytest.mark.parametrize("system", ["ensemble", "lightgbm"])
@pytest.mark.parametrize("month", ["2021-12", "2022-01"])
def test_error_bias_and_calibration_of_a_month_are_those_of_its_rows(warehouse, rows, system, month):
    with warehouse.session(read_only=True) as session:
        found = read_grades(session, DAYS)[POINTS, system, month]
    mine = grades_of(rows, system, month)
    errors = [r["absolute_error"] for r in mine]
    inside = [r["is_in_80_interval"] for r in mine if r["is_in_80_interval"] is not None]
    assert found.count == len(mine) == 22
    assert found.error == pytest.approx(statistics.mean(errors))
    assert found.error_margin == pytest.approx(margin_of(errors))
    assert found.bias == pytest.approx(statistics.mean(r["signed_error"] for r in mine))
    assert found.ranged == len(inside) == 20
    assert found.inside_share == pytest.approx(sum(inside) / len(inside))
    low, high = stats.binomtest(sum(inside), len(inside)).proportion_ci(method="wilson")
    assert found.inside_margin == pytest.approx((high - low) / 2)


def test_months_are_added_up_as_if_they_were_one(warehouse, rows):
    with warehouse.session(read_only=True) as session:
        found = read_grades(session, DAYS)
    assert set(found) == {(POINTS, s, m) for s in ("ensemble", "lightgbm") for m in ("2021-12", "2022-01")}
    errors = [r["absolute_error"] for m in ("2021-12", "2022-01") for r in grades_of(rows, "ensemble", m)]
    whole = total(g for (_, system, _), g in found.items() if system == "ensemble")
    assert whole.error == pytest.approx(statistics.mean(errors))
    assert whole.error_margin == pytest.approx(margin_of(errors))


def test_only_days_of_the_range_are_graded(warehouse):
    with warehouse.session(read_only=True) as session:
        assert {m for _, _, m in read_grades(session, DayRange(date(2022, 1, 1), date(2022, 1, 3)))} == {"2022-01"}
        assert read_grades(session, DayRange(date(2022, 1, 3), date(2022, 1, 3))) == {}


def test_a_single_forecast_has_no_interval_and_no_quantiles_no_share():
    one = Grades(count=1, absolute=2.0, squared=4.0, signed=-2.0)
    assert (one.error, one.bias, one.error_margin) == (2.0, -2.0, None)
    assert one.inside_share is one.inside_margin is None


def test_results_below_each_quantile_are_counted_over_forecasts_that_have_them(warehouse, rows):
    with warehouse.session(read_only=True) as session:
        found = read_below(session, DAYS)[POINTS, "ensemble"]
    mine = [r for r in rows if r["system_id"] == "ensemble" and r["actual"] is not None and r["p10"] is not None]
    assert found.count == len(mine) == 40
    for level in (10, 25, 50, 75, 90):
        assert found.share(level) == sum(r["actual"] < r[f"p{level}"] for r in mine) / len(mine)


def test_over_probabilities_are_held_against_results_in_tenths(warehouse, rows):
    with warehouse.session(read_only=True) as session:
        found = read_reliability(session, DAYS, "ensemble")[POINTS]
    mine = [r for r in rows if r["system_id"] == "ensemble" and r["actual"] is not None and r["line"] is not None]
    assert sum(b.count for b in found) == len(mine) > 8
    for b in found:
        tenth = [r for r in mine if int(r["over_probability"] * 10) == b.tenth]
        assert b.count == len(tenth)
        assert b.over_share == sum(r["actual"] > r["line"] for r in tenth) / len(tenth)
        assert b.mean_probability == pytest.approx(statistics.mean(r["over_probability"] for r in tenth))


def test_a_push_is_neither_over_nor_under_and_certainty_is_in_the_last_tenth(tmp_path):
    day = DAYS.first
    rows = [
        forecast(day, 1, 20.0, 20.0, line=20.0, over_probability=0.5),
        forecast(day, 2, 20.0, 25.0, line=20.0, over_probability=1.0),
    ]
    with warehouse_of(tmp_path, DAYS, rows).session(read_only=True) as session:
        (only,) = read_reliability(session, DAYS, "ensemble")[POINTS]
    assert (only.tenth, only.count, only.over_share) == (9, 1, 1.0)


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
            10.0,
            information_set=information_set,
            market=market,
            line=9.5,
            over_probability=0.05 + error / 10,
        )
        for error, (information_set, market) in enumerate(subjects)
        for player in range(3)
    ]
    return warehouse_of(tmp_path_factory.mktemp("mixed"), DAYS, rows)


def test_information_sets_and_markets_are_never_added_up_and_come_in_their_order(mixed):
    with mixed.session(read_only=True) as session:
        found, below = read_grades(session, DAYS), read_below(session, DAYS)
        reliability = read_reliability(session, DAYS, "ensemble")
    expected = [("pregame", "points"), ("pregame", "rebounds"), ("lineup", "points"), ("lineup", "threes")]
    assert subjects(found) == [subject for subject, _ in below] == list(reliability) == expected
    assert [(g.count, g.error) for g in found.values()] == [(3, 3.0), (3, 2.0), (3, 1.0), (3, 0.0)]
    assert [b.count for b in below.values()] == [3] * 4
    assert [bins[0].mean_probability for bins in reliability.values()] == pytest.approx([0.35, 0.25, 0.15, 0.05])


def test_edges_of_each_information_set_stand_apart_pregame_first(mixed):
    with mixed.session(read_only=True) as session:
        found = read_edges(session, DAYS)
    assert list(found) == ["pregame", "lineup"]
    assert {name: {e.market for e in edges.strongest} for name, edges in found.items()} == {
        "pregame": {"points", "rebounds"},
        "lineup": {"points", "threes"},
    }
    assert [edges.count for edges in found.values()] == [6, 6]


def test_systems_are_listed_with_the_ensemble_first_and_unknown_ones_last():
    assert in_order(["new", "lightgbm", "ensemble", "moving_average"]) == [
        "ensemble",
        "moving_average",
        "lightgbm",
        "new",
    ]
