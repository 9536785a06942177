"""DuckDB as it is kept from session to session: what outlives one, and what must not."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest

from nba_assets.warehouse.duckdb_engine import DuckDBEngine, engine_of

_OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1])"


@pytest.fixture
def engine(tmp_path):
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    return engine_of(tmp_path / "w.duckdb", "100MB")


def _is_held(engine: DuckDBEngine) -> bool:
    """Whether another process is kept from the file."""
    command = [sys.executable, "-c", _OPEN, str(engine.file)]
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_a_file_has_one_engine_however_its_path_is_written(engine, tmp_path):
    (tmp_path / "folder").mkdir()
    assert engine_of(tmp_path / "folder" / ".." / "w.duckdb", "100MB") is engine
    assert engine_of(tmp_path / "other.duckdb", "100MB") is not engine


def test_the_file_is_held_until_the_last_lets_it_go(engine):
    with engine.opened(read_only=False):
        with engine.opened(read_only=False):
            assert _is_held(engine)
        assert _is_held(engine)
    assert not _is_held(engine)


def test_the_file_is_let_go_after_an_error(engine):
    with pytest.raises(duckdb.CatalogException), engine.opened(read_only=False) as connection:
        connection.execute("FROM nowhere")
    assert not _is_held(engine)


def test_duckdb_is_kept_until_something_fails(engine):
    def made(read_only: bool) -> str:
        with engine.opened(read_only) as connection:
            [(setting,)] = connection.execute("SELECT current_setting('default_null_order')").fetchall()
            connection.execute("SET GLOBAL default_null_order = 'NULLS_FIRST'")
        return setting

    fresh = made(False)
    assert [made(True), made(False)] == ["NULLS_FIRST"] * 2 != [fresh] * 2
    with pytest.raises(ZeroDivisionError), engine.opened(read_only=False):
        raise ZeroDivisionError
    assert made(False) == fresh


def test_an_error_of_one_does_not_take_the_file_from_another(engine):
    with engine.opened(read_only=False) as first:
        with pytest.raises(ZeroDivisionError), engine.opened(read_only=False):
            raise ZeroDivisionError
        with engine.opened(read_only=False) as third:
            third.execute("CREATE TABLE made AS SELECT 1 AS a")
        assert first.execute("FROM made").fetchall() == [(1,)]
        assert _is_held(engine)
    assert not _is_held(engine)


def test_reading_beside_writing_in_one_process_is_an_error_that_harms_neither(engine):
    with engine.opened(read_only=False) as writing:
        with pytest.raises(duckdb.ConnectionException, match="in the other mode"), engine.opened(read_only=True):
            pass
        writing.execute("CREATE TABLE made AS SELECT 1 AS a")
    with engine.opened(read_only=True) as reading:
        assert reading.execute("FROM made").fetchall() == [(1,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            reading.execute("DROP TABLE made")


def test_what_a_session_stages_and_sets_ends_with_it(engine):
    with engine.opened(read_only=False) as connection:
        connection.execute("CREATE TEMPORARY TABLE staged AS SELECT 1 AS a")
        connection.register("rows_of_today", pa.table({"a": [1]}))
        connection.execute("SET VARIABLE day = 5")
    with engine.opened(read_only=False) as connection:
        for name in ("staged", "rows_of_today"):
            with pytest.raises(duckdb.CatalogException, match=name):
                connection.execute(f"FROM {name}")
        assert connection.execute("SELECT getvariable('day')").fetchall() == [(None,)]


def test_a_variable_of_the_code_is_no_table_and_times_are_utc(engine, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    frame = pa.table({"a": [1]})
    with engine.opened(read_only=True) as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
        with pytest.raises(duckdb.CatalogException, match="frame"):
            connection.execute("FROM frame")
    assert frame.num_rows == 1


def test_a_file_that_is_no_database_is_an_error_and_can_be_mended(engine):
    good = engine.file.read_bytes()
    engine.file.write_text("no database" * 1000)
    with pytest.raises(duckdb.Error), engine.opened(read_only=False):
        pass
    engine.file.write_bytes(good)
    with engine.opened(read_only=False) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
