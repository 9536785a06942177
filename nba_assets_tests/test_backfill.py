"""Running a plan: what an interruption leaves behind in Dagster's list of runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from nba_assets.assets.raw import POOL
from nba_assets.backfill import PROCESS_TAG, close_abandoned_runs
from nba_assets.local.home import open_instance
from nba_assets.settings import load_settings

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


def test_a_run_whose_process_lives_is_left_alone():
    assert status_after({PROCESS_TAG: f"{HOST}:{os.getpid()}"}) == "STARTED"


def test_a_run_of_another_machine_or_of_the_ui_is_left_alone(gone):
    assert status_after({PROCESS_TAG: f"elsewhere:{gone}"}) == "STARTED"
    assert status_after({}) == "STARTED"


def test_a_run_that_ended_is_left_alone(gone):
    assert status_after({PROCESS_TAG: f"{HOST}:{gone}"}, dg.DagsterRunStatus.SUCCESS) == "SUCCESS"


def test_a_killed_run_leaves_its_place_in_the_pool_to_the_next(gone, tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        storage, tags = instance.event_log_storage, {PROCESS_TAG: f"{HOST}:{gone}"}
        run = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED, tags=tags)
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, run.run_id, "games").is_claimed
        close_abandoned_runs(instance)
        assert storage.claim_concurrency_slot(POOL, "the next run", "games").is_claimed
