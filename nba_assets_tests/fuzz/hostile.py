"""A home in which every text that comes from a source is hostile, and all that the engine was told while it was made.

Players, bookmakers and reasons are called by `text.NASTY`, with a canary in each. Three days are built by the command,
without history; DuckDB itself writes down every statement of every connection.
"""

from __future__ import annotations

import atexit
import csv
import functools
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pytest

from nba_assets import platform
from nba_assets.days import DayRange
from nba_assets.sources.protocol import Source
from nba_assets.sources.simulated import SimulatedSource
from nba_assets_tests.cli.command import EVE, HOLIDAY, Outcome, run
from nba_assets_tests.cli.conftest import set_up
from nba_assets_tests.fuzz.text import CANARY, NASTY

_TEXTS = ("player_name", "player_lookup", "bookmaker", "reason")
NAMES = tuple(f"{CANARY}<b onx=1> {one.strip()}" for one in NASTY)


@dataclass(frozen=True)
class Hostile:
    """A source whose texts are hostile. Now and then a line is of nobody, so that its name is among the unmatched."""

    inner: Source
    name: str = "simulated"

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        rows = self.inner.fetch(table, days)
        for column in (c for c in _TEXTS if c in rows.column_names):
            keys = rows["player_id"].to_pylist() if "player_id" in rows.column_names else [0] * len(rows)
            if column == "bookmaker":
                # Python's own hash of text is another in each process.
                keys = [zlib.crc32(book.encode()) for book in rows["bookmaker"].to_pylist()]
            texts = [NAMES[key % len(NAMES)] for key in keys]
            rows = rows.set_column(rows.schema.get_field_index(column), column, pa.array(texts, pa.string()))
        if table == "player_props":
            unknown = [None if key % 5 == 0 else key for key in rows["player_id"].to_pylist()]
            position = rows.schema.get_field_index("player_id")
            rows = rows.set_column(position, "player_id", pa.array(unknown, pa.int64()))
        return rows


@contextmanager
def recorded(folder: Path) -> Iterator[None]:
    """Have every DuckDB connection that is opened meanwhile write its statements into a folder of its own."""
    connect = duckdb.connect

    def recording(*arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*arguments, **named)
        log = tempfile.mkdtemp(dir=folder)
        connection.execute(f"CALL enable_logging('QueryLog', storage_path='{log}')")
        return connection

    with mock.patch.object(duckdb, "connect", recording):
        yield


def statements(folder: Path) -> list[str]:
    """What DuckDB was told, by its own account."""
    csv.field_size_limit(2**31 - 1)
    found = []
    for file in folder.rglob("duckdb_log_entries.csv"):
        # As it came: text with NUL would end the reader's line.
        with file.open(newline="", encoding="utf-8", errors="backslashreplace") as stream:
            rows = csv.DictReader(line.replace("\0", "\\0") for line in stream)
            found += [row["message"] for row in rows if row["type"] == "QueryLog"]
    return found


@contextmanager
def working_in(home: Path) -> Iterator[None]:
    """Commands work in this home, on the hostile source."""
    hostile = Hostile(SimulatedSource(seed=7))
    with pytest.MonkeyPatch.context() as patch, mock.patch.object(platform, "_build_source", return_value=hostile):
        set_up(patch, home)
        yield


@functools.cache
def built() -> tuple[Path, Path, Outcome]:
    """The home, the folder of statements, and what the backfill said. Made once in a process; not to be changed."""
    folder = Path(tempfile.mkdtemp(prefix="nba-assets-hostile-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "log").mkdir()
    with working_in(folder / "home"), recorded(folder / "log"):
        said = run("backfill", EVE, HOLIDAY, "--no-history")
    return folder / "home", folder / "log", said
