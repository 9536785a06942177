"""Running a plan: what an interruption leaves behind in Dagster's list of runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from nba_assets.backfill import PROCESS_TAG, close_abandoned_runs

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
