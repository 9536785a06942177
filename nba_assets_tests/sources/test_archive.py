"""The archive source: files to raw rows, and errors that name the file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nba_assets.days import DayRange
from nba_assets.sources.archive import ArchiveSource
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse

DAY = date(2021, 10, 19)
ONE = DayRange(DAY, DAY)


def game(day: date = DAY, number: int = 1, **given) -> dict:
    return {
        "season": "2021-22",
        "game_date": day,
        "game_id": f"00221{number:05d}",
        "team_id_home": 1610612749,
        "team_id_away": 1610612751,
        "team_abbreviation_home": "MIL",
        "team_abbreviation_away": "BKN",
        "wl_home": "W",
        "pts_home": 127,
        "pts_away": 104,
        **given,
    }


def shot(**given) -> dict:
    return {
        "season": "2021-22",
        "game_date": DAY,
        "game_id": "0022100001",
        "team_id": 1610612749,
        "player_id": 1,
        "period": 1,
        "minutes_remaining": 11,
        "seconds_remaining": 30,
        "shot_type": "2PT Field Goal",
        "shot_distance": 3,
        "shot_made_flag": 1,
        "loc_x": 0,
        "loc_y": 30,
        **given,
    }


def write(folder: Path, name: str, *records: dict) -> ArchiveSource:
    pq.write_table(pa.Table.from_pylist(list(records)), folder / name)
    return ArchiveSource(folder)


def fetched(source: ArchiveSource, table: str, days: DayRange = ONE) -> list[dict]:
    return source.fetch(table, days).to_pylist()


def test_a_games_file_becomes_raw_rows(tmp_path):
    (row,) = fetched(write(tmp_path, "games_2021-22.parquet", game()), "games")
    assert row == {
        "game_date": DAY,
        "game_id": "0022100001",
        "season_year": 2021,
        "home_team_id": 1610612749,
        "away_team_id": 1610612751,
        "home_team_abbreviation": "MIL",
        "away_team_abbreviation": "BKN",
        "tipoff_utc": None,
        "status": "final",
        "home_points": 127,
        "away_points": 104,
        "source": "archive",
    }


def test_a_game_without_a_winner_is_scheduled_and_has_no_points(tmp_path):
    (row,) = fetched(write(tmp_path, "games_2021-22.parquet", game(wl_home=None)), "games")
    assert (row["status"], row["home_points"], row["away_points"]) == ("scheduled", None, None)


def test_older_files_without_a_tip_off_yield_null_beside_newer_ones_with_it(tmp_path):
    tipoff = datetime(2021, 10, 19, 23, 30)
    write(tmp_path, "games_2020-21.parquet", game(number=1))
    rows = fetched(write(tmp_path, "games_2021-22.parquet", game(number=2, tipoff_utc=tipoff)), "games")
    assert {r["game_id"]: r["tipoff_utc"] for r in rows} == {"0022100001": None, "0022100002": tipoff}


def test_only_the_days_asked_for_are_read(tmp_path):
    games = [game(date(2021, 10, d), d) for d in (18, 19, 20, 21)]
    source = write(tmp_path, "games_2021-22.parquet", *games)
    rows = fetched(source, "games", DayRange(DAY, date(2021, 10, 20)))
    assert [r["game_date"].day for r in rows] == [19, 20]


@pytest.mark.parametrize("table", [t.name for t in RAW_TABLES])
def test_a_table_without_a_file_has_no_rows_but_its_columns(tmp_path, table):
    empty = ArchiveSource(tmp_path).fetch(table, ONE)
    assert empty.num_rows == 0
    assert tuple(empty.column_names) == TABLES[table].column_names


def test_an_empty_delivery_can_be_ingested(tmp_path):
    source = ArchiveSource(tmp_path / "none")
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        for table in RAW_TABLES:
            assert session.ingest(table, ONE, source.fetch(table.name, ONE)).rows == {DAY: 0}


def test_a_missing_column_is_an_error_that_names_file_and_column(tmp_path):
    record = game()
    del record["pts_home"]
    with pytest.raises(SourceError) as error:
        write(tmp_path, "games_2021-22.parquet", record).fetch("games", ONE)
    for word in ("games_2021-22.parquet", "nba_raw.games", "pts_home", str(DAY)):
        assert word in str(error.value)


def test_a_file_that_is_no_parquet_is_an_error_that_names_it(tmp_path):
    (tmp_path / "games_2021-22.parquet").write_text("game_id,game_date")
    with pytest.raises(SourceError, match=r"games_2021-22\.parquet"):
        ArchiveSource(tmp_path).fetch("games", ONE)


def test_a_quote_in_a_file_name_does_no_harm(tmp_path):
    assert len(fetched(write(tmp_path, "games_o'clock; --.parquet", game()), "games")) == 1


def test_a_star_in_a_file_name_stands_for_itself(tmp_path):
    write(tmp_path, "games_1.parquet", game(number=1))
    assert len(fetched(write(tmp_path, "games_*.parquet", game(number=2)), "games")) == 2


def test_files_whose_columns_have_different_types_are_an_error_that_names_them(tmp_path):
    write(tmp_path, "games_2020-21.parquet", game(number=1))
    source = write(tmp_path, "games_2021-22.parquet", game(number=2, pts_home="many"))
    with pytest.raises(SourceError) as error:
        source.fetch("games", ONE)
    for word in ("games_2020-21.parquet", "games_2021-22.parquet", "nba_raw.games", "home_points", str(DAY)):
        assert word in str(error.value)


def test_shots_are_numbered_in_the_order_of_the_clock(tmp_path):
    shots = [shot(period=2), shot(minutes_remaining=5), shot(shot_type="3PT Field Goal", shot_distance=25)]
    rows = sorted(fetched(write(tmp_path, "shots_2021-22.parquet", *shots), "shots"), key=lambda r: r["shot_number"])
    assert [r["shot_number"] for r in rows] == [1, 2, 3]
    assert [(r["period"], r["seconds_remaining"], r["is_three"]) for r in rows] == [
        (1, 690, True),  # 11:30
        (1, 330, False),
        (2, 690, False),
    ]
    assert rows[0]["is_made"] is True


def test_shot_numbers_do_not_depend_on_the_days_read(tmp_path):
    shots = [shot(), shot(game_date=date(2021, 10, 20), game_id="0022100002"), shot(minutes_remaining=2)]
    source = write(tmp_path, "shots_2021-22.parquet", *shots)
    alone = fetched(source, "shots")
    together = fetched(source, "shots", DayRange(DAY, date(2021, 10, 20)))
    assert alone == [r for r in together if r["game_date"] == DAY]


def test_injury_transactions_become_statuses_with_their_season(tmp_path):
    common = {"player": "Jokić, Jr.", "player_id": 1, "team_id": 2, "notes": "knee"}
    records = [
        {**common, "date": date(2020, 10, 11), "direction": "out"},  # still the bubble
        {**common, "date": date(2020, 12, 1), "direction": "back"},
    ]
    source = write(tmp_path, "injuries_2018.parquet", *records)
    rows = fetched(source, "injuries", DayRange(date(2020, 10, 1), date(2020, 12, 31)))
    assert [(r["status"], r["season_year"]) for r in rows] == [("out", 2019), ("available", 2020)]
    assert rows[0]["player_lookup"] == "jokicjr"


def test_props_markets_and_sides_are_named_as_in_the_record(tmp_path):
    common = {"game_date": DAY, "game_id": "0022100001", "player_id": 1, "player": "A B", "bookmaker": "x", "line": 9.5}
    common |= {"price": -110.0, "commence_time": datetime(2021, 10, 19, 23, tzinfo=UTC), "side": "Over"}
    records = [{**common, "market": m} for m in ("player_points", "player_threes")]
    rows = fetched(write(tmp_path, "player_props_x.parquet", *records), "player_props")
    assert [(r["market"], r["side"]) for r in rows] == [("points", "over"), ("threes", "over")]


@pytest.mark.archive
def test_the_first_week_of_2022_is_ingested_without_a_bad_game_box_or_shot(archive_folder, tmp_path):
    source, week = ArchiveSource(archive_folder), DayRange(date(2022, 1, 1), date(2022, 1, 7))
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        for name in ("games", "player_boxscores", "shots", "game_lines"):
            report = session.ingest(TABLES[name], week, source.fetch(name, week), strict=True)
            if name == "player_boxscores":
                assert list(report.rows.values()) == [124, 149, 212, 100, 223, 87, 213]
