"""Which ticks of the schedules ask for a run, for which days and tables, and why the others do not."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import dagster as dg
import pyarrow as pa
import pytest
import time_machine
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.load_target import ModuleTarget
from dagster._scheduler.scheduler import launch_scheduled_runs
from dagster._utils.schedules import schedule_execution_time_iterator

from nba_assets import cycle
from nba_assets.automation import CYCLE_TAG, SCHEDULES
from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.partitions import DAILY
from nba_assets.planning import Request
from nba_assets.platform import Platform
from nba_assets.sources.protocol import SourceError
from nba_assets_tests.factories import ATL, BOS, rows, scheduled
from nba_assets_tests.graph import make_platform
from nba_assets_tests.known_by_then import eastern

BY_NAME = {schedule.name: schedule for schedule in SCHEDULES}
TONIGHT = date(2022, 1, 5)
SEVEN, HALF_PAST_TEN = eastern(TONIGHT, 19), eastern(TONIGHT, 22, 30)


class Slate:
    """A source that knows a schedule: tip-off, or None where it is not stated, and status of each game."""

    name = "test"

    def __init__(self, *tipoffs: datetime | None, day: date = TONIGHT, status: str = "scheduled") -> None:
        self._games = rows(
            "games",
            [
                scheduled(day, number, ATL, BOS, status, tipoff_utc=t and t.astimezone(UTC).replace(tzinfo=None))
                for number, t in enumerate(tipoffs)
            ],
        )

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        assert table == "games"
        return self._games.filter(pa.array([d in days for d in self._games["game_date"].to_pylist()], pa.bool_()))


class Down(Slate):
    def fetch(self, table: str, days: DayRange) -> pa.Table:
        raise SourceError("the address does not answer")


@pytest.fixture
def ask(tmp_path):
    def ask(name: str, now: datetime, source: Slate) -> ScheduleExecutionData:
        platform: Platform = make_platform(tmp_path, source)
        context = dg.build_schedule_context(scheduled_execution_time=now, resources={"source": platform.source})
        return BY_NAME[name].evaluate_tick(context)

    return ask


def ticks(name: str, day: date) -> list[datetime]:
    """The times on a day at which Dagster's scheduler looks at the schedule."""
    found = []
    schedule = BY_NAME[name]
    times = schedule_execution_time_iterator(
        eastern(day, 0).timestamp(), schedule.cron_schedule, schedule.execution_timezone
    )
    for tick in times:
        if tick.astimezone(cycle.EASTERN).date() != day:
            return found
        found.append(tick)
    return found


def launched(day: date, source: Slate) -> list[str]:
    asked = [tick for tick in ticks("before_games", day) if cycle.nothing_to_forecast(tick, source) is None]
    return [tick.astimezone(cycle.EASTERN).strftime("%H:%M") for tick in asked]


def test_before_games_runs_hourly_until_the_last_tipoff_and_when_line_ups_are_named():
    hourly = [f"{hour}:00" for hour in range(10, 23)]
    assert launched(TONIGHT, Slate(SEVEN, HALF_PAST_TEN)) == sorted([*hourly, "18:30"])
    assert launched(TONIGHT, Slate(SEVEN)) == sorted([*hourly[:9], "18:30"])


@pytest.mark.parametrize("minute", range(0, 60, 5))
def test_each_tipoff_has_one_tick_for_its_line_ups_at_least_a_quarter_of_an_hour_before(minute):
    tipoff = eastern(TONIGHT, 19, minute)
    named = [tick for tick in ticks("before_games", TONIGHT) if cycle._has_new_lineups(tick, tipoff)]
    assert len(named) == 1
    assert timedelta(minutes=15) < tipoff - named[0] <= timedelta(minutes=30)


def test_a_game_without_a_known_start_is_forecast_hourly_all_day():
    assert launched(TONIGHT, Slate(None)) == [f"{hour}:00" for hour in range(10, 24)]


def test_a_day_without_games_asks_for_no_run_and_says_why(ask):
    july = date(2022, 7, 14)
    assert launched(july, Slate(SEVEN)) == []
    assert ask("before_games", eastern(july, 12), Slate()).skip_message == "No game on 2022-07-14."
    said = ask("morning", eastern(july, 8, 30), Slate(SEVEN))
    assert not said.run_requests
    assert said.skip_message == "No game from 2022-07-07 to 2022-07-13: nothing to fetch or grade."


def test_a_day_with_postponed_games_only_is_a_day_without_games(ask):
    source = Slate(SEVEN, status="postponed")
    assert ask("before_games", eastern(TONIGHT, 12), source).skip_message == f"No game on {TONIGHT}."


def test_ticks_after_the_last_tipoff_and_between_the_hours_say_so(ask):
    assert "All 1 games of 2022-01-05 have begun." in ask("before_games", SEVEN, Slate(SEVEN)).skip_message
    assert "no line-ups" in ask("before_games", eastern(TONIGHT, 12, 15), Slate(SEVEN)).skip_message


def test_the_morning_asks_the_sources_about_the_week_before_and_builds_all_tables(ask):
    (request,) = ask("morning", eastern(TONIGHT, 8, 30), Slate(SEVEN, day=date(2022, 1, 4))).run_requests
    config = request.run_config["ops"]["build_what_is_due"]["config"]
    assert config == {"first_day": "2021-12-29", "last_day": "2022-01-04", "tables": None, "refetch": True}
    assert request.tags[CYCLE_TAG] == "morning"
    # The day after the last game of the season, and six more.
    assert not ask("morning", eastern(date(2022, 1, 12), 8, 30), Slate(SEVEN, day=date(2022, 1, 4))).run_requests


def test_before_games_builds_todays_forecasts(ask):
    (request,) = ask("before_games", eastern(TONIGHT, 12), Slate(SEVEN)).run_requests
    config = request.run_config["ops"]["build_what_is_due"]["config"]
    assert config["first_day"] == config["last_day"] == "2022-01-05"
    assert (config["tables"], config["refetch"]) == (["player_prop_predictions"], False)


def test_the_days_are_eastern_ones_late_in_the_evening():
    late = datetime(2022, 1, 6, 3, 45, tzinfo=UTC)
    assert cycle.before_games(late).days == DayRange(TONIGHT, TONIGHT)
    assert cycle.morning(late).days.last == date(2022, 1, 4)


def test_the_first_morning_of_all_asks_for_nothing_before_the_first_partition():
    first = cycle.morning(eastern(FIRST_DAY + timedelta(days=1), 8, 30))
    assert first == Request(DayRange(FIRST_DAY, FIRST_DAY), refetch=True)


@pytest.mark.parametrize("day", [date(2021, 11, 7), date(2022, 3, 13)], ids=["clocks go back", "clocks go forward"])
def test_when_the_clocks_change_every_tick_comes_once_and_at_its_eastern_hour(day):
    for before in (day - timedelta(days=1), day, day + timedelta(days=1)):
        (morning,) = ticks("morning", before)
        assert morning.astimezone(cycle.EASTERN).strftime("%H:%M") == "08:30"
        # A raw day is settled once it was fetched after noon UTC of the next.
        assert morning.astimezone(UTC).hour >= 12
        of_day = ticks("before_games", before)
        assert len(of_day) == 14 * 4
        assert {b - a for a, b in pairwise(of_day)} == {cycle.TICK}
        with dg.partition_loading_context(effective_dt=of_day[0]):
            assert DAILY.get_last_partition_key() == before.isoformat()


@pytest.mark.parametrize("name", ["morning", "before_games"])
def test_where_the_source_cannot_say_a_run_is_asked_for_that_fails_in_the_open(ask, name):
    assert len(ask(name, eastern(TONIGHT, 12), Down()).run_requests) == 1


def test_two_looks_at_the_same_tick_launch_one_run():
    """A scheduler that died after it launched a run, before it wrote down that it had."""
    tick = eastern(TONIGHT, 8, 30)
    launcher = {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"}
    with (
        dg.instance_for_test(overrides={"run_launcher": launcher}) as instance,
        create_test_daemon_workspace_context(
            ModuleTarget("nba_assets.definitions", None, None, None), instance
        ) as workspace,
    ):
        (location,) = workspace.create_request_context().get_code_location_entries().values()
        (repository,) = location.code_location.get_repositories().values()
        schedule = repository.get_schedule("morning")
        with time_machine.travel(tick - timedelta(minutes=5)):
            started = instance.start_schedule(schedule)
        keys = []
        for _ in range(2):
            now = (tick + timedelta(seconds=30)).astimezone(UTC)
            errors = list(launch_scheduled_runs(workspace, logging.getLogger("scheduler"), now, {}))
            assert not any(errors)
            (done,) = instance.get_ticks(schedule.get_remote_origin_id(), schedule.selector_id)
            assert done.status.value == "SUCCESS"
            keys += done.run_keys
            instance.update_instigator_state(started)
            instance.purge_ticks(
                schedule.get_remote_origin_id(), schedule.selector_id, before=done.timestamp + 1, tick_statuses=None
            )
        assert len(keys) == 2
        assert len(set(keys)) == 1
        (run,) = instance.get_runs()
        assert run.job_name == "daily_cycle"
