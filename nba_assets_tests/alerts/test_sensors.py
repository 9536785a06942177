"""The sensors on a real instance: what is queued after which runs, and what is not."""

import time
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import dagster as dg
import pytest

from nba_assets.alerts import messages, sensors
from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.outbox import Outbox
from nba_assets.alerts.sensors import (
    SENSORS,
    alert_failed_checks,
    alert_failed_runs,
)
from nba_assets.alerts.silences import Silence, add_silence, remove_silence
from nba_assets.alerts.state import Group
from nba_assets_tests.alerts.scene import blocks, fails, started_run, titles, warns


def test_failed_checks_are_one_message_a_severity_with_days_as_ranges(scene):
    scene.run(fails("points_add_up", 2, 3, 4, 6), fails("has_rows", 1), warns("is_fresh", 5))
    said = scene.tick(alert_failed_checks)
    assert said.startswith("Read 21 evaluations. Queued: nba-assets ERROR: 2 checks failed.")
    (severity, title, body), warn = scene.take_messages()
    assert (severity, title) == ("ERROR", "nba-assets ERROR: 2 checks failed")
    assert "nba_raw.games points_add_up fails on 2022-01-02..2022-01-04, 2022-01-06 (4 days)\n" in body
    assert "2022-01-02: 2 of 44 rows have no minutes" in body
    assert "http://127.0.0.1:3000/assets/nba_raw/games?view=checks&checkDetail=has_rows" in body
    assert warn[:2] == ("WARN", "nba-assets WARN: nba_raw.games is_fresh failed")


def test_the_same_failures_in_a_second_run_are_not_said_again(scene):
    for _ in range(2):
        scene.run(fails("points_add_up", 2))
        scene.tick(alert_failed_checks)
    assert len(scene.take_messages()) == 1
    assert scene.tick(alert_failed_checks) == "Read 0 evaluations. Nothing to tell."


def test_a_day_that_recovers_is_announced_once(scene):
    scene.run(fails("points_add_up", 2, 3))
    scene.tick(alert_failed_checks)
    scene.take_messages()
    for _ in range(2):
        scene.run(fails("points_add_up", 3))
        scene.tick(alert_failed_checks)
    [(severity, title, body)] = scene.take_messages()
    assert (severity, title) == ("ERROR", "nba-assets ERROR: nba_raw.games points_add_up recovered")
    assert "passes again on 2022-01-02; still on 1 other day" in body


def test_a_failure_that_returns_is_announced_again_in_the_same_words(scene):
    for failing in ([2], [], [2]):
        scene.run(fails("points_add_up", *failing))
        scene.tick(alert_failed_checks)
    assert [t.rpartition(" ")[2] for t in titles(scene.take_messages())] == ["failed", "recovered", "failed"]


def test_a_blocking_failure_is_announced_once_by_its_run(scene):
    run_id = scene.run(blocks("points_add_up", 2, 3))
    scene.tick_all()
    [(severity, title, body)] = scene.take_messages()
    assert severity == "ERROR"
    assert title == f"nba-assets ERROR: Run {run_id[:8]} failed, 2022-01-01..2022-01-07"
    assert body.startswith("- stopped by nba_raw.games points_add_up, which failed on 2022-01-02..2022-01-03 (2 days)")
    scene.tick_all()
    assert scene.take_messages() == []
    scene.run(blocks("points_add_up"))
    scene.tick_all()
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games points_add_up recovered"]


def test_a_step_that_fails_for_its_blocking_check_is_told_by_the_check_alone(scene):
    scene.run(replace(blocks("points_add_up", 2), then=dg.Failure("A blocking check failed.")))
    scene.tick_all()
    [(_, _, body)] = scene.take_messages()
    assert body.startswith("- stopped by nba_raw.games points_add_up, which failed on 2022-01-02\n")


def test_a_step_that_crashes_after_a_blocking_failure_is_told_as_well(scene):
    scene.run(replace(blocks("points_add_up", 2), then=ValueError("Out of memory.")))
    scene.tick_all()
    [(_, _, body)] = scene.take_messages()
    assert "- nba_raw__games_points_add_up: ValueError: Out of memory.\n- stopped by nba_raw.games points" in body


def test_what_else_failed_in_a_failed_run_is_not_lost(scene):
    run_id = scene.run(blocks("points_add_up", 2), fails("has_rows", 3), warns("is_fresh", 4))
    scene.tick_all()
    assert sorted(titles(scene.take_messages())) == [
        f"nba-assets ERROR: Run {run_id[:8]} failed, 2022-01-01..2022-01-07",
        "nba-assets ERROR: nba_raw.games has_rows failed",
        "nba-assets WARN: nba_raw.games is_fresh failed",
    ]


def test_a_failed_step_is_said_with_its_reason_once(scene):
    run_id = scene.run(error="There is no file\nfor 2022-01-03.")
    scene.tick_all()
    scene.tick_all()
    [(_, title, body)] = scene.take_messages()
    assert title == f"nba-assets ERROR: Run {run_id[:8]} failed, 2022-01-01..2022-01-07"
    assert body == "- nba_raw__games: ValueError: There is no file for 2022-01-03."


def test_failed_runs_that_are_too_many_for_a_tick_are_said_in_the_next(scene, monkeypatch):
    monkeypatch.setattr(sensors, "SECONDS_AT_ONCE", 0)
    failed = [scene.run(error="There is no file.") for _ in range(2)]
    said = []
    for _ in range(3):
        scene.tick(alert_failed_runs)
        said.append([title.split()[3] for title in titles(scene.take_messages())])
    assert said == [[failed[0][:8]], [failed[1][:8]], []]


def test_a_run_that_was_killed_is_said_with_its_reason(scene):
    run = started_run(scene.instance)
    scene.instance.report_run_failed(run, "The process was killed.")
    scene.tick(alert_failed_runs)
    [(_, _, body)] = scene.take_messages()
    assert body == "- The process was killed."


def test_a_run_that_goes_on_is_waited_for_and_holds_nothing_back(scene):
    started_run(scene.instance)
    scene.run(fails("points_add_up", 2))
    scene.tick(alert_failed_checks)
    assert len(scene.take_messages()) == 1


def test_evaluations_count_when_their_run_has_ended(scene):
    run = started_run(scene.instance)
    event = dg.DagsterEvent(
        event_type_value="ASSET_CHECK_EVALUATION",
        job_name=run.job_name,
        event_specific_data=dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(["nba_raw", "games"]), check_name="c", passed=False, partition="2022-01-02"
        ),
    )
    scene.instance.report_dagster_event(event, run.run_id)
    scene.tick(alert_failed_checks)
    assert scene.take_messages() == []
    scene.instance.report_run_canceled(run)
    scene.tick(alert_failed_checks)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games c failed"]


def test_a_run_too_long_for_a_tick_is_taken_in_over_several_and_said_as_a_whole(scene, monkeypatch):
    monkeypatch.setattr("nba_assets.alerts.reading.PAGE", 2)
    scene.run(fails("points_add_up", 4))
    scene.run(fails("points_add_up", 2, 6), blocks("has_rows", 3))
    scene.tick(alert_failed_checks, keep_cursor=False)
    at_once = scene.take_messages()
    assert len(at_once) == 1
    assert "2022-01-02: 2 of 44 rows have no minutes" in at_once[0][2]

    monkeypatch.setattr(sensors, "EVALUATIONS_AT_ONCE", 10)
    for _ in range(2):
        assert "which has more" in scene.tick(alert_failed_checks)
        assert scene.take_messages() == []
    scene.tick(alert_failed_checks)
    assert scene.take_messages() == at_once


def test_what_was_read_of_a_run_that_was_deleted_meanwhile_is_said(scene, monkeypatch):
    monkeypatch.setattr("nba_assets.alerts.reading.PAGE", 2)
    monkeypatch.setattr(sensors, "EVALUATIONS_AT_ONCE", 4)
    run_id = scene.run(fails("points_add_up", 2, 6))
    assert "which has more" in scene.tick(alert_failed_checks)
    scene.instance.delete_run(run_id)
    scene.tick(alert_failed_checks)
    [(_, _, body)] = scene.take_messages()
    assert body.startswith("- nba_raw.games points_add_up fails on 2022-01-02\n")


def test_runs_are_taken_in_the_order_in_which_they_ended_over_several_ticks(scene, monkeypatch):
    monkeypatch.setattr(sensors, "EVALUATIONS_AT_ONCE", 7)
    monkeypatch.setattr("nba_assets.alerts.reading.PAGE", 2)
    for failing in ([2], [2, 3], [3]):
        scene.run(fails("points_add_up", *failing))
    bodies = []
    for _ in range(4):
        scene.tick(alert_failed_checks)
        bodies += [body.splitlines()[0] for _, _, body in scene.take_messages()]
    assert bodies == [
        "- nba_raw.games points_add_up fails on 2022-01-02",
        "- nba_raw.games points_add_up fails on 2022-01-03; as before on 1 other day",
        "- nba_raw.games points_add_up passes again on 2022-01-02; still on 1 other day",
    ]


def test_a_failed_run_and_the_good_one_after_it_count_in_that_order(scene):
    scene.run(blocks("points_add_up", 2), fails("has_rows", 3))
    scene.run(blocks("points_add_up"), fails("has_rows"))
    scene.tick(alert_failed_checks)
    assert [title.rpartition(" ")[2] for title in titles(scene.take_messages())] == ["recovered"]
    scene.run(blocks("points_add_up"), fails("has_rows"))
    scene.tick(alert_failed_checks)
    assert scene.take_messages() == []


def test_a_tick_repeated_after_a_crash_queues_nothing_twice(scene):
    scene.run(fails("points_add_up", 2), warns("is_fresh", 3))
    scene.run(error="No.")
    for sensor in (alert_failed_checks, alert_failed_runs):
        scene.tick(sensor, keep_cursor=False)
    scene.tick_all()
    assert len(scene.take_messages()) == 3
    # Not even if they were delivered in between.
    scene.cursors.clear()
    scene.tick_all()
    assert scene.take_messages() == []


def test_if_a_message_cannot_be_queued_the_cursor_stays(scene, monkeypatch):
    scene.run(fails("points_add_up", 2))

    def full(*_):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", full)
        with pytest.raises(OSError, match="No space"):
            scene.tick(alert_failed_checks)
    scene.tick(alert_failed_checks)
    assert len(scene.take_messages()) == 1


def test_without_a_destination_nothing_is_queued_then_or_later(scene, configure):
    configure(error="json://127.0.0.1:9/error")
    scene.run(fails("points_add_up", 2), warns("is_fresh", 3))
    assert "Not queued, no destination is configured for WARN" in scene.tick(alert_failed_checks)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games points_add_up failed"]
    configure(error="json://127.0.0.1:9/error", warn="json://127.0.0.1:9/warn")
    scene.tick_all()
    assert scene.take_messages() == []


def test_a_silenced_failure_is_announced_when_the_silence_ends(scene):
    group = Group("nba_raw.games", "points_add_up")
    add_silence(scene.settings.alerts_folder, Silence(*group, until=date(2999, 1, 1)))
    scene.run(fails("points_add_up", 2), fails("has_rows", 2))
    scene.tick(alert_failed_checks)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games has_rows failed"]
    remove_silence(scene.settings.alerts_folder, group)
    scene.tick(alert_failed_checks)
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games points_add_up failed"]


def test_sensors_that_never_ran_look_back_a_day(scene, monkeypatch):
    scene.run(blocks("points_add_up", 2), fails("has_rows", 3))
    tomorrow = SimpleNamespace(time=lambda: time.time() + 25 * 3_600, monotonic=time.monotonic)
    with monkeypatch.context() as patch:
        patch.setattr(sensors, "time", tomorrow)
        scene.tick_all()
        assert scene.take_messages() == []
    # From then on nothing is too old.
    scene.run(fails("is_fresh", 3))
    scene.tick_all()
    assert titles(scene.take_messages()) == ["nba-assets ERROR: nba_raw.games is_fresh failed"]
    scene.cursors.clear()
    scene.tick_all()
    assert len(scene.take_messages()) == 2


def test_all_sensors_run_by_themselves_and_are_described():
    assert len(SENSORS) == 4
    for sensor in SENSORS:
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
        assert sensor.minimum_interval_seconds == 30
        assert sensor.description


def test_the_cursor_of_a_season_is_small(scene):
    scene.run(fails("points_add_up", *range(1, 32, 2)), warns("is_fresh", *range(2, 32, 2)), last=date(2022, 6, 30))
    scene.tick(alert_failed_checks)
    assert len(scene.cursors["alert_failed_checks"]) < 1_000
    for _, _, body in scene.take_messages():
        assert " days)" in body
        assert len(body) < messages.BODY_LENGTH


def test_a_cursor_that_is_none_says_how_to_begin_anew(scene):
    for text in ("nonsense", "{}", "\u00e9"):
        scene.cursors["alert_failed_checks"] = text
        with pytest.raises(AlertsError, match="Clear it in the UI"):
            scene.tick(alert_failed_checks)
