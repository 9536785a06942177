"""Nothing computed for a day may notice what happened on that day or later.

Every result from the day on is changed, or taken away; whatever is said of the day itself must stay as it was.
"""

from __future__ import annotations

from datetime import date

import pytest

from nba_assets.days import DayRange
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets_tests.graph import OPENING, NoResults, OtherResults, contents, make_platform, materialize

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
    platform = make_platform(tmp_path_factory.mktemp("true"))
    materialize(platform, OPENING)
    return contents(platform, THE_DAY)


@pytest.fixture(scope="module")
def day_with_other_results(tmp_path_factory):
    source = OtherResults(SimulatedSource(seed=7), DAY)
    platform = make_platform(tmp_path_factory.mktemp("other"), source)
    materialize(platform, OPENING)
    return contents(platform, THE_DAY)


@pytest.fixture(scope="module")
def day_without_results(tmp_path_factory):
    source = NoResults(SimulatedSource(seed=7), DAY)
    platform = make_platform(tmp_path_factory.mktemp("none"), source)
    materialize(platform, OPENING)
    return contents(platform, THE_DAY)


def _before_tipoff(name, rows):
    """Rows that did not take knowing who played, but for the set of models that is served to those that did."""
    for column, hindsight in (("roster_source", "box_score"), ("information_set", "lineup")):
        if column in _columns(name) and name != "prop_model":
            return [row for row in rows if row[_columns(name).index(column)] != hindsight]
    return rows


def _columns(name):
    """Columns as `contents` gives them."""
    return [c for c in TABLES[name].column_names if c not in TABLES[name].volatile]


def _without_hindsight(name, row):
    """The row but for what is said of the line-up afterwards, and to be so."""
    return row and tuple(value for c, value in zip(_columns(name), row, strict=True) if c != "has_appeared")


@pytest.mark.parametrize("name", FORECASTS)
def test_other_results_on_and_after_the_day_change_nothing_that_is_said_of_it(name, true_day, day_with_other_results):
    assert true_day[name]
    assert day_with_other_results[name] == true_day[name]


@pytest.mark.parametrize("name", ["player_game_summary", "prediction_accuracy"])
def test_the_planted_results_did_reach_the_tables_of_results(name, true_day, day_with_other_results):
    assert day_with_other_results[name] != true_day[name]


@pytest.mark.parametrize("name", FORECASTS)
def test_before_tipoff_the_same_is_said_as_in_hindsight_of_everyone_who_was_projected(
    name, true_day, day_without_results
):
    key = [TABLES[name].column_names.index(k) for k in TABLES[name].key]
    expected = {tuple(row[k] for k in key): row for row in _before_tipoff(name, true_day[name])}
    live = {tuple(row[k] for k in key): row for row in day_without_results[name]}
    hindsight_only = {"player_composite_factors", "player_daily_cache"}
    if name in hindsight_only:
        expected = {k: row for k, row in expected.items() if k in live}
    assert expected
    assert {k: _without_hindsight(name, live.get(k)) for k in expected} == {
        k: _without_hindsight(name, row) for k, row in expected.items()
    }


def test_without_results_nobody_is_known_from_the_box_score(day_without_results):
    columns = TABLES["upcoming_player_game_context"].column_names
    rows = day_without_results["upcoming_player_game_context"]
    assert {row[columns.index("roster_source")] for row in rows} == {"projected"}
    assert {row[columns.index("has_appeared")] for row in rows} == {None}


def test_without_results_there_is_no_row_of_the_line_up(day_without_results):
    for name in ("ml_feature_store_v2", "player_prop_predictions"):
        sets = {row[_columns(name).index("information_set")] for row in day_without_results[name]}
        assert sets == {"pregame"}, name
