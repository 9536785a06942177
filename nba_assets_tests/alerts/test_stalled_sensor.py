"""The sensor of what has stopped progressing, on a real instance: runs, backfills and what waits behind them."""

import time
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from nba_assets.alerts import sensors
from nba_assets.alerts.sensors import (
    alert_stalled_backfills,
)
from nba_assets_tests.alerts.scene import started_run, titles


@pytest.fixture
def clock(monkeypatch):
    """Minutes that have passed, to be set; what happens meanwhile happens at the real time."""
    passed = SimpleNamespace(minutes=0)
    monkeypatch.setattr(sensors, "time", SimpleNamespace(time=lambda: time.time() + passed.minutes * 60))
    return passed


def test_a_run_without_progress_is_announced_once_and_when_it_has_ended(scene, clock):
    run = started_run(scene.instance)
    for clock.minutes in (14, 16, 17):
        scene.tick(alert_stalled_backfills)
    [(severity, title, _)] = scene.take_messages()
    assert (severity, title) == ("ERROR", f"nba-assets ERROR: Run {run.run_id[:8]} has stopped progressing")
    scene.instance.report_run_canceled(run)
    for _ in range(2):
        scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == [f"nba-assets ERROR: Run {run.run_id[:8]} has ended"]


def test_an_event_is_progress(scene, clock, configure):
    run = started_run(scene.instance)
    clock.minutes = 16
    scene.tick(alert_stalled_backfills)
    scene.take_messages()
    scene.instance.report_engine_event("It moves.", run)
    clock.minutes = 0
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == [f"nba-assets ERROR: Run {run.run_id[:8]} moves again"]


def test_the_limit_is_a_setting(scene, clock, configure):
    started_run(scene.instance)
    configure(error="json://127.0.0.1:9/error", stalled_after_minutes="60")
    clock.minutes = 59
    scene.tick(alert_stalled_backfills)
    assert scene.take_messages() == []
    clock.minutes = 61
    scene.tick(alert_stalled_backfills)
    assert len(scene.take_messages()) == 1


def add_backfill(instance, backfill_id="abcdefgh", minutes_ago=0):
    backfill = PartitionBackfill(
        backfill_id=backfill_id,
        status=BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=time.time() - minutes_ago * 60,
        asset_selection=[dg.AssetKey(["nba_raw", "games"])],
        serialized_asset_backfill_data=None,
    )
    instance.add_backfill(backfill)
    return backfill


def test_a_backfill_without_progress_is_announced_and_its_run_is_not(scene, clock):
    backfill = add_backfill(scene.instance, minutes_ago=60)
    started_run(scene.instance, dagster__backfill="abcdefgh")
    scene.tick(alert_stalled_backfills)
    assert scene.take_messages() == []
    clock.minutes = 16
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: Backfill abcdefgh has stopped progressing"]
    scene.instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    clock.minutes = 0
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: Backfill abcdefgh has ended"]


def test_a_backfill_that_never_launched_a_run_is_stalled(scene):
    add_backfill(scene.instance, minutes_ago=16)
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: Backfill abcdefgh has stopped progressing"]


def test_a_backfill_whose_run_ended_just_now_is_not_stalled(scene):
    add_backfill(scene.instance, minutes_ago=60)
    run = started_run(scene.instance, dagster__backfill="abcdefgh")
    scene.instance.report_run_canceled(run)
    scene.tick(alert_stalled_backfills)
    assert scene.take_messages() == []


def test_an_event_of_its_run_is_progress_of_a_backfill(scene, clock):
    add_backfill(scene.instance, minutes_ago=60)
    run = started_run(scene.instance, dagster__backfill="abcdefgh")
    clock.minutes = 16
    scene.tick(alert_stalled_backfills)
    assert len(scene.take_messages()) == 1
    clock.minutes = 0
    scene.instance.report_engine_event("It moves.", run)
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: Backfill abcdefgh moves again"]


def test_a_queued_run_behind_one_that_moves_is_not_stalled(scene, clock):
    started_run(scene.instance, dg.DagsterRunStatus.QUEUED)
    clock.minutes = 16
    scene.tick(alert_stalled_backfills)
    assert len(scene.take_messages()) == 1
    clock.minutes = 0
    started_run(scene.instance)
    scene.tick(alert_stalled_backfills)
    assert titles(scene.take_messages())[0].endswith("waits for its turn now")
    clock.minutes = 14
    scene.tick(alert_stalled_backfills)
    assert scene.take_messages() == []


def test_a_queued_run_that_is_stalled_a_second_time_is_announced_again(scene, clock):
    started_run(scene.instance, dg.DagsterRunStatus.QUEUED)
    clock.minutes = 16
    words = []
    for _ in range(2):
        scene.tick(alert_stalled_backfills)
        words += titles(scene.take_messages())
        clock.minutes = 1
        ahead = started_run(scene.instance)
        scene.tick(alert_stalled_backfills)
        words += titles(scene.take_messages())
        clock.minutes = 16
        scene.instance.report_run_canceled(ahead)
    assert [title.split(" ", 4)[4] for title in words] == ["has stopped progressing", "waits for its turn now"] * 2
