"""Commands that build, as processes of their own, while another one has the turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from nba_assets.days import DayRange
from nba_assets.local.home import prepare_dagster_home
from nba_assets.settings import load_settings
from nba_assets_tests.graph import contents, make_platform, materialize
from nba_assets_tests.turns.holding import holding, wait_for

BIN = Path(sys.executable).parent
DAY = "2019-10-22"
OPENING_NIGHT = DayRange(date(2019, 10, 22), date(2019, 10, 22))
MATERIALIZE = (
    *("dagster", "asset", "materialize", "-m", "nba_assets.definitions"),
    *("--select", "key:nba_raw/games", "--partition", DAY),
)
RAW = ("games", "player_boxscores", "shots", "player_props")


@pytest.fixture
def turn_file(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    return str(load_settings().turn_file)


@contextmanager
def running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command with all that it says in a file; it does not outlive the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BIN / command[0], *command[1:]], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_backfill_that_waited_plans_by_what_is_built_by_then(tmp_path, turn_file):
    log = tmp_path / "log"
    with holding(turn_file, OPENING_NIGHT, "nba-assets backfill 2019-10-22") as first:
        assert first.says() == "held"
        with running(log, "nba-assets", "backfill", DAY, DAY, "--tables", "games") as second:
            said = wait_for(log, "Waiting for nba-assets backfill 2019-10-22 (process ")
            assert "To build" not in said
            # What the first one builds meanwhile.
            materialize(make_platform(tmp_path / "home"), OPENING_NIGHT, ["games"])
            first.let_go()
            assert second.wait(150) == 0
    assert f"Every table is built and up to date for {DAY}." in log.read_text()
    # A library that finds its objects alive when Python ends says so at length.
    assert "leaked" not in log.read_text()


def test_a_run_of_dagsters_own_waits_and_says_so_in_its_log(tmp_path, turn_file):
    log = tmp_path / "log"
    prepare_dagster_home(load_settings())
    with holding(turn_file, OPENING_NIGHT, "nba-assets backfill 2019-10-22") as first:
        assert first.says() == "held"
        with running(log, *MATERIALIZE) as second:
            assert "STEP_START" not in wait_for(log, "Waiting for nba-assets backfill 2019-10-22 (process ")
            first.let_go()
            assert second.wait(150) == 0
    assert "It is this run's turn, after " in log.read_text()


def test_a_run_of_dagsters_own_can_be_cancelled_while_it_waits(tmp_path, turn_file):
    log = tmp_path / "log"
    prepare_dagster_home(load_settings())
    with holding(turn_file, OPENING_NIGHT) as first:
        assert first.says() == "held"
        with running(log, *MATERIALIZE) as second:
            wait_for(log, "Waiting for the first ")
            second.send_signal(signal.SIGINT)
            assert second.wait(150) != 0


def test_two_backfills_of_the_same_days_at_once_leave_what_one_of_them_leaves(tmp_path, turn_file):
    logs = [tmp_path / "one", tmp_path / "other"]
    command = ("nba-assets", "backfill", DAY, DAY, "--tables", "player_game_summary")
    with running(logs[0], *command) as one, running(logs[1], *command) as other:
        assert (one.wait(200), other.wait(200)) == (0, 0)
    is_built = [f"Every table is built and up to date for {DAY}." in log.read_text() for log in logs]
    assert sorted(is_built) == [False, True]
    alone = make_platform(tmp_path / "alone")
    materialize(alone, OPENING_NIGHT, [*RAW, "player_game_summary"])
    found = contents(make_platform(tmp_path / "home"), OPENING_NIGHT)
    assert found["player_game_summary"]
    assert found["player_game_summary"] == contents(alone, OPENING_NIGHT)["player_game_summary"]


def test_a_backfill_that_is_killed_frees_the_turn_and_the_next_goes_on_from_there(tmp_path, turn_file):
    logs = [tmp_path / "killed", tmp_path / "next"]
    command = ("nba-assets", "backfill", DAY, "2019-10-31", "--tables", "player_game_summary")
    with running(logs[0], *command) as killed:
        wait_for(logs[0], "nba_raw.games ")
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()  # until then it counts as alive, and keeps its place in the pool
        with running(logs[1], *command) as following:
            assert following.wait(200) == 0
    assert "nba_analytics.player_game_summary" in logs[1].read_text()
    # What the killed one had built is not built again.
    assert "nba_raw.games " not in logs[1].read_text().partition("To build")[2].partition("up to date and skipped")[2]


def test_a_reader_keeps_a_run_waiting_and_does_not_break_it(tmp_path, turn_file):
    """A notebook that has the warehouse open, in the middle of somebody's run."""
    log, file = tmp_path / "log", load_settings().warehouse_file
    materialize(make_platform(tmp_path / "home"), OPENING_NIGHT, ["games"])
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open'); sys.stdin.read()"
    reader = subprocess.Popen(
        [sys.executable, "-u", "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        with running(log, "nba-assets", "backfill", DAY, DAY, "--tables", "player_boxscores") as backfill:
            wait_for(log, f"Waiting for process {reader.pid} (")
            reader.communicate()
            assert backfill.wait(150) == 0
    finally:
        reader.kill()
