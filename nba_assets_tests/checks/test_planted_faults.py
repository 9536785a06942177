"""Each fault, planted behind the back of a warehouse that was sound, turns the check meant for it red: on its day, with
its severity, and no other day of the tables that it touches."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_assets.checks.catalog import CHECKS, checks_of
from nba_assets.checks.evaluate import evaluate
from nba_assets.checks.verdict import Severity
from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets_tests.checks.faults import FAULTS
from nba_assets_tests.graph import make_platform, opening_month

DAY = date(2019, 12, 3)
"""The last day of the opening weeks that are built: a model serves it, and a month lies behind it."""
WINDOW = DayRange(date(2019, 11, 27), DAY)
ERROR, WARN = Severity.ERROR, Severity.WARN

Red = dict[tuple[str, str, date], Severity]
"""(table, check, day) -> severity of what did not pass."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A folder with the opening weeks of the simulated league, every table built."""
    return opening_month(tmp_path_factory).models_folder.parent


@pytest.fixture(scope="module")
def red_when_sound(sound) -> Red:
    return red(sound, TABLES)


@pytest.fixture
def damaged(sound, tmp_path) -> Path:
    """A copy to plant a fault in."""
    shutil.copy(sound / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    return tmp_path


def plant(folder: Path, *statements: str) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement.replace("$day", f"DATE '{DAY}'"))


def red(folder: Path, tables) -> Red:
    found = {}
    with make_platform(folder).warehouse.session(read_only=True) as session:
        for name in tables:
            results = evaluate(session, TABLES[name], WINDOW, checks_of(TABLES[name]))
            severities = {check.name: check.severity for check in checks_of(TABLES[name])}
            found.update(
                {
                    (name, check, day): verdict.severity or severities[check]
                    for check, verdicts in results.items()
                    for day, verdict in verdicts.items()
                    if not verdict.is_passed
                }
            )
    return found


ECHOES = {"inputs", "drift", "not_constant"}
"""Checks that look at more than one day, or at the whole slate: what they say besides is theirs to say."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_check_meant_for_a_fault_turns_red_on_its_day_and_no_other(fault, damaged, red_when_sound):
    plant(damaged, *fault.statements)
    tables = {table for table, _ in fault.caught}
    found = {place: s for place, s in red(damaged, tables).items() if place not in red_when_sound}
    for (table, check), severity in fault.caught.items():
        assert found.get((table, check, DAY)) == severity
    assert {(t, c, d) for t, c, d in found if d != DAY and c not in ECHOES} == set()


def test_a_day_never_built_fails_every_check_of_its_table_on_that_day(damaged, red_when_sound):
    plant(
        damaged,
        "DELETE FROM nba_precompute.player_daily_cache WHERE game_date = $day",
        "DELETE FROM nba_assets.day_ledger WHERE table_name = 'player_daily_cache' AND game_date = $day",
    )
    found = {place: s for place, s in red(damaged, ["player_daily_cache"]).items() if place not in red_when_sound}
    assert found == {
        ("player_daily_cache", check.name, DAY): ERROR for check in checks_of(TABLES["player_daily_cache"])
    }


def test_a_look_back_day_never_built_fails_history_on_the_days_after_it(damaged, red_when_sound):
    hole = DAY - timedelta(days=2)
    plant(
        damaged,
        f"DELETE FROM nba_assets.day_ledger WHERE table_name = 'player_game_summary' AND game_date = DATE '{hole}'",
    )
    found = {place: s for place, s in red(damaged, ["player_daily_cache"]).items() if place not in red_when_sound}
    days = {day for _, check, day in found if check == "history"}
    assert days == {day for day in WINDOW if day >= hole}
    assert {s for (_, check, _), s in found.items() if check == "history"} == {ERROR}


def test_results_outside_the_ranges_for_a_month_fail_calibration(damaged, red_when_sound):
    plant(damaged, "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = false")
    found = {place: s for place, s in red(damaged, ["prediction_accuracy"]).items() if place not in red_when_sound}
    assert found[("prediction_accuracy", "calibration", DAY)] == WARN


def test_one_markets_ranges_are_not_made_up_for_by_the_others(damaged, red_when_sound):
    plant(
        damaged,
        "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = (player_id % 5 > 0)",
        "UPDATE nba_predictions.prediction_accuracy SET is_in_80_interval = (player_id % 5 > 2) "
        "WHERE market = 'assists' AND information_set = 'pregame'",
    )
    with make_platform(damaged).warehouse.session(read_only=True) as session:
        table = TABLES["prediction_accuracy"]
        verdict = evaluate(session, table, WINDOW, checks_of(table))["calibration"][DAY]
    assert not verdict.is_passed
    assert "assists pregame" in verdict.text
    assert "points" not in verdict.text
    assert "lineup" not in verdict.text


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE nba_raw.shots ADD COLUMN smuggled BIGINT",
        "ALTER TABLE nba_raw.shots ALTER COLUMN period TYPE DOUBLE",
    ],
)
def test_another_shape_than_the_records_fails_schema_on_every_day(statement, damaged):
    plant(damaged, statement)
    assert {day for table, check, day in red(damaged, ["shots"]) if check == "schema"} == set(WINDOW)


@pytest.mark.parametrize("name", TABLES)
def test_no_check_passes_on_a_game_day_whose_rows_are_gone(name, damaged):
    with duckdb.connect(str(damaged / "warehouse.duckdb")) as connection:
        written = connection.execute(
            "SELECT game_date FROM nba_assets.day_ledger WHERE table_name = ? AND row_count > 0", [name]
        ).fetchall()
    plant(damaged, f"DELETE FROM {TABLES[name].full_name}")
    found = red(damaged, [name])
    exempt = {"schema", "history"}  # These look at the columns, and at other days.
    for (day,) in written:
        if day in WINDOW:
            assert {check for _, check, d in found if d == day} >= {
                c.name for c in checks_of(TABLES[name])
            } - exempt - {"coverage" if name == "games" else ""}


@pytest.mark.parametrize("name", TABLES)
def test_no_check_can_look_at_a_table_that_was_removed(name, damaged):
    plant(damaged, f"DROP TABLE {TABLES[name].full_name}")
    with pytest.raises(WarehouseError, match="lacks"):
        red(damaged, [name])


def test_every_check_has_a_fault_that_it_catches(red_when_sound):
    caught = {check for fault in FAULTS for _, check in fault.caught}
    told_elsewhere = {"history", "calibration", "schema", "inputs"}
    assert {check.name for check in CHECKS} == caught | told_elsewhere


def test_a_sound_warehouse_has_nothing_red_but_what_a_first_season_lacks(red_when_sound):
    assert {(table, check) for table, check, _ in red_when_sound} == {("prop_model", "model_freshness")}
