"""The warehouse file: made on first use, held by others, broken, older than the code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_schema import check, prepare
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets_tests.factories import DAY, rows

ONE = DayRange(DAY, DAY)
INJURIES = TABLES["injuries"]
_HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.communicate()


def test_the_file_and_its_folder_are_made_on_first_use(tmp_path):
    file = tmp_path / "a" / "b" / "warehouse.duckdb"
    with DuckDBWarehouse(file).session() as session:
        assert session.frame(session.read(INJURIES, ONE)).num_rows == 0
        assert session.day_states(ONE) == []
    assert file.is_file()


def test_rows_outlive_the_session(tmp_path):
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")
    with warehouse.session() as session:
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5}]))
    with warehouse.session(read_only=True) as session:
        assert session.frame(session.read(INJURIES, ONE)).column("player_id").to_pylist() == [5]
        assert [(s.table, s.day, s.rows) for s in session.day_states(ONE)] == [("injuries", DAY, 1)]


def test_a_held_file_is_an_error_that_names_it_after_the_wait(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    with held(file):
        start = time.monotonic()
        with pytest.raises(WarehouseError) as error, DuckDBWarehouse(file, wait_seconds=0.5).session():
            pass
        assert time.monotonic() - start >= 0.5
    assert str(file) in str(error.value)
    assert "in use by another process" in str(error.value)


def test_a_file_that_is_let_go_while_waiting_is_opened(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    code = _HOLD.replace("sys.stdin.read()", "import time; time.sleep(0.6)")
    process = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with DuckDBWarehouse(file, wait_seconds=20).session() as session:
        assert session.day_states(ONE) == []
    process.communicate()


@pytest.mark.parametrize("folder", ["plain", "blocked"])
def test_a_corrupted_file_is_a_clear_error_at_once(tmp_path, folder):
    file = tmp_path / folder / "warehouse.duckdb"
    file.parent.mkdir()
    file.write_bytes(b"no database " * 2000)
    start = time.monotonic()
    with pytest.raises(WarehouseError) as error, DuckDBWarehouse(file, wait_seconds=5).session():
        pass
    assert time.monotonic() - start < 4  # waiting does not mend it, whatever the folder is called
    assert str(file) in str(error.value)
    assert "cannot be opened" in str(error.value)


def test_damage_that_is_found_while_reading_is_the_same_error(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    with DuckDBWarehouse(file).session() as session:
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": n} for n in range(5_000)]))
    with duckdb.connect(str(file)) as connection:
        connection.execute("CHECKPOINT")
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(WarehouseError, match="If it is damaged"), DuckDBWarehouse(file).session(read_only=True) as one:
        one.frame(one.read(INJURIES, ONE))


def test_a_file_whose_making_was_interrupted_is_not_there(tmp_path, monkeypatch):
    file = tmp_path / "warehouse.duckdb"
    monkeypatch.setattr("nba_assets.warehouse.duckdb.os.link", lambda *_: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(WarehouseError, match="cannot be made: no room"), DuckDBWarehouse(file).session():
        pass
    assert not list(tmp_path.iterdir())


def test_reading_a_missing_file_is_a_clear_error_and_makes_nothing(tmp_path):
    file = tmp_path / "home" / "warehouse.duckdb"
    with pytest.raises(WarehouseError, match="There is no warehouse at"), DuckDBWarehouse(file).session(read_only=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "home").write_text("a file where the folder should be")
    warehouse = DuckDBWarehouse(tmp_path / "home" / "warehouse.duckdb")
    with pytest.raises(WarehouseError, match="cannot be made"), warehouse.session():
        pass


def older(file: Path, statement: str) -> DuckDBWarehouse:
    """A warehouse with one injury, changed by a statement as an older version would have left it."""
    warehouse = DuckDBWarehouse(file)
    with warehouse.session() as session:
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5, "reason": "knee"}]))
    with duckdb.connect(str(file)) as connection:
        connection.execute(statement)
    return warehouse


def test_a_column_that_a_newer_record_added_is_added_to_the_file(tmp_path):
    warehouse = older(tmp_path / "warehouse.duckdb", "ALTER TABLE nba_raw.injuries DROP COLUMN reason")
    with warehouse.session() as session:
        (row,) = session.frame(session.read(INJURIES, ONE).select(*INJURIES.column_names)).to_pylist()
        assert (row["player_id"], row["reason"]) == (5, None)
        report = session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5, "reason": "knee"}]))
        assert report.changed == {DAY}


def test_a_column_of_another_type_is_a_clear_error(tmp_path):
    warehouse = older(tmp_path / "warehouse.duckdb", "ALTER TABLE nba_raw.injuries ALTER player_id TYPE VARCHAR")
    with pytest.raises(WarehouseError) as error, warehouse.session():
        pass
    for word in ("player_id", "nba_raw.injuries", "VARCHAR", "BIGINT"):
        assert word in str(error.value)


def test_reading_a_file_without_the_tables_says_what_to_do(tmp_path):
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    with (
        pytest.raises(WarehouseError, match="nba-assets backfill"),
        DuckDBWarehouse(tmp_path / "w.duckdb").session(read_only=True),
    ):
        pass


def test_reading_a_file_that_lacks_a_newer_column_names_it(tmp_path):
    file = tmp_path / "w.duckdb"
    with DuckDBWarehouse(file).session():
        pass
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE nba_raw.injuries DROP COLUMN reason")
    with (
        pytest.raises(WarehouseError, match=r"nba_raw\.injuries\.reason"),
        DuckDBWarehouse(file).session(read_only=True),
    ):
        pass


def test_the_file_is_asked_for_its_columns_again_only_if_somebody_else_wrote_to_it(tmp_path, monkeypatch):
    file, asked = tmp_path / "w.duckdb", []
    monkeypatch.setattr("nba_assets.warehouse.duckdb.prepare", lambda c: asked.append("prepare") or prepare(c))
    monkeypatch.setattr("nba_assets.warehouse.duckdb.check", lambda c: asked.append("check") or check(c))
    warehouse = DuckDBWarehouse(file)
    with warehouse.session() as session:
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5}]))
    for read_only in (True, False, True):
        with warehouse.session(read_only) as session:
            assert session.frame(session.read(INJURIES, ONE)).num_rows == 1
    assert asked == ["prepare"]
    with DuckDBWarehouse(file).session() as session:
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5}, {"player_id": 6}]))
    with warehouse.session(read_only=True) as session:
        assert session.frame(session.read(INJURIES, ONE)).num_rows == 2
    assert asked == ["prepare", "prepare", "check"]


def test_a_file_that_is_taken_away_meanwhile_is_made_anew(tmp_path):
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    with warehouse.session():
        (tmp_path / "w.duckdb").unlink()
    with warehouse.session() as session:
        assert session.frame(session.read(INJURIES, ONE)).num_rows == 0


def test_a_session_that_ends_in_an_error_lets_the_file_go(tmp_path):
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")
    with pytest.raises(ZeroDivisionError), warehouse.session():
        raise ZeroDivisionError
    with held(tmp_path / "warehouse.duckdb") as process:
        assert process.poll() is None


def test_what_fits_neither_in_memory_nor_on_disk_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("nba_assets.warehouse.duckdb._MEMORY", "30MB")
    with (
        pytest.raises(WarehouseError, match=r"more than the 30MB of memory.*fewer days at once\. Nothing was written"),
        DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session,
    ):
        session.rows("SELECT list(i) FROM range(20000000) AS t (i)")


def test_what_was_read_and_attached_can_be_let_go_of_and_is_still_there(tmp_path):
    held_bytes = "SELECT CAST(sum(memory_usage_bytes) AS BIGINT) AS n FROM duckdb_memory()"
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        session.attach_query("many", "SELECT i, hash(i) AS h FROM range(1000000) AS t (i)")
        before, limit = session.rows(held_bytes), session.rows("SELECT current_setting('memory_limit')")
        session.let_go()
        assert before[0]["n"] > 10_000_000 > 10 * session.rows(held_bytes)[0]["n"]
        assert session.rows("SELECT count(*) AS n, sum(i) AS total FROM many") == [
            {"n": 1_000_000, "total": 499_999_500_000}
        ]
        assert session.rows("SELECT current_setting('memory_limit')") == limit
