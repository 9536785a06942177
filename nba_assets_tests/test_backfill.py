"""Running a plan: what an interruption leaves behind in Dagster's list of runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date

import dagster as dg
import duckdb
import pytest
from dagster._core.test_utils import create_run_for_test

from nba_assets.assets.factory import asset_key
from nba_assets.assets.raw import POOL
from nba_assets.backfill import PROCESS_TAG, BackfillError, build, close_abandoned_runs, tell_dagster
from nba_assets.checks.catalog import checks_of
from nba_assets.checks.unjudged import unjudged
from nba_assets.checks.verdict import Severity, failed
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.planning import Request
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES
from nba_assets_tests.graph import contents, make_platform, materialize

HOST = socket.gethostname()


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def status_after(tags: dict[str, str], status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED) -> str:
    with dg.DagsterInstance.ephemeral() as instance:
        run = create_run_for_test(instance, status=status, tags=tags)
        closed = close_abandoned_runs(instance)
        found = instance.get_run_by_id(run.run_id).status.value
        assert closed == ([run.run_id] if found == "FAILURE" else [])
        return found


def test_a_run_whose_process_was_killed_is_marked_as_failed(gone):
    assert status_after({PROCESS_TAG: f"{HOST}:{gone}"}) == "FAILURE"


def test_so_is_one_that_had_not_started(gone):
    assert status_after({PROCESS_TAG: f"{HOST}:{gone}"}, dg.DagsterRunStatus.NOT_STARTED) == "FAILURE"


def test_a_run_whose_process_lives_is_left_alone():
    assert status_after({PROCESS_TAG: f"{HOST}:{os.getpid()}"}) == "STARTED"


def test_a_run_of_another_machine_or_of_the_ui_is_left_alone(gone):
    assert status_after({PROCESS_TAG: f"elsewhere:{gone}"}) == "STARTED"
    assert status_after({}) == "STARTED"


def test_a_run_that_ended_is_left_alone(gone):
    assert status_after({PROCESS_TAG: f"{HOST}:{gone}"}, dg.DagsterRunStatus.SUCCESS) == "SUCCESS"


def test_what_the_ledger_has_and_dagsters_log_lacks_is_reported_once_with_its_counts(tmp_path):
    platform, days = make_platform(tmp_path), DayRange(date(2019, 10, 22), date(2019, 10, 23))
    materialize(platform, days, ["games", "injuries"])
    with dg.DagsterInstance.ephemeral() as instance:
        request = Request(DayRange(days.last, days.last), ("games",))
        assert [tell_dagster(request, platform.warehouse, instance) for _ in range(2)] == [1, 0]
        (event,) = instance.fetch_materializations(asset_key(TABLES["games"]), limit=9).records
        assert event.partition_key == "2019-10-23"
        counts = event.asset_materialization.metadata
        assert counts["dagster/partition_row_count"].value == len(contents(platform, request.days)["games"]) > 0
        assert not instance.get_materialized_partitions(asset_key(TABLES["injuries"]))


def test_without_a_warehouse_there_is_nothing_to_report(tmp_path):
    with dg.DagsterInstance.ephemeral() as instance:
        request = Request(DayRange(date(2019, 10, 22), date(2019, 10, 22)))
        assert tell_dagster(request, make_platform(tmp_path).warehouse, instance) == 0
    assert not list(tmp_path.iterdir())


def test_a_killed_run_leaves_its_place_in_the_pool_to_the_next(gone, tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        storage, tags = instance.event_log_storage, {PROCESS_TAG: f"{HOST}:{gone}"}
        run = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED, tags=tags)
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, run.run_id, "games").is_claimed
        close_abandoned_runs(instance)
        assert storage.claim_concurrency_slot(POOL, "the next run", "games").is_claimed


DAY = DayRange(date(2019, 10, 22), date(2019, 10, 22))
BASIS, RESTING = "player_boxscores", "player_game_summary"


@pytest.fixture
def platform(tmp_path):
    return make_platform(tmp_path)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def built_tables(platform) -> set[str]:
    with platform.warehouse.session(read_only=True) as session:
        return {state.table for state in session.day_states(DAY)}


def plant_a_duplicate(folder) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("INSERT INTO nba_raw.player_boxscores SELECT * FROM nba_raw.player_boxscores LIMIT 1")


def test_rows_that_a_killed_run_did_not_come_to_judge_are_judged_before_anything_is_built_on_them(
    platform, instance, tmp_path
):
    # What a kill between the write and its checks leaves behind.
    materialize(platform, DAY, ["games", BASIS], instance)
    plant_a_duplicate(tmp_path)
    with pytest.raises(BackfillError, match=r"nba_raw\.player_boxscores.*a blocking check failed.* unique_key"):
        build(Request(DAY, ("games", BASIS, RESTING)), platform, instance)
    assert RESTING not in built_tables(platform)


def test_what_a_check_stopped_stays_stopped_until_it_passes(platform, instance, monkeypatch):
    request = Request(DAY, ("games", BASIS, RESTING))
    with monkeypatch.context() as patched:
        failing = {DAY.first: failed("Twice there.", severity=Severity.ERROR)}
        (check,) = (c for c in checks_of(TABLES[BASIS]) if c.name == "unique_key")
        patched.setitem(vars(check), "judge", lambda look: failing)
        for _ in range(2):
            with pytest.raises(BackfillError, match="a blocking check failed"):
                build(request, platform, instance)
            assert RESTING not in built_tables(platform)
    build(request, platform, instance)
    assert RESTING in built_tables(platform)


def test_every_day_asked_for_is_judged_once(platform, instance):
    materialize(platform, DAY, ["games", BASIS], instance)
    build(Request(DAY, (BASIS,)), platform, instance)
    assert unjudged(instance, [(BASIS, DAY.first)]) == set()
    assert unjudged(instance, [("games", DAY.first)]) == {("games", DAY.first)}
    assert build(Request(DAY, (BASIS,)), platform, instance) == []


def test_a_warning_of_a_check_that_blocks_is_a_verdict_like_any_other(platform, instance):
    analysis = DayRange(date(2019, 10, 24), date(2019, 10, 24))
    materialize(platform, analysis, ["games", "game_lines", "upcoming_team_game_context"], instance)
    lenient = replace(platform, accepts_missing_history=True)
    request = Request(analysis, ("games", "game_lines", "upcoming_team_game_context"), with_history=False)
    assert len(build(request, lenient, instance)) == 1
    assert build(request, lenient, instance) == []
