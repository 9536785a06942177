"""nba-assets check: what did not pass, by table, check, severity and days, as text, as JSON and as exit status."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from nba_assets.checks.catalog import CHECKS
from nba_assets.tables import TABLES
from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run


@pytest.fixture
def damaged_home(built_home, tmp_path, monkeypatch):
    """A copy in which a player's points no longer add up to the team's on the full day."""
    shutil.copy(built_home / "warehouse.duckdb", tmp_path)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "UPDATE nba_raw.player_boxscores SET points = points + 1 WHERE game_date = ? AND player_id = "
            "(SELECT min(player_id) FROM nba_raw.player_boxscores WHERE game_date = ?)",
            [FULL, FULL],
        )


def test_sound_box_scores_pass_and_exit_with_0(built_home):
    outcome = run("check", EVE, HOLIDAY, "--tables", "games,player_boxscores,shots")
    assert outcome.status == 0
    asked = 3 * sum(len(check.tables & {"games", "player_boxscores", "shots"}) for check in CHECKS)
    assert f"{asked} verdicts, {asked} passed, 0 did not" in outcome.text


def test_what_did_not_pass_is_told_with_its_days_and_exits_with_1(damaged_home):
    outcome = run("check", EVE, HOLIDAY, "--tables", "nba_raw.player_boxscores")
    assert outcome.status == 1
    assert f"nba_raw.player_boxscores: ERROR reconciles on {FULL}: player points are not" in outcome.text


def test_json_has_the_same_for_machines(damaged_home):
    outcome = run("check", EVE, HOLIDAY, "--tables", "player_boxscores", "--json")
    failures = {failure["check"]: failure for failure in outcome.json["failed"]}
    assert set(failures) == {"coverage", "reconciles"}
    for failure in failures.values():
        assert (failure["table"], failure["severity"]) == ("nba_raw.player_boxscores", "ERROR")
        assert (failure["days"], failure["days_failed"]) == ([FULL], 1)


def test_a_day_that_was_never_built_fails_every_check(built_home):
    outcome = run("check", "2019-11-29", "2019-11-29", "--json")
    assert outcome.status == 1
    assert len(outcome.json["failed"]) == outcome.json["verdicts"]


def test_a_table_that_nobody_knows_is_a_usage_error(built_home):
    outcome = run("check", EVE, FULL, "--tables", "box_scores")
    assert outcome.status == 2
    assert f"No table is named box_scores. Tables: {next(iter(TABLES))}" in outcome.text
