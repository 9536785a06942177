"""What the platform reads out of Dagster's state is the same in PostgreSQL as in SQLite."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import date

import dagster as dg
import pytest

from nba_assets.alerts import reading
from nba_assets.alerts.sensors import alert_failed_checks, alert_stalled_backfills
from nba_assets.alerts.state import CheckState, Progress
from nba_assets.backfill import PROCESS_TAG, close_abandoned_runs
from nba_assets.days import DayRange
from nba_assets.local.home import BATCH_SIZE, BATCH_SIZE_VARIABLE, DatabaseError, open_instance
from nba_assets.settings import load_settings
from nba_assets_tests.cli.command import run
from nba_assets_tests.graph import make_platform, materialize
from nba_assets_tests.postgres import PASSWORD, Postgres

DAYS = DayRange(date(2019, 10, 29), date(2019, 10, 30))
TABLES = ("games", "game_lines", "injuries", "upcoming_team_game_context")
"""The last one lacks its history, which is an error that fails the run."""


@pytest.fixture
def instances(tmp_path, monkeypatch, database) -> Iterator[list[dg.DagsterInstance]]:
    """The same run with the same checks, recorded in SQLite and in PostgreSQL."""
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, str(BATCH_SIZE))
    monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", "json://127.0.0.1:9/")
    with open_instance(load_settings()) as sqlite:
        monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", database)
        with open_instance(load_settings()) as postgres:
            yield [sqlite, postgres]


def test_verdicts_ends_of_runs_and_alerts_are_read_alike(instances, tmp_path):
    found = []
    for number, instance in enumerate(instances):
        platform = make_platform(tmp_path / str(number))
        ended = materialize(platform, DAYS, TABLES, instance, raise_on_error=False, with_checks=True)
        first = reading.first_position(instance, time.time())
        (end,) = reading.ended_runs(instance, first)
        verdicts = list(reading.evaluations_of(instance, ended.run_id))
        tick = alert_failed_checks(dg.build_sensor_context(instance=instance))
        state, progress = CheckState.from_cursor(tick.cursor)
        assert (end.run_id, progress) == (ended.run_id, Progress(end.position))
        assert json.loads(alert_stalled_backfills(dg.build_sensor_context(instance=instance)).cursor)["stalled"] == {}
        key = dg.AssetKey(["nba_raw", "games"])
        found.append((end.is_failed, verdicts, state.as_json(), instance.get_materialized_partitions(key)))
    is_failed, verdicts, alerted, _ = found[0]
    assert is_failed
    assert len({v.group for v in verdicts if v.passed}) > 10
    assert "nba_analytics.upcoming_team_game_context history" in alerted
    assert found[0] == found[1]


def test_a_run_of_a_killed_command_is_ended(instances):
    from dagster._core.test_utils import create_run_for_test

    for instance in instances:
        tags = {PROCESS_TAG: f"{socket.gethostname()}:{2**22 + 1}"}
        killed = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED, tags=tags)
        assert close_abandoned_runs(instance) == [killed.run_id]


def test_the_stock_storage_still_takes_no_batch_of_verdicts():
    """Why there is one of our own; a release that takes them may do without."""
    from dagster._core.events import BATCH_WRITABLE_EVENTS, DagsterEventType

    assert DagsterEventType.ASSET_CHECK_EVALUATION not in BATCH_WRITABLE_EVENTS


def test_a_database_that_does_not_answer_is_one_message_without_the_password(monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", Postgres(port=9).url("dagster"))
    outcome = run("backfill", "2019-10-22", "2019-10-22", "--tables", "games")
    assert outcome.status == 1
    assert "Error: The database of NBA_ASSETS_POSTGRES_URL cannot be used: " in outcome.stderr
    assert PASSWORD not in outcome.text


def test_a_database_of_another_name_is_refused_with_the_servers_word(monkeypatch, postgres):
    monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", postgres.url("nosuch"))
    with pytest.raises(DatabaseError, match='database "nosuch" does not exist'), open_instance(load_settings()):
        pass
