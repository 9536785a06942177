"""The job that the schedules launch: what it shows in the web interface, and what is told when it fails."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pyarrow as pa
import pytest

from nba_assets.alerts.sensors import alert_failed_runs
from nba_assets.assets.factory import asset_key
from nba_assets.automation import CYCLE_RUN_TAG, CYCLE_TAG, run_config
from nba_assets.days import DayRange
from nba_assets.definitions import build_definitions
from nba_assets.planning import Request
from nba_assets.settings import load_settings
from nba_assets.sources.protocol import SourceError
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets_tests.alerts.scene import QUIET, Scene
from nba_assets_tests.graph import make_platform

DAYS = DayRange(date(2019, 10, 22), date(2019, 10, 23))
REQUEST = Request(DAYS, tables=("player_game_summary",))
TAGS = {CYCLE_TAG: "morning"}


class Down(SimulatedSource):
    """Delivers everything but shots."""

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        if table == "shots":
            raise SourceError("the address of shots does not answer")
        return super().fetch(table, days)


@pytest.fixture
def cycle(tmp_path):
    def cycle(instance: dg.DagsterInstance, source: SimulatedSource | None = None) -> dg.ExecuteInProcessResult:
        job = build_definitions(make_platform(tmp_path, source)).resolve_job_def("daily_cycle")
        config = run_config(REQUEST) | QUIET
        return job.execute_in_process(config, instance=instance, tags=TAGS, raise_on_error=False)

    return cycle


def test_tables_are_materialized_by_runs_of_their_own_that_name_the_cycles(cycle):
    with dg.DagsterInstance.ephemeral() as instance:
        result = cycle(instance)
        parts = instance.get_runs(dg.RunsFilter(tags={CYCLE_RUN_TAG: result.run_id}))
        assert result.success
        assert {part.tags[CYCLE_TAG] for part in parts} == {"morning"}
        key = asset_key(TABLES["player_game_summary"])
        assert instance.get_materialized_partitions(key) == {str(day) for day in DAYS}
        assert instance.get_latest_materialization_event(key).run_id in {part.run_id for part in parts}


def test_a_second_run_materializes_nothing_and_says_so(cycle):
    with dg.DagsterInstance.ephemeral() as instance:
        cycle(instance)
        again = cycle(instance)
        assert instance.get_runs(dg.RunsFilter(tags={CYCLE_RUN_TAG: again.run_id})) == []
        assert "nothing was due" in " ".join(entry.user_message for entry in instance.all_logs(again.run_id))


def test_what_its_parts_do_is_a_sign_of_life_of_the_cycle(cycle):
    with dg.DagsterInstance.ephemeral() as instance:
        result = cycle(instance)
        said = [entry.user_message for entry in instance.all_logs(result.run_id)]
        for name in ("games", "player_game_summary"):
            assert f"{TABLES[name].full_name} {DAYS}: begun" in said
        # What `reading.going_on` takes the latest of.
        kinds = [record.event_log_entry for record in instance.get_records_for_run(result.run_id).records]
        assert any("begun" in entry.user_message for entry in kinds)


def test_a_failing_source_fails_the_cycle_and_is_told_once(cycle, monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", "json://127.0.0.1:9/error")
    with dg.DagsterInstance.ephemeral() as instance:
        result = cycle(instance, Down(seed=7))
        assert not result.success
        (part,) = instance.get_runs(dg.RunsFilter(tags={CYCLE_RUN_TAG: result.run_id}))
        scene = Scene(instance, load_settings())
        scene.tick(alert_failed_runs)
        [(_, title, body)] = scene.take_messages()
        assert part.run_id[:8] in title
        assert "the address of shots does not answer" in body


def test_a_cycle_that_fails_by_itself_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", "json://127.0.0.1:9/error")
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_definitions(make_platform(tmp_path)).resolve_job_def("daily_cycle")
        config = {"ops": {"build_what_is_due": {"config": {"first_day": "2019-10-23", "last_day": "2019-10-22"}}}}
        job.execute_in_process(config | QUIET, instance=instance, raise_on_error=False)
        scene = Scene(instance, load_settings())
        scene.tick(alert_failed_runs)
        [(_, _, body)] = scene.take_messages()
        assert "A range of days ends before it starts" in body
