"""Hand-made rows of any table, and a runner of one transform on them in an in-memory DuckDB.

A test states only what matters to it; every other column gets a valid default.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from nba_assets.days import DayRange, season_year_of
from nba_assets.tables import TABLES, Table
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.record import Column

DAY = date(2022, 1, 15)
"""A day in the middle of season 2021-22, for tests to whom the day does not matter."""
ATL, BOS, CLE, NOP = 1610612737, 1610612738, 1610612739, 1610612740

_PLAIN = {"int64": 0, "float64": 0.0, "string": "x", "boolean": False, "date": DAY, "timestamp": datetime(2022, 1, 15)}
_NAMED = {
    "player_id": 1,
    "player_name": "A Player",
    "player_lookup": "aplayer",
    "team_id": ATL,
    "opponent_team_id": BOS,
    "home_team_id": ATL,
    "away_team_id": BOS,
    "home_team_abbreviation": "ATL",
    "away_team_abbreviation": "BOS",
    "is_home": True,
    "period": 1,
    "status": "scheduled",
    "market": "points",
    "information_set": "pregame",
    "side": "over",
    "bookmaker": "book",
    "line": 20.5,
    "roster_source": "projected",
    "context_source": "current_season",
    "quality_tier": "high",
    "source": "test",
}
_BY_TABLE: dict[str, dict[str, Any]] = {
    "player_boxscores": {"minutes": 24.0},
    "player_game_summary": {"minutes": 24.0, "player_name": "A Player", "player_lookup": "aplayer"},
    "injuries": {"status": "out"},
}


def game_id(number: int = 1, season_year: int = 2021) -> str:
    """The 10-character id of a season's game: (1, 2021) -> '0022100001'."""
    return f"002{season_year % 100:02d}{number:05d}"


def _default(table: Table, column: Column, given: Mapping[str, Any]) -> Any:
    if column.name == "game_date":
        return DAY
    if column.name == "season_year":
        return season_year_of(given.get("game_date", DAY))
    if column.name == "game_id":
        return game_id(season_year=given.get("season_year", season_year_of(given.get("game_date", DAY))))
    special = _BY_TABLE.get(table.name, {})
    if column.name in special:
        return special[column.name]
    if not column.required:
        return None
    return _NAMED.get(column.name, _PLAIN[column.type])


def rows(table: Table | str, records: Iterable[Mapping[str, Any]] = ()) -> pa.Table:
    """Rows with the record's columns and types: what a record does not state gets a valid default or NULL."""
    table = TABLES[table] if isinstance(table, str) else table
    filled = []
    for record in records:
        unknown = set(record) - set(table.column_names)
        assert not unknown, f"{table.name} has no column {unknown}"
        filled.append({c.name: record.get(c.name, _default(table, c, record)) for c in table.columns})
    return pa.Table.from_pylist(filled, schema=arrow_schema(table))


def box(**given: Any) -> dict[str, Any]:
    """A box score whose points and rebounds add up unless they are stated."""
    made, threes, free = (given.get(n, 0) for n in ("field_goals_made", "three_pointers_made", "free_throws_made"))
    given.setdefault("points", 2 * made + threes + free)
    given.setdefault("rebounds", given.get("offensive_rebounds", 0) + given.get("defensive_rebounds", 0))
    return given


def final(
    day: date, number: int, home: int, away: int, home_points: int = 100, away_points: int = 90
) -> dict[str, Any]:
    """A played game, for `rows("games", ...)`."""
    year = season_year_of(day)
    return {
        "game_date": day,
        "game_id": game_id(number, year),
        "season_year": year,
        "home_team_id": home,
        "away_team_id": away,
        "status": "final",
        "home_points": home_points,
        "away_points": away_points,
    }


def scheduled(day: date, number: int, home: int, away: int, status: str = "scheduled", **more: Any) -> dict[str, Any]:
    """A game without a result, for `rows("games", ...)`."""
    game = final(day, number, home, away)
    return {**game, "status": status, "home_points": None, "away_points": None, **more}


def appearances(count: int, last_day: date = DAY - timedelta(days=1), **given: Any) -> list[dict[str, Any]]:
    """Consecutive daily games of one player for `rows("player_game_summary", ...)`, the latest on last_day.

    A value that is a list gives one value per game, oldest first.
    """
    made = []
    for n in range(count):
        day = last_day - timedelta(days=count - 1 - n)
        year = season_year_of(day)
        one = {name: value[n] if isinstance(value, list) else value for name, value in given.items()}
        number = (day - date(year, 1, 1)).days
        made.append({"game_date": day, "season_year": year, "game_id": game_id(number, year), **one})
    return made


def transform_module(name: str) -> ModuleType | None:
    """The module that computes a derived table; None if it is not computed by a transform."""
    path = f"nba_assets.transforms.{TABLES[name].dataset.removeprefix('nba_')}.{name}"
    package = path.rsplit(".", 1)[0]
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(path) is None:
        return None
    return importlib.import_module(path)


@functools.cache
def transformed_tables() -> tuple[str, ...]:
    """Names of the tables that a transform computes, upstreams first."""
    return tuple(name for name in TABLES if transform_module(name) is not None)


def load(connection: Any, name: str, data: pa.Table) -> None:
    """Make the rows a table of an Ibis DuckDB connection, in place of one of the same name."""
    connection.con.register("given", data)
    connection.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
    connection.con.unregister("given")


def put(connection: Any, name: str, data: pa.Table) -> Any:
    """`load`, and the table as an expression."""
    load(connection, name, data)
    return connection.table(name)


@functools.cache
def _connection() -> Any:
    """One in-memory DuckDB for all hand-made frames of this process; each run replaces the tables that it reads."""
    return ibis.duckdb.connect()


@functools.cache
def _compiled(name: str, days: DayRange) -> tuple[str, Any]:
    """The transform as SQL over tables named as the upstreams, and its expression, which keeps its constants alive."""
    connection, inputs = _connection(), {}
    for upstream, look_back in TABLES[name].reads.items():
        source, back = put(connection, upstream, rows(upstream)), look_back.days_for(days)
        inputs[upstream] = source.filter(source.game_date.between(ibis.literal(back.first), ibis.literal(back.last)))
    module = transform_module(name)
    assert module is not None, f"{name} has no transform"
    expression = module.build(**inputs, days=days)
    connection.to_pyarrow(expression)
    return str(connection.compile(expression)), expression


def run(name: str, days: DayRange | date = DAY, **upstreams: pa.Table | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table's rows for the days, computed from hand-made upstreams (those not given are empty), sorted by key.

    Each upstream is cut to its look-back, as the warehouse hands it to a transform. Compiling takes most of the time,
    so it is done once per table and days.
    """
    table, days = TABLES[name], days if isinstance(days, DayRange) else DayRange(days, days)
    unknown = set(upstreams) - set(table.reads)
    assert not unknown, f"{name} does not read {unknown}"
    sql, _ = _compiled(name, days)
    for upstream in table.reads:
        given = upstreams.get(upstream, ())
        load(_connection(), upstream, given if isinstance(given, pa.Table) else rows(upstream, given))
    made = _connection().con.sql(sql).to_arrow_table().cast(arrow_schema(table))
    return arrow_frame(made).sort_values(list(table.key), ignore_index=True)


def run_one(name: str, days: DayRange | date = DAY, **upstreams: Any) -> pd.Series:
    """The only row that `run` gives."""
    frame = run(name, days, **upstreams)
    assert len(frame) == 1, frame
    return frame.iloc[0]


def arrow_frame(data: pa.Table) -> pd.DataFrame:
    """A pandas frame in which whole numbers stay whole and an unknown value is pd.NA or None, never 0."""
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.int32(): pd.Int64Dtype()}
    kinds |= {pa.int8(): pd.Int64Dtype(), pa.int16(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}
    return data.to_pandas(types_mapper=kinds.get, date_as_object=True)


def compute_chain(
    raw: Mapping[str, pa.Table], days: DayRange, only: Iterable[str] | None = None
) -> dict[str, pd.DataFrame]:
    """Every set-based table (or those named) for the days, each computed from the ones before it.

    Tables of results are computed for all days that the raw rows cover, so that the others have their history.
    """
    wanted = transformed_tables() if only is None else tuple(only)
    connection = ibis.duckdb.connect()
    for name, data in raw.items():
        load(connection, name, data)
    first = min(d for d in raw["games"].column("game_date").to_pylist())
    made: dict[str, pd.DataFrame] = {}
    for name in wanted:
        module, table = transform_module(name), TABLES[name]
        if name == "player_lineup_context" and "upcoming_roster" in made:
            put(connection, "player_availability", likely(made["upcoming_roster"]))
            made["player_availability"] = made["upcoming_roster"]
        if module is None or not {*raw, *made}.issuperset(table.reads):
            continue
        is_result = name.endswith("_game_summary")
        span = DayRange(min(first, days.first), days.last) if is_result else days
        inputs = {}
        for upstream, look_back in table.reads.items():
            source, back = connection.table(upstream), look_back.days_for(span)
            inputs[upstream] = source.filter(
                source.game_date.between(ibis.literal(back.first), ibis.literal(back.last))
            )
        rows_of = connection.create_table(name, module.build(**inputs, days=span))
        wanted_rows = rows_of.filter(rows_of.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))
        frame = arrow_frame(connection.to_pyarrow(wanted_rows))
        made[name] = frame.sort_values(list(table.key), ignore_index=True)
    connection.disconnect()
    return made


def likely(roster: pd.DataFrame) -> pa.Table:
    """player_availability for the roster without a model: how often each played of late."""
    share = (roster.appearances_last_10 / roster.team_games_last_10).where(~roster.is_reported_out.fillna(False), 0.0)
    stated = roster[["game_date", "player_id", "game_id", "team_id"]].assign(active_probability=share.astype(float))
    return rows("player_availability", stated.to_dict("records"))


def parameters_of(module: ModuleType) -> tuple[str, ...]:
    """Parameter names of a transform's build function."""
    return tuple(inspect.signature(module.build).parameters)
