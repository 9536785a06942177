"""A week of the daily cycle on a simulated clock: schedules ask, runs build, the source tells what is known by then.

The week has tip-offs at different times, a day without games, a game that is postponed and played later, a box score
that is corrected days later, and the end of daylight saving time. Of the hours before the first line-ups only one tick
is run, for they take a while; which ticks ask for a run is in `test_cycle.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._core.definitions.schedule_definition import ScheduleExecutionData

import nba_assets.definitions
from nba_assets import backfill, cycle
from nba_assets.automation import CYCLE_TAG, SCHEDULES
from nba_assets.backfill import build, current_plan
from nba_assets.checks.catalog import checks_of
from nba_assets.checks.evaluate import evaluate
from nba_assets.days import DayRange
from nba_assets.definitions import build_definitions
from nba_assets.planning import UNSETTLED, Request
from nba_assets.platform import Platform
from nba_assets.tables import TABLES
from nba_assets_tests.graph import contents, differing, make_platform, open_state
from nba_assets_tests.known_by_then import Corrected, KnownByThen, Postponed, eastern

OPENING_NIGHT = date(2019, 10, 22)
WEEK = DayRange(date(2019, 10, 29), date(2019, 11, 4))
OFF_DAY = date(2019, 11, 1)
OFF_DAYS = frozenset({WEEK.first, OFF_DAY, date(2019, 11, 3)})
"""Few games make a quick test."""
CORRECTED_DAY = date(2019, 10, 30)
POSTPONED_DAY = date(2019, 10, 31)
"""Also the day whose averages rest on the corrected box score."""
SATURDAY = date(2019, 11, 2)
REPLAYED_DAY = WEEK.last
WHOLE = DayRange(OPENING_NIGHT, WEEK.last)
FORECASTS = ("player_prop_predictions", "prediction_accuracy")
BY_NAME = {schedule.name: schedule for schedule in SCHEDULES}

Changed = set[tuple[str, date]]


def league() -> KnownByThen:
    """The league of the week, with a game and a player picked for what happens to them."""
    days = DayRange(OPENING_NIGHT, WEEK.last)
    source = KnownByThen(days, frozenset({CORRECTED_DAY}), OFF_DAYS)
    with time_machine.travel(eastern(WEEK.last + timedelta(days=2), 12)):
        games = source.fetch("games", days).to_pylist()
        busy = {g[f"{s}_team_id"] for g in games if g["game_date"] == REPLAYED_DAY for s in ("home", "away")}
        free = next(
            g for g in games if g["game_date"] == POSTPONED_DAY and not busy & {g["home_team_id"], g["away_team_id"]}
        )
        box, next_box = (
            source.fetch("player_boxscores", DayRange(day, day)).to_pylist() for day in (CORRECTED_DAY, POSTPONED_DAY)
        )
    source.postponed = Postponed(
        free["game_id"],
        called_off=eastern(POSTPONED_DAY, 16),
        new_date_known=eastern(SATURDAY, 12),
        new_tipoff=eastern(REPLAYED_DAY, 19),
    )
    # Somebody who plays the day after as well, so that there is something that looks back at him.
    plays_on = {b["player_id"] for b in next_box if b["game_id"] != free["game_id"]}
    line = max((b for b in box if b["player_id"] in plays_on), key=lambda b: b["minutes"])
    source.corrected = Corrected(line["game_id"], line["player_id"], known=eastern(SATURDAY, 6))
    return source


@dataclass
class Week:
    """What was there at which time. forecasts: (game, information set) -> its rows just before tip-off, and when the
    latest of them were made. changed: tick -> table-days whose rows it changed."""

    platform: Platform
    source: KnownByThen
    instance: dg.DagsterInstance
    skipped: dict[datetime, str] = field(default_factory=dict)
    changed: dict[datetime, Changed] = field(default_factory=dict)
    plans: dict[datetime, dict] = field(default_factory=dict)
    forecasts: dict[tuple[str, str], list[dict]] = field(default_factory=dict)
    tipoffs: dict[str, datetime] = field(default_factory=dict)

    def tick(self, name: str, now: datetime) -> None:
        """Ask the schedule as its daemon would, and run what it asks for."""
        with time_machine.travel(now):
            said = asked(name, now, self.platform)
            if not said.run_requests:
                self.skipped[now] = said.skip_message
                return
            (request,) = said.run_requests
            before = self.versions()
            wanted = cycle.morning(now) if name == "morning" else cycle.before_games(now)
            self.plans[now] = current_plan(wanted, self.platform.warehouse).why
            self.run(request)
            self.changed[now] = {key for key, version in self.versions().items() if before.get(key) != version}

    def run(self, request: dg.RunRequest) -> None:
        job = build_definitions(self.platform, with_checks=False).resolve_job_def("daily_cycle")
        result = job.execute_in_process(
            run_config=request.run_config | {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            instance=self.instance,
            tags=dict(request.tags),
        )
        assert result.success

    def versions(self) -> dict[tuple[str, date], int]:
        with self.platform.warehouse.session() as session:
            return {(s.table, s.day): s.changed for s in session.day_states(WHOLE)}

    def look_before(self, game_id: str, tipoff: datetime) -> None:
        """Keep what is forecast of a game a minute before it begins."""
        day = tipoff.astimezone(cycle.EASTERN).date()
        rows = stored_forecasts(self.platform, day)
        self.tipoffs[game_id] = tipoff
        for information_set in ("pregame", "lineup"):
            of_set = [r for r in rows if (r["game_id"], r["information_set"]) == (game_id, information_set)]
            self.forecasts[game_id, information_set] = of_set


def asked(name: str, now: datetime, platform: Platform) -> ScheduleExecutionData:
    context = dg.build_schedule_context(scheduled_execution_time=now, resources={"source": platform.source})
    return BY_NAME[name].evaluate_tick(context)


def stored_forecasts(platform: Platform, day: date) -> list[dict]:
    table = TABLES["player_prop_predictions"]
    with platform.warehouse.session() as session:
        rows = session.read(table, DayRange(day, day)).order_by(*table.key)
        return session.frame(rows).to_pylist()


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> Iterator[Week]:
    # Checks are asked at the end, of all days at once: they take longer than the tables.
    with pytest.MonkeyPatch.context() as unchecked:
        unchecked.setattr(nba_assets.definitions, "TABLE_CHECKS", [])
        unchecked.setattr(backfill, "_to_judge", lambda *_: [])
        yield from _replayed(tmp_path_factory.mktemp("week"))


def _replayed(folder: Path) -> Iterator[Week]:
    source = league()
    platform = make_platform(folder, source)
    with open_state() as instance:
        run = Week(platform, source, instance)
        with time_machine.travel(eastern(WEEK.first, 7)):
            build(Request(DayRange(OPENING_NIGHT, WEEK.first - timedelta(days=1))), platform, instance)
        for day in WEEK:
            run.tick("morning", eastern(day, 8, 30))
            if day in (CORRECTED_DAY, *OFF_DAYS):
                run.tick("before_games", eastern(day, 10))
            with time_machine.travel(eastern(day, 18)):
                tipoffs = source.tipoffs(day)
            for tipoff in sorted(set(tipoffs.values())):
                run.tick("before_games", tipoff - cycle.LINEUPS_BEFORE_TIP)
                for game_id in (g for g, t in tipoffs.items() if t == tipoff):
                    run.look_before(game_id, tipoff)
        run.tick("morning", eastern(WEEK.last + timedelta(days=1), 8, 30))
        yield run


@pytest.fixture(scope="module")
def afterwards(week, tmp_path_factory) -> Platform:
    """The same days from the same source when all is known, as one backfill."""
    platform = make_platform(tmp_path_factory.mktemp("afterwards"), week.source)
    with time_machine.travel(eastern(WEEK.last + timedelta(days=1), 9)), open_state() as instance:
        build(Request(WHOLE), platform, instance)
    return platform


def test_at_the_end_every_table_but_the_forecasts_is_what_a_backfill_makes_of_it(week, afterwards):
    lived, told = contents(week.platform, WHOLE), contents(afterwards, WHOLE)
    # Nobody has played the ten games that this table asks for.
    assert [name for name in TABLES if not told[name]] == ["player_shot_zone_analysis"]
    for of_whole in (lived, told):
        for name in FORECASTS:
            del of_whole[name]
    assert differing(lived, told) == {}


def test_every_game_was_forecast_before_it_began_and_its_line_up_too(week):
    assert len(week.tipoffs) == 9
    for (game_id, information_set), rows in week.forecasts.items():
        tipoff = week.tipoffs[game_id].replace(tzinfo=None)
        assert rows, (game_id, information_set)
        assert all(row["created_at"] < tipoff for row in rows)
        if information_set == "lineup":
            assert all(row["created_at"] >= tipoff - cycle.LINEUPS_BEFORE_TIP for row in rows)


def test_what_was_said_before_tipoff_stands_whatever_became_known_later(week):
    for (game_id, information_set), before in week.forecasts.items():
        day = week.tipoffs[game_id].astimezone(cycle.EASTERN).date()
        now = [
            row
            for row in stored_forecasts(week.platform, day)
            if (row["game_id"], row["information_set"]) == (game_id, information_set)
        ]
        assert now == before


def test_afterwards_one_would_have_said_otherwise(week, afterwards):
    """On the day after the corrected one averages are others by now: the rule above has work to do."""
    said = [
        {tuple(row[k] for k in TABLES["player_prop_predictions"].key): row["predicted_value"] for row in rows}
        for rows in (stored_forecasts(platform, POSTPONED_DAY) for platform in (week.platform, afterwards))
    ]
    assert any(said[0][key] != said[1][key] for key in said[0].keys() & said[1].keys())


def test_each_morning_grades_the_day_before(week):
    for day in WEEK:
        graded = ("prediction_accuracy", day) in week.changed[eastern(day + timedelta(days=1), 8, 30)]
        assert graded or day in OFF_DAYS
    with week.platform.warehouse.session() as session:
        rows = session.frame(session.read(TABLES["prediction_accuracy"], WEEK)).to_pylist()
    assert {row["game_date"] for row in rows} == set(WEEK) - OFF_DAYS


def test_a_day_without_games_costs_nothing(week):
    assert week.skipped == {eastern(day, 10): f"No game on {day}." for day in OFF_DAYS}


def test_a_correction_builds_the_corrected_day_and_what_looks_back_at_it_and_nothing_else(week):
    """The day before was off, so that the morning has nothing else to tell."""
    morning = eastern(SATURDAY, 8, 30)
    days_of: dict[str, set[date]] = {}
    for name, day in week.changed[morning]:
        if day != OFF_DAY:
            days_of.setdefault(name, set()).add(day)
    results = {"games", "player_boxscores", "player_game_summary", "team_offense_game_summary"}
    results |= {"team_defense_game_summary", "prediction_accuracy"}
    assert {name for name, days in days_of.items() if CORRECTED_DAY in days} == results
    looking_back = {name for name, days in days_of.items() if POSTPONED_DAY in days}
    assert {"player_daily_cache", "upcoming_team_game_context", "ml_feature_store_v2"} <= looking_back
    assert not looking_back & {"player_prop_predictions", "player_game_summary", "games", "player_boxscores"}
    assert set.union(*days_of.values()) == {CORRECTED_DAY, POSTPONED_DAY}


def test_the_plan_of_a_morning_asks_sources_for_certain_and_for_the_rest_if_they_say_something_new(week):
    why = week.plans[eastern(SATURDAY, 8, 30)]
    sources = {name for name, table in TABLES.items() if not table.reads}
    for name in sources:
        assert list(why[name]) == list(DayRange(SATURDAY - timedelta(days=7), OFF_DAY))
        assert all(due.is_certain for due in why[name].values())
    assert not why["player_game_summary"][CORRECTED_DAY].is_certain
    assert str(why["player_game_summary"][CORRECTED_DAY]) == f"if nba_raw.player_boxscores changes on {CORRECTED_DAY}"


def test_before_line_ups_only_what_is_new_is_built(week):
    day = CORRECTED_DAY
    named = min(tick for tick in week.changed if tick > eastern(day, 10))
    assert named < eastern(day, 20)
    raw = {name for name, of_day in week.changed[named] if not TABLES[name].reads}
    assert "active_players" in raw
    assert not raw & {"games", "player_boxscores", "shots"}
    assert {of_day for _, of_day in week.changed[named]} == {day}
    assert {due.reason for due in week.plans[named]["games"].values()} == {UNSETTLED}


def test_a_postponed_game_is_forecast_on_its_new_day_and_withdrawn_from_the_old_one(week):
    game = week.source.postponed.game_id
    called_off = min(tick for tick in week.changed if tick > eastern(POSTPONED_DAY, 16))
    assert ("games", POSTPONED_DAY) in week.changed[called_off]
    assert ("games", POSTPONED_DAY) in week.changed[eastern(SATURDAY + timedelta(days=1), 8, 30)]
    for name in ("games", "player_prop_predictions", "prediction_accuracy", "game_lines", "active_players"):
        with week.platform.warehouse.session() as session:
            rows = session.frame(session.read(TABLES[name], WEEK)).to_pylist()
        assert {row["game_date"] for row in rows if row["game_id"] == game} == {REPLAYED_DAY}, name


def test_a_second_run_of_the_same_tick_changes_nothing(week):
    for name, now in (
        ("morning", eastern(WEEK.last + timedelta(days=1), 8, 30)),
        ("before_games", eastern(WEEK.last, 18, 30)),
    ):
        before, forecasts = week.versions(), stored_forecasts(week.platform, WEEK.last)
        # The clock is the last morning's: what was forecast before tip-off is not forecast again.
        with time_machine.travel(eastern(WEEK.last + timedelta(days=1), 8, 45)):
            week.run(asked(name, now, week.platform).run_requests[0])
        assert week.versions() == before
        assert stored_forecasts(week.platform, WEEK.last) == forecasts


def test_runs_say_which_part_of_the_cycle_they_are_of_and_what_they_materialized(week):
    runs = week.instance.get_runs(dg.RunsFilter(tags={CYCLE_TAG: "morning"}))
    own = [run for run in runs if run.job_name == "daily_cycle"]
    assert len(own) >= len(WEEK)
    assert len(runs) > len(own)
    latest = week.instance.get_latest_materialization_event(dg.AssetKey(["nba_predictions", "prediction_accuracy"]))
    assert latest.run_id in {run.run_id for run in runs}


def test_no_check_fails_at_the_end_that_does_not_fail_of_a_backfill(week, afterwards):
    assert failures(week.platform) == failures(afterwards)


def failures(platform: Platform) -> set[tuple[str, str, date]]:
    with platform.warehouse.session(read_only=True) as session:
        return {
            (name, check, day)
            for name, table in TABLES.items()
            for check, verdicts in evaluate(session, table, WEEK, checks_of(table)).items()
            for day, verdict in verdicts.items()
            if not verdict.is_passed
        }
