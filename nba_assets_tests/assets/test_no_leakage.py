"""Nothing computed for a day may notice what happened on that day or later.

Every result from the day on is changed, or taken away; whatever is said of the day itself must stay as it was.
"""

from __future__ import annotations

from datetime import date

import pytest

from nba_assets.days import DayRange
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets_tests.graph import (
    OPENING,
    NoLists,
    NoResults,
    OtherResults,
    contents,
    make_platform,
    materialize,
    opening_month,
)

DAY = date(2019, 12, 2)
THE_DAY = DayRange(DAY, DAY)
RESULTS = {
    "games",
    "player_boxscores",
    "shots",
    "player_game_summary",
    "team_offense_game_summary",
    "team_defense_game_summary",
    "prediction_accuracy",
}
"""Tables whose rows of a day are the day's results."""
FORECASTS = [name for name in TABLES if name not in RESULTS]


@pytest.fixture(scope="module")
def true_day(tmp_path_factory):
    return contents(opening_month(tmp_path_factory), THE_DAY)


@pytest.fixture(scope="module")
def day_with_other_results(tmp_path_factory):
    source = OtherResults(SimulatedSource(seed=7), DAY)
    platform = make_platform(tmp_path_factory.mktemp("other"), source)
    materialize(platform, OPENING)
    return contents(platform, THE_DAY)


def _day_before_tipoff(folder, source_class):
    platform = make_platform(folder, source_class(SimulatedSource(seed=7), DAY))
    materialize(platform, OPENING)
    return contents(platform, THE_DAY)


@pytest.fixture(scope="module")
def day_with_lists(tmp_path_factory):
    """Half an hour before tip-off."""
    return _day_before_tipoff(tmp_path_factory.mktemp("lists"), NoResults)


@pytest.fixture(scope="module")
def day_without_lists(tmp_path_factory):
    """Hours before."""
    return _day_before_tipoff(tmp_path_factory.mktemp("none"), NoLists)


def _before_lists(name, rows):
    """Rows that did not take knowing who is active, but for the set of models that is served to those that did."""
    for column, listed in (("roster_source", "active_list"), ("information_set", "lineup")):
        if column in _columns(name) and name != "prop_model":
            return [row for row in rows if row[_columns(name).index(column)] != listed]
    return rows


def _columns(name):
    """Columns as `contents` gives them."""
    return [c for c in TABLES[name].column_names if c not in TABLES[name].volatile]


def _without(name, row, *unknown):
    """The row but for the columns that nobody can know yet."""
    return row and tuple(value for c, value in zip(_columns(name), row, strict=True) if c not in unknown)


@pytest.mark.parametrize("name", FORECASTS)
def test_other_results_on_and_after_the_day_change_nothing_that_is_said_of_it(name, true_day, day_with_other_results):
    assert true_day[name]
    assert day_with_other_results[name] == true_day[name]


@pytest.mark.parametrize("name", ["player_game_summary", "prediction_accuracy"])
def test_the_planted_results_did_reach_the_tables_of_results(name, true_day, day_with_other_results):
    assert day_with_other_results[name] != true_day[name]


@pytest.mark.parametrize("name", FORECASTS)
def test_with_the_lists_out_the_same_is_said_before_tipoff_as_afterwards(name, true_day, day_with_lists):
    assert true_day[name]
    assert [_without(name, row, "has_appeared") for row in day_with_lists[name]] == [
        _without(name, row, "has_appeared") for row in true_day[name]
    ]


@pytest.mark.parametrize("name", [name for name in FORECASTS if name != "active_players"])
def test_before_the_lists_the_same_is_said_as_afterwards_of_everyone_who_was_projected(
    name, true_day, day_without_lists
):
    key = [TABLES[name].column_names.index(k) for k in TABLES[name].key]
    expected = {tuple(row[k] for k in key): row for row in _before_lists(name, true_day[name])}
    live = {tuple(row[k] for k in key): row for row in day_without_lists[name]}
    with_unforeseen = {"player_composite_factors", "player_daily_cache"}
    if name in with_unforeseen:
        expected = {k: row for k, row in expected.items() if k in live}
    assert expected
    unknown = ("has_appeared", "is_active")
    assert {k: _without(name, live.get(k), *unknown) for k in expected} == {
        k: _without(name, row, *unknown) for k, row in expected.items()
    }


def test_without_lists_nobody_is_known_to_be_active(day_without_lists):
    columns = TABLES["upcoming_player_game_context"].column_names
    rows = day_without_lists["upcoming_player_game_context"]
    assert {row[columns.index("roster_source")] for row in rows} == {"projected"}
    assert {row[columns.index("is_active")] for row in rows} == {None}


@pytest.mark.parametrize("name", ["ml_feature_store_v2", "player_prop_predictions"])
def test_rows_of_the_line_up_are_there_once_the_lists_are(name, day_with_lists, day_without_lists):
    place = _columns(name).index("information_set")
    assert {row[place] for row in day_without_lists[name]} == {"pregame"}
    assert {row[place] for row in day_with_lists[name]} == {"pregame", "lineup"}
