"""Folders of parquet files as a person could leave them: cut off, damaged, of another shape, with absurd values.

And seasons that are real but unusual: 66 or 72 games, leap days, games moved between dates, a player on two teams.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from nba_assets.days import DayRange, season_boundary, season_year_of
from nba_assets.sources.archive import ArchiveSource
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.tables.record import Table
from nba_assets_tests.fuzz.deliveries import DAYS, KINDS, other_type
from nba_assets_tests.fuzz.oracle import fetched_and_ingested
from nba_assets_tests.fuzz.text import NASTY, names

_COUNTS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf", "pts")
_HOME, _AWAY = 1610612737, 1610612738


def _season(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def file_row(table: str, day: date, number: int, **given: Any) -> dict[str, Any]:
    """A row as it is in the table's file."""
    year = season_year_of(day)
    key = {"season": _season(year), "game_date": day, "game_id": f"002{year % 100:02d}{number:05d}"}
    who = {"player_id": number % 5, "team_id": _HOME}
    rows: dict[str, dict[str, Any]] = {
        "games": {
            **{**key, "team_id_home": _HOME, "team_id_away": _AWAY, "wl_home": "W", "pts_home": 100, "pts_away": 90},
            **{"team_abbreviation_home": "ATL", "team_abbreviation_away": "BOS", "tipoff_utc": datetime(2024, 2, 29)},
        },
        "player_boxscores": {
            **{**key, **who, "player_name": "A B", "opponent_team_id": _AWAY, "is_home": True, "min": 30},
            **{**dict.fromkeys(_COUNTS, 0), "min_exact": 30.5, "plus_minus": -3},
        },
        "shots": {
            **{**key, **who, "period": 1, "minutes_remaining": 11, "seconds_remaining": 30, "shot_distance": 3},
            **{"shot_type": "2PT Field Goal", "loc_x": 0, "loc_y": 30, "shot_made_flag": 1},
        },
        "game_lines": {
            **{**key, "close_spread_home": -3.5, "close_total": 220.0, "open_spread_home": -3.0},
            **{"open_total": 219.0, "ml_home": -150.0, "ml_away": 130.0},
        },
        "player_props": {
            **{**key, **who, "player": "A B", "market": "player_points", "bookmaker": "book", "side": "Over"},
            **{"line": 20.5, "price": -110.0, "commence_time": datetime(2024, 2, 29, 23)},
        },
        "injuries": {"date": day, **who, "player": "A B", "direction": "out", "notes": "knee"},
    }
    return {**rows["player_boxscores" if table == "active_players" else table], **given}


@dataclass(frozen=True)
class Files:
    """A folder to be: file name -> content. days: what is asked of it."""

    table: Table
    files: dict[str, bytes]
    days: DayRange = DAYS
    is_strict: bool = False

    def __repr__(self) -> str:
        return f"{self.table.name} of {self.days} in {[(n, len(data)) for n, data in self.files.items()]}"


def parquet(rows: pa.Table | list[dict[str, Any]]) -> bytes:
    """The rows as a parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


_any_value = st.one_of(
    *(st.none(), st.booleans(), names, st.floats(), st.integers(-(2**63), 2**63 - 1), st.dates(), st.datetimes()),
    st.sampled_from(
        [-1, 0, 2**31, float("nan"), float("inf"), "2021-22", "20-21", "W", "Over", "3PT", date(9999, 1, 1)]
    ),
)


@st.composite
def one_file(draw: st.DrawFn, table: str) -> bytes:
    """A file of the table with something wrong in it."""
    days = draw(st.lists(st.sampled_from([*DAYS, date(2024, 2, 27), date(2031, 1, 1)]), min_size=1, max_size=5))
    data = pa.Table.from_pylist([file_row(table, day, n) for n, day in enumerate(days, 1)])
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(data.column_names))
        position = data.schema.get_field_index(name)
        if position < 0:
            continue
        what = draw(st.sampled_from(["type", "value", "value", "missing", "twice", "unknown", "renamed"]))
        if what == "type":
            data = data.set_column(position, name, other_type(data.column(position), draw(st.sampled_from(KINDS))))
        elif what == "value":
            values = [draw(_any_value)] * data.num_rows
            data = data.set_column(position, name, pa.array(values))
        elif what == "missing" and data.num_columns > 1:
            data = data.remove_column(position)
        elif what == "twice":
            data = data.append_column(name, data.column(position))
        elif what == "unknown":
            data = data.append_column(draw(names), data.column(position))
        elif what == "renamed":
            given = draw(st.sampled_from([name.upper(), f"{name} ", f'"{name}"', *NASTY[2:5]]))
            data = data.rename_columns([given if n == name else n for n in data.column_names])
    try:
        content = parquet(data)
    except pa.ArrowException:
        content = parquet(data.select([]))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        content = draw(_damaged(content))
    return content


@st.composite
def _damaged(draw: st.DrawFn, content: bytes) -> bytes:
    where = draw(st.integers(0, max(0, len(content) - 1)))
    how = draw(
        st.sampled_from(["cut", "begins late", "flipped", "flipped at the end", "zeroed", "empty", "text", "more"])
    )
    if how in ("flipped", "flipped at the end") and content:
        where = where if how == "flipped" else max(0, len(content) - 1 - where % 600)
        return content[:where] + bytes([content[where] ^ draw(st.integers(1, 255))]) + content[where + 1 :]
    return {
        "cut": content[:where],
        "begins late": content[where:],
        "zeroed": content[:where] + bytes(min(8, len(content) - where)) + content[where + 8 :],
        "empty": b"",
        "text": b"game_id,game_date\n1,2",
    }.get(how, content + b"PAR1")


_file_names = st.sampled_from(["2023-24", "", "a'b; --", "x y", "*", "[0]", "ニ", "\u202e", "$first", "%", "..", "-rf"])


@st.composite
def folders(draw: st.DrawFn) -> Files:
    """One or two files of a table."""
    table = draw(st.sampled_from(RAW_TABLES))
    prefix = "player_boxscores" if table.name == "active_players" else table.name
    suffixes = draw(st.lists(_file_names, min_size=1, max_size=2, unique=True))
    files = {f"{prefix}_{suffix}.parquet": draw(one_file(table.name)) for suffix in suffixes}
    return Files(table, files, is_strict=draw(st.integers(0, 5)) == 5)


@st.composite
def seasons(draw: st.DrawFn) -> Files:
    """A season of any length, dates out of order, games moved to other days, a player of two teams in one day."""
    table = draw(st.sampled_from([TABLES[name] for name in ("games", "player_boxscores", "game_lines", "shots")]))
    year, length = draw(st.integers(2019, 2030)), draw(st.sampled_from([1, 66, 72, 82]))
    first = season_boundary(year)
    offsets = draw(st.lists(st.integers(0, 300), min_size=1, max_size=length))
    ordinals = [first.toordinal() + offset for offset in offsets]
    rows = [file_row(table.name, date.fromordinal(o), n) for n, o in enumerate(ordinals, 1)]
    if table.name == "player_boxscores":
        other = {"player_id": 1, "team_id": _AWAY, "opponent_team_id": _HOME}
        rows += [file_row(table.name, rows[0]["game_date"], 9_000, **other)]
    # The same game again, on another day of the season.
    rows += [{**one, "game_date": date.fromordinal(one["game_date"].toordinal() + 1)} for one in rows[:2]]
    days = DayRange(first, date.fromordinal(first.toordinal() + draw(st.sampled_from([29, 151, 305]))))
    return Files(table, {f"{table.name}_{_season(year)}.parquet": parquet(draw(st.permutations(rows)))}, days)


def read(example: Files, folder: Path) -> str:
    """Read the folder as an archive, and write what it says."""
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    archive.mkdir()
    for name, data in example.files.items():
        (archive / name).write_bytes(data)
    return fetched_and_ingested(ArchiveSource(archive), example.table, example.days, folder, example.is_strict)
