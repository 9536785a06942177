"""The graph, run in process: a day, a range, the range again, the union of its days; what a failure leaves behind."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from unittest import mock

import dagster as dg
import pyarrow as pa
import pytest

from nba_assets.assets.factory import asset_key
from nba_assets.days import DayRange
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.transforms.predictions import training_rows
from nba_assets_tests.graph import (
    OPENING,
    contents,
    differing,
    make_platform,
    materialize,
    opening_month,
    replaced,
)

LAST_DAYS = DayRange(date(2019, 12, 1), date(2019, 12, 3))
BEFORE = DayRange(OPENING.first, date(2019, 11, 30))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The opening month in one range, with the events of the run."""
    platform = make_platform(tmp_path_factory.mktemp("range"))
    return platform, materialize(platform, OPENING)


def test_a_range_builds_every_day_of_every_table(built):
    platform, _ = built
    with platform.warehouse.session(read_only=True) as session:
        states = session.day_states(OPENING)
    assert {(s.table, s.day) for s in states} == {(name, day) for name in TABLES for day in OPENING}


def test_every_table_has_rows_in_the_end(built):
    platform, _ = built
    assert all(contents(platform, LAST_DAYS).values())


def test_each_day_of_a_range_has_its_own_row_count_in_the_event_log(built):
    platform, result = built
    events = [
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == asset_key(TABLES["player_game_summary"])
    ]
    with platform.warehouse.session(read_only=True) as session:
        rows = {s.day.isoformat(): s.rows for s in session.day_states(OPENING, ["player_game_summary"])}
    assert {e.partition: e.metadata["dagster/partition_row_count"].value for e in events} == rows
    assert len(set(rows.values())) > 1


def test_building_the_range_again_changes_no_row(built):
    platform, _ = built
    before = contents(platform, OPENING)
    with platform.warehouse.session(read_only=True) as session:
        versions = {(s.table, s.day): s.changed for s in session.day_states(OPENING)}
    materialize(platform, OPENING)
    assert not differing(contents(platform, OPENING), before)
    with platform.warehouse.session(read_only=True) as session:
        assert {(s.table, s.day): s.changed for s in session.day_states(OPENING)} == versions


def test_a_range_equals_the_union_of_its_days(built, tmp_path):
    platform, _ = built
    by_day = make_platform(tmp_path)
    materialize(by_day, BEFORE)
    for day in LAST_DAYS:
        materialize(by_day, DayRange(day, day))
    assert not differing(contents(by_day, OPENING), contents(platform, OPENING))


def test_models_are_files_whose_names_the_table_holds(built):
    platform, _ = built
    held = contents(platform, OPENING)
    named = set()
    for name in ("player_availability", "prop_model"):
        position = TABLES[name].column_names.index("model_id")
        of_table = {row[position] for row in held[name]} - {None}
        assert of_table, name
        named |= of_table
    assert {file.stem for file in Path(platform.models_folder).iterdir()} == named


def test_a_day_whose_upstream_was_never_built_is_an_error_and_not_an_empty_day(tmp_path):
    platform = make_platform(tmp_path)
    day = DayRange(OPENING.first, OPENING.first)
    result = materialize(platform, day, ["player_game_summary"], raise_on_error=False)
    assert not result.success
    message = str(result.failure_data_for_node("nba_analytics__player_game_summary").error)
    assert "nba_raw.player_boxscores on 2019-10-22" in message
    with platform.warehouse.session(read_only=True) as session:
        assert session.day_states(day) == []


def test_missing_look_back_days_are_said_in_the_materialization(tmp_path):
    platform = make_platform(tmp_path)
    day = DayRange(date(2019, 11, 5), date(2019, 11, 5))
    result = materialize(platform, day, ["games", "game_lines", "upcoming_team_game_context"])
    events = result.asset_materializations_for_node("nba_analytics__upcoming_team_game_context")
    missing = dict.fromkeys(("games", "game_lines"), "2019-10-22..2019-11-04")
    assert events[0].metadata["history_not_built"].value == missing


def test_a_source_that_fails_leaves_the_table_as_it_was(built, tmp_path):
    class Broken:
        name = "broken"

        def fetch(self, table, days):
            raise OSError("no route to the statistics")

    platform = make_platform(tmp_path)
    day = DayRange(OPENING.first, OPENING.first)
    materialize(platform, day, ["games"])
    before = contents(platform, day)
    broken = make_platform(tmp_path, source=Broken())
    result = materialize(broken, day, ["games"], raise_on_error=False)
    assert not result.success
    assert not differing(contents(platform, day), before)


def test_invented_games_are_never_mixed_with_real_ones(tmp_path):
    class Real(SimulatedSource):
        name = "archive"

        def fetch(self, table, days):
            rows = super().fetch(table, days)
            return replaced(rows, source=pa.array(["archive"] * len(rows)))

    day = DayRange(OPENING.first, OPENING.first)
    real = make_platform(tmp_path, Real(seed=7))
    materialize(real, day, ["games"])
    before = contents(real, day)
    for table in ("games", "player_props"):
        result = materialize(make_platform(tmp_path), day, [table], raise_on_error=False)
        assert not result.success
        assert "holds rows of the source archive" in str(result.failure_data_for_node(f"nba_raw__{table}").error)
    assert not differing(contents(real, day), before)


def test_a_model_trained_on_the_very_same_is_not_trained_again_nor_are_its_rows_read(built, monkeypatch):
    platform, _ = built
    monkeypatch.setattr("nba_assets.models.training.train", lambda *_: pytest.fail("trained again"))
    reading = mock.patch.object(training_rows, "build", side_effect=AssertionError("read again"))
    before = contents(platform, LAST_DAYS)
    with reading as read:
        materialize(platform, LAST_DAYS, ["prop_model"])
    assert not read.called
    assert not differing(contents(platform, LAST_DAYS), before)
    # Whatever the ledger says, the rows themselves are the same.
    monkeypatch.setattr("nba_assets.models.unchanged.rows_that_stand", lambda *_: {})
    with mock.patch.object(training_rows, "build", wraps=training_rows.build) as read:
        materialize(platform, LAST_DAYS, ["prop_model"])
    assert read.called
    assert not differing(contents(platform, LAST_DAYS), before)


def test_a_result_that_is_corrected_before_the_cutoff_is_learned_from(tmp_path_factory):
    platform = opening_month(tmp_path_factory)
    table, day = TABLES["player_game_summary"], DayRange(BEFORE.last, BEFORE.last)
    before = contents(platform, LAST_DAYS)["prop_model"]
    with platform.warehouse.session() as session:
        rows = session.read(table, day)
        session.replace_days(table, day, session.attach("corrected", rows.mutate(points=rows.points + 1)))
    materialize(platform, LAST_DAYS, ["prop_model"])
    after = contents(platform, LAST_DAYS)["prop_model"]
    place = table_place("model_id")
    assert {row[place] for row in after}.isdisjoint(row[place] for row in before)


def table_place(column: str) -> int:
    return TABLES["prop_model"].column_names.index(column)


def test_a_model_whose_file_was_lost_is_trained_again_to_the_same_file(built):
    platform, _ = built
    files = {file.name: file.read_bytes() for file in Path(platform.models_folder).iterdir()}
    for name in files:
        (platform.models_folder / name).unlink()
    materialize(platform, LAST_DAYS, ["player_availability", "prop_model"])
    assert {file.name: file.read_bytes() for file in Path(platform.models_folder).iterdir()} == files


def test_a_single_partition_run_works_as_a_range_of_one(tmp_path):
    platform = make_platform(tmp_path)
    from nba_assets.definitions import build_definitions

    job = build_definitions(platform).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            asset_selection=[asset_key(TABLES["games"])], partition_key="2019-10-22", instance=instance
        )
    assert result.success
    assert contents(platform, DayRange(OPENING.first, OPENING.first))["games"]


def test_two_graphs_that_are_not_the_same_are_told_apart():
    assert differing({"games": [(1,), (2,)]}, {"games": [(1,), (3,)]}) == {"games": [((2,), (3,))]}
    assert differing({"games": [(1,)]}, {"games": []}) == {"games": [((1,), None)]}
    assert not differing({"games": [(1,)]}, {"games": [(1,)]})
