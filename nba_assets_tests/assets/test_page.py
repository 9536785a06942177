"""What an asset's page shows: sample rows, row counts by day, and plots where something is graded."""

from __future__ import annotations

from datetime import date

import pytest

from nba_assets.assets.factory import asset_key
from nba_assets.assets.page import SAMPLE_COLUMNS, SAMPLE_ROWS, accuracy_plots, sample_columns, sample_rows
from nba_assets.days import DayRange
from nba_assets.information import INFORMATION_SETS
from nba_assets.tables import TABLES
from nba_assets_tests.graph import make_platform, materialize

DAYS = DayRange(date(2019, 11, 26), date(2019, 11, 28))
"""Two days with games, and Thanksgiving without any."""
FULL, HOLIDAY = date(2019, 11, 27), DAYS.last
PLOTS = {f"{plot}_{information_set}" for plot in ("error", "calibration") for information_set in INFORMATION_SETS}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    platform = make_platform(tmp_path_factory.mktemp("page"))
    return platform, materialize(platform, DAYS)


def metadata_of(built, name: str) -> dict[str, dict[str, object]]:
    """Partition -> metadata of its materialization."""
    events = built[1].asset_materializations_for_node("__".join(asset_key(TABLES[name]).path))
    return {event.partition: dict(event.metadata) for event in events}


def test_the_key_comes_first_and_dull_columns_are_left_out():
    columns = sample_columns(TABLES["prediction_accuracy"])
    assert columns[:6] == ["game_date", "player_id", "market", "system_id", "information_set", "player_name"]
    assert {"predicted_value", "actual_value"} < set(columns)
    assert "team_id" not in columns
    for table in TABLES.values():
        shown = sample_columns(table)
        assert set(table.key) <= set(shown) <= set(table.column_names)
        assert len(shown) == len(set(shown)) <= SAMPLE_COLUMNS


@pytest.mark.parametrize("name", [n for n in TABLES if n != "player_shot_zone_analysis"])
def test_every_table_shows_the_first_rows_of_its_last_day_that_has_any(built, name):
    sample = metadata_of(built, name)[str(HOLIDAY)]["sample"]
    with built[0].warehouse.session(read_only=True) as session:
        states = session.day_states(DAYS, [name])
        last = max(state.day for state in states if state.rows)
        rows = session.frame(session.read(TABLES[name], DayRange(last, last))).to_pylist()
    rows.sort(key=lambda row: [row[k] for k in TABLES[name].key])
    assert [c.name for c in sample.schema.columns] == sample_columns(TABLES[name])
    shown = [[str(record.data[k]) for k in TABLES[name].key] for record in sample.records]
    assert shown == [[str(row[k]) for k in TABLES[name].key] for row in rows[:SAMPLE_ROWS]]
    assert {record.data["game_date"] for record in sample.records} == {str(last)}


def test_a_table_without_rows_shows_no_sample(built):
    found = metadata_of(built, "player_shot_zone_analysis")[str(HOLIDAY)]
    assert "sample" not in found
    assert "28 &nbsp; ·" in found["rows_by_day"].md_str


def test_rows_by_day_are_what_was_written(built):
    found = metadata_of(built, "player_game_summary")
    counts = {day: found[str(day)]["dagster/partition_row_count"].value for day in DAYS}
    assert counts[FULL] > 100
    calendar = found[str(HOLIDAY)]["rows_by_day"].md_str
    assert f"27 &nbsp; **{counts[FULL]:,}**" in calendar


def test_only_the_last_days_materialization_carries_the_page(built):
    for name in TABLES:
        found = metadata_of(built, name)
        assert set(found) == {str(day) for day in DAYS}
        for day in DAYS:
            assert ("rows_by_day" in found[str(day)]) == (day == DAYS.last)
            assert "dagster/partition_row_count" in found[str(day)]


def test_the_grades_carry_plots_and_no_other_table_does(built):
    with_plots = {name for name in TABLES if PLOTS & set(metadata_of(built, name)[str(HOLIDAY)])}
    assert with_plots == {"prediction_accuracy"}
    plot = metadata_of(built, "prediction_accuracy")[str(HOLIDAY)]["error_pregame"].md_str
    assert plot.startswith("![mean absolute error by month](data:image/png;base64,")


def test_plots_reach_ninety_days_back_and_no_further(built):
    with built[0].warehouse.session(read_only=True) as session:
        near, far = date(2020, 2, 25), date(2020, 2, 26)
        assert accuracy_plots(session, DayRange(near, near)).keys() >= {"error_pregame", "error_lineup"}
        assert accuracy_plots(session, DayRange(far, far)) == {}


def test_nothing_graded_is_no_plot(built):
    with built[0].warehouse.session(read_only=True) as session:
        assert accuracy_plots(session, DayRange(date(2019, 10, 22), date(2019, 10, 23))) == {}


def test_a_sample_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError("no sample")

    monkeypatch.setattr("nba_assets.assets.page.sample_rows", broken)
    day = DayRange(FULL, FULL)
    result = materialize(make_platform(tmp_path), day, ["games"], raise_on_error=False)
    assert not result.success


def test_values_that_are_no_json_are_shown_as_text(built):
    with built[0].warehouse.session(read_only=True) as session:

        class WithNaN:
            def read(self, table, days):
                return session.read(table, days)

            def frame(self, expression):
                rows = session.frame(expression)
                position = rows.schema.get_field_index("predicted_value")
                import pyarrow as pa

                return rows.set_column(position, "predicted_value", pa.array([float("nan")] * len(rows)))

        sample = sample_rows(WithNaN(), TABLES["prediction_accuracy"], {FULL: 9})
    assert {record.data["predicted_value"] for record in sample.records} == {"nan"}
