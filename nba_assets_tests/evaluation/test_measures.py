"""Slices of graded forecasts, against the same worked out from the rows one by one."""

from __future__ import annotations

import math
import statistics
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_assets.days import DayRange
from nba_assets.evaluation.measures import SLICINGS, Selection, evaluate
from nba_assets.evaluation.slices import by_subject, in_order, merged, totals
from nba_assets_tests.evaluation.made import (
    DAYS,
    LEVELS,
    Session,
    grade,
    part_of,
    season_of,
    some_grades,
    student,
    wilson,
)

ROWS = some_grades()
SLICING = [None, *SLICINGS]
CELL = ("market", "information_set", "system_id")


@pytest.fixture(scope="module")
def session():
    return Session(ROWS)


def enough(rows, games=5):
    return [r for r in rows if r["games_played_season"] is not None and r["games_played_season"] >= games]


def cells_of(rows, by):
    cells = {}
    for row in rows:
        cells.setdefault((*(row[name] for name in CELL), part_of(row, by)), []).append(row)
    return cells


def known(rows, column):
    return [r for r in rows if r[column] is not None]


@pytest.mark.parametrize("by", SLICING)
def test_there_is_a_slice_for_each_cell_that_has_rows_and_no_other(session, by):
    found = [(s.market, s.information_set, s.system_id, s.part) for s in evaluate(session, DAYS, by).slices]
    assert len(set(found)) == len(found)
    assert set(found) == set(cells_of(enough(ROWS), by))


@pytest.mark.parametrize("by", SLICING)
def test_error_and_bias_are_those_of_the_rows(session, by):
    cells = cells_of(enough(ROWS), by)
    for one in evaluate(session, DAYS, by).slices:
        mine = cells[one.market, one.information_set, one.system_id, one.part]
        errors = [abs(r["predicted_value"] - r["actual_value"]) for r in mine]
        assert one.count == len(mine)
        assert one.error == pytest.approx(statistics.mean(errors))
        assert one.bias == pytest.approx(statistics.mean(r["predicted_value"] - r["actual_value"] for r in mine))
        if len(mine) > 1:
            assert one.error_interval == pytest.approx(student(errors))
        else:
            assert one.error_interval is None


@pytest.mark.parametrize("by", SLICING)
@pytest.mark.parametrize(("baseline", "column"), [("last_10", "last_10_average"), ("blend", "blend_average")])
def test_a_baseline_is_held_against_on_the_same_rows_pair_by_pair(session, by, baseline, column):
    cells = cells_of(enough(ROWS), by)
    for one in evaluate(session, DAYS, by).slices:
        mine = cells[one.market, one.information_set, one.system_id, one.part]
        pairs = [(abs(r[column] - r["actual_value"]), r["absolute_error"]) for r in known(mine, column)]
        versus = one.versus(baseline)
        if not pairs:
            assert versus is None
            continue
        gains = [theirs - ours for theirs, ours in pairs]
        assert (versus.known, versus.unknown) == (len(pairs), len(mine) - len(pairs))
        assert versus.baseline_error == pytest.approx(statistics.mean(theirs for theirs, _ in pairs))
        assert versus.error == pytest.approx(statistics.mean(ours for _, ours in pairs))
        assert versus.gain == pytest.approx(statistics.mean(gains), abs=1e-9)
        assert versus.gain_pct == pytest.approx(1 - versus.error / versus.baseline_error)
        if len(pairs) > 1 and statistics.stdev(gains) > 0:
            assert versus.gain_interval == pytest.approx(student(gains))


@pytest.mark.parametrize("by", SLICING)
def test_quantiles_cover_what_they_cover_and_a_tie_counts_half(session, by):
    cells = cells_of(enough(ROWS), by)
    ties = 0
    for one in evaluate(session, DAYS, by).slices:
        mine = known(cells[one.market, one.information_set, one.system_id, one.part], "p10")
        assert one.inside.count == len(mine)
        if not mine:
            assert one.below(50) is one.inside.mean is one.inside.share_interval is None
            continue
        assert one.inside.share_interval == pytest.approx(wilson([r["is_in_80_interval"] for r in mine]), abs=1e-6)
        for level in LEVELS:
            signs = [(r["actual_value"] > r[f"p{level}"]) - (r["actual_value"] < r[f"p{level}"]) for r in mine]
            ties += signs.count(0)
            assert one.below(level) == pytest.approx((signs.count(-1) + signs.count(0) / 2) / len(mine))
    assert ties


@pytest.mark.parametrize("by", SLICING)
def test_over_probabilities_are_judged_on_lines_that_were_no_push(session, by):
    cells = cells_of(enough(ROWS), by)
    pushes = 0
    for one in evaluate(session, DAYS, by).slices:
        lined = known(cells[one.market, one.information_set, one.system_id, one.part], "over_probability")
        mine = [
            (r["over_probability"], float(r["actual_value"] > r["line"]))
            for r in lined
            if r["actual_value"] != r["line"]
        ]
        pushes += len(lined) - len(mine)
        assert one.lined == len(mine)
        if not mine:
            assert one.brier is one.calibration_error is None
            continue
        tenths = {}
        for p, over in mine:
            tenths.setdefault(min(math.floor(p * 10), 9), []).append((p, over))
        gaps = [abs(sum(p for p, _ in of) - sum(over for _, over in of)) for of in tenths.values()]
        assert one.brier == pytest.approx(statistics.mean((p - over) ** 2 for p, over in mine))
        assert one.calibration_error == pytest.approx(sum(gaps) / len(mine))
    assert pushes


def test_bets_are_counted_where_they_were_won_or_lost(session):
    cells = cells_of(enough(ROWS), None)
    for one in evaluate(session, DAYS).slices:
        won = [
            r["is_correct"] for r in known(cells[one.market, one.information_set, one.system_id, "all"], "is_correct")
        ]
        assert (one.hits.count, one.hits.total) == (len(won), sum(won))


def test_the_own_spread_is_around_the_players_median_of_the_season(session):
    for one in evaluate(session, DAYS).slices:
        mine = [
            r for r in enough(ROWS) if [r[name] for name in CELL] == [one.market, one.information_set, one.system_id]
        ]
        results = {}
        for r in mine:
            results.setdefault((r["player_id"], season_of(r["game_date"])), []).append(r["actual_value"])
        spreads = [
            abs(value - statistics.median(of)) * math.sqrt(len(of) / (len(of) - 1))
            for of in results.values()
            if len(of) > 1
            for value in of
        ]
        assert 0 < len(spreads) < len(mine)
        assert one.measures["own_spread"].count == one.measures["own_error"].count == len(spreads)
        assert one.spread == pytest.approx(statistics.mean(spreads))


@pytest.mark.parametrize("games", [1, 5, 30])
def test_every_graded_forecast_is_in_a_slice_or_counted_as_left_out(session, games):
    found = evaluate(session, DAYS, selection=Selection(minimum_games=games, is_same_rows=True))
    assert found.graded == len(ROWS)
    assert found.games_unknown == len(ROWS) - len(known(ROWS, "games_played_season")) > 0
    assert found.too_few_games == len(known(ROWS, "games_played_season")) - len(enough(ROWS, games))
    assert found.graded == found.count + found.too_few_games + found.games_unknown + found.not_shared
    assert found.not_shared > 0


def test_a_minimum_of_no_games_leaves_nobody_out(session):
    found = evaluate(session, DAYS, selection=Selection(minimum_games=0))
    assert found.graded == found.count == len(ROWS)
    assert (found.too_few_games, found.games_unknown, found.not_shared) == (0, 0, 0)


def test_months_are_added_up_to_the_same_totals_as_if_they_were_one(session):
    added, whole = totals(evaluate(session, DAYS, "month").slices), evaluate(session, DAYS).slices
    assert [(s.market, s.information_set, s.system_id, s.part, s.count) for s in added] == [
        (s.market, s.information_set, s.system_id, s.part, s.count) for s in whole
    ]
    for of_months, one in zip(added, whole, strict=True):
        assert of_months.error_interval == pytest.approx(one.error_interval)
        assert of_months.calibration_error == pytest.approx(one.calibration_error)


def test_a_certain_over_is_in_the_last_tenth_and_a_push_in_none():
    rows = [
        grade(DAYS.first, 1, 20, 20, line=20.0, over_probability=0.5),
        grade(DAYS.first, 2, 20, 25, line=20.0, over_probability=1.0),
    ]
    (found,) = evaluate(Session(rows), DAYS).slices
    (only,) = found.reliability
    assert (only.tenth, only.count, only.mean_probability, only.over_share) == (9, 1, 1.0, 1.0)


def test_market_set_and_systems_choose_among_the_slices_and_change_none(session):
    whole = evaluate(session, DAYS, "month").slices
    chosen = evaluate(session, DAYS, "month", Selection("points", "lineup", ("ensemble", "similarity"))).slices
    assert [(s.system_id, s.part, s.count, s.spread) for s in chosen] == [
        (s.system_id, s.part, s.count, pytest.approx(s.spread, nan_ok=True) if s.spread else s.spread)
        for s in whole
        if (s.market, s.information_set) == ("points", "lineup") and s.system_id != "lightgbm"
    ]


@pytest.mark.parametrize("systems", [(), ("ensemble", "similarity")])
def test_same_rows_are_those_of_which_every_system_spoke(session, systems):
    asked = set(systems or ("ensemble", "lightgbm", "similarity"))
    spoke = {}
    for r in enough(ROWS):
        key = (r["game_date"], r["player_id"], r["market"], r["information_set"])
        spoke.setdefault(key, set()).add(r["system_id"])
    shared = [key for key, of in spoke.items() if asked <= of]
    found = evaluate(session, DAYS, selection=Selection(systems=systems, is_same_rows=True)).slices
    assert {s.system_id for s in found} == asked
    for one in found:
        assert one.count == sum(key[2:] == (one.market, one.information_set) for key in shared)


def test_a_system_that_is_never_heard_in_a_market_leaves_its_rows_alone_unless_it_is_asked_for():
    rows = [grade(DAYS.first, 1, 5, 4, system_id=s, market="points") for s in ("ensemble", "zone_matchup")]
    rows += [grade(DAYS.first, 1, 5, 4, market="assists")]
    session = Session(rows)
    assert evaluate(session, DAYS, selection=Selection(is_same_rows=True)).count == 3
    asked = Selection(systems=("ensemble", "zone_matchup"), is_same_rows=True)
    assert {s.market for s in evaluate(session, DAYS, selection=asked).slices} == {"points"}


def test_slices_stand_in_the_order_of_markets_sets_parts_and_systems(session):
    found = evaluate(session, DAYS, "minutes").slices
    assert list(dict.fromkeys((s.market, s.information_set) for s in found)) == [
        ("points", "pregame"),
        ("points", "lineup"),
        ("assists", "pregame"),
    ]
    assert list(by_subject(found)) == [("pregame", "points"), ("pregame", "assists"), ("lineup", "points")]
    assert [(s.part, s.system_id) for s in found[:9]] == [
        (part, system) for part in ("0-12", "28+", "unknown") for system in ("ensemble", "similarity", "lightgbm")
    ]


def test_systems_are_listed_with_the_ensemble_first_and_unknown_ones_last():
    systems = ["new", "lightgbm", "ensemble", "moving_average"]
    assert in_order(systems) == ["ensemble", "moving_average", "lightgbm", "new"]


def test_only_days_of_the_range_are_evaluated(session):
    october = DayRange(date(2021, 10, 1), date(2021, 10, 31))
    assert {s.part for s in evaluate(session, october, "month").slices} == {"2021-10"}
    assert evaluate(session, DayRange(date(2022, 1, 1), date(2022, 1, 2))).graded == 0


maybe = st.none() | st.floats(0, 30, width=16)
drawn = st.lists(
    st.builds(
        grade,
        st.sampled_from(list(DAYS)),
        st.integers(1, 4),
        st.floats(0, 30, width=16),
        st.integers(0, 30).map(float),
        system_id=st.sampled_from(["ensemble", "lightgbm"]),
        information_set=st.sampled_from(["pregame", "lineup"]),
        minutes_band=st.sampled_from(["0-12", "28+", None]),
        confidence_decile=st.integers(1, 10),
        last_10_average=maybe,
        line=maybe,
        over_probability=st.none() | st.floats(0, 1),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(drawn, st.sampled_from(list(SLICINGS)))
def test_the_parts_of_any_slicing_add_up_to_the_whole(rows, by):
    session = Session(rows)
    whole = evaluate(session, DAYS).slices
    parts = evaluate(session, DAYS, by).slices
    for one in whole:
        mine = merged([p for p in parts if (p.information_set, p.system_id) == (one.information_set, one.system_id)])
        for name, value in one.measures.items():
            assert vars(mine.measures[name]) == pytest.approx(vars(value), abs=1e-6)
        assert mine.calibration_error == pytest.approx(one.calibration_error, abs=1e-9)
    assert sum(s.count for s in whole) == len(rows)
