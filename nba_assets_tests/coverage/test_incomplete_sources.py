"""What a source did not deliver, or delivered broken, and what that leaves out in the tables built on it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from nba_assets.absence import INCOMPLETE, NOT_DELIVERED, Absent
from nba_assets.coverage import coverage
from nba_assets.days import DayRange
from nba_assets.sources.archive import ArchiveSource
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.coverage.built import FULL, build, build_raw

ARCHIVE = os.environ.get("NBA_ASSETS_TEST_ARCHIVE")


def test_a_box_score_set_aside_for_a_whole_team_is_missing_with_the_contracts_reason(tmp_path):
    rows = SimulatedSource(seed=7).fetch("player_boxscores", DayRange(FULL, FULL))
    team = rows["team_id"][0].as_py()
    points = [p + (t == team) for p, t in zip(rows["points"].to_pylist(), rows["team_id"].to_pylist(), strict=True)]
    broken = rows.set_column(rows.schema.get_field_index("points"), "points", pa.array(points, pa.int64()))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        day = DayRange(FULL, FULL)
        session.ingest(TABLES["games"], day, SimulatedSource(seed=7).fetch("games", day))
        session.ingest(TABLES["player_boxscores"], day, broken)
        (covered,) = coverage(session, day, ("player_boxscores",))
    assert [key["team_id"] for key in covered.missing["points add up"].first] == [team]
    assert covered.gaps == 1 + covered.set_aside
    assert covered.set_aside > 5


def test_a_player_whose_row_the_contract_refused_is_absent_for_that_reason_downstream_too(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    points = pa.array([p + (n == 0) for n, p in enumerate(rows["points"].to_pylist())], pa.int64())
    broken = rows.set_column(rows.schema.get_field_index("points"), "points", points)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, broken)
        build(session, "player_game_summary", day)
        box, summary = coverage(session, day, ("player_boxscores", "player_game_summary"))
    reason = "contract violation in nba_raw.player_boxscores: points add up"
    key = {"game_id": rows["game_id"][0].as_py(), "player_id": rows["player_id"][0].as_py()}
    assert summary.missing == {reason: Absent(1, (key,))}
    assert box.missing[reason] == Absent(1, (key,))
    assert [side["team_id"] for side in box.missing[INCOMPLETE].first] == [rows["team_id"][0].as_py()]
    assert (summary.expected, summary.present) == (len(rows), len(rows) - 1)


def test_a_duplicate_that_was_refused_is_no_absent_player(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, pa.concat_tables([rows, rows.slice(0, 1)]))
        (box,) = coverage(session, day, ("player_boxscores",))
    assert (box.set_aside, box.gaps) == (1, 0)


def test_a_team_that_lost_half_of_its_players_at_the_source_is_missing_and_so_is_the_reason(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    team = rows["team_id"][0].as_py()
    kept = rows.filter(
        pa.array(
            [
                t != team or p % 2 == 0
                for t, p in zip(rows["team_id"].to_pylist(), rows["player_id"].to_pylist(), strict=True)
            ]
        )
    )
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, kept)
        (box,) = coverage(session, day, ("player_boxscores",))
    assert [side["team_id"] for side in box.missing[INCOMPLETE].first] == [team]


def test_what_a_missing_box_score_leaves_out_downstream_has_its_reason(tmp_path):
    day, source = DayRange(FULL, FULL), SimulatedSource(seed=7)
    rows = source.fetch("player_boxscores", day)
    game = rows["game_id"][0].as_py()
    kept = rows.filter(pa.array([g != game for g in rows["game_id"].to_pylist()]))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, day)
        session.ingest(TABLES["player_boxscores"], day, kept)
        for name in ("player_game_summary", "team_offense_game_summary"):
            build(session, name, day)
        (teams,) = coverage(session, day, ("team_offense_game_summary",))
    reason = f"{NOT_DELIVERED} in nba_raw.player_boxscores"
    assert {key["game_id"] for key in teams.missing[reason].first} == {game}
    assert set(teams.missing) == {reason}


def test_players_with_ten_earlier_games_are_expected_in_the_zone_analysis_even_if_they_do_not_play(tmp_path):
    season = DayRange(date(2019, 10, 22), date(2019, 11, 20))
    source = SimulatedSource(seed=7)
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, source, season)
        for name in ("player_game_summary", "player_shot_zone_analysis"):
            build(session, name, season)
        last = DayRange(season.last, season.last)
        (day,) = coverage(session, last, ("player_shot_zone_analysis",))
        earlier = source.fetch("player_boxscores", DayRange(season.first, date(2019, 11, 19)))
    games = earlier.group_by("player_id").aggregate([("game_id", "count")])["game_id_count"].to_pylist()
    assert day.expected == sum(count >= 10 for count in games) > 100
    assert day.is_complete


@pytest.mark.archive
@pytest.mark.skipif(not ARCHIVE, reason="NBA_ASSETS_TEST_ARCHIVE is not set")
def test_the_archives_hole_in_the_shots_of_january_2022_is_found(tmp_path):
    days = DayRange(date(2022, 1, 5), date(2022, 1, 7))
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        build_raw(session, ArchiveSource(Path(str(ARCHIVE))), days)
        build(session, "player_game_summary", days)
        counted = {(day.table, day.day.day): day for day in coverage(session, days)}
    assert [counted["shots", n].gaps for n in (5, 6, 7)] == [0, 1, counted["shots", 7].expected]
    assert set(counted["shots", 7].missing) == {NOT_DELIVERED}
    assert [counted["player_game_summary", n].present for n in (5, 6, 7)] == [223, 87, 213]
    assert all(counted["player_game_summary", n].is_complete for n in (5, 6, 7))
