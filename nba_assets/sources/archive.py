"""The archive: a folder of parquet files, one per table and season, read by day.

Here are the file layout and the mapping from the files' columns to the raw tables' columns. Whether a row is any good
is not judged here but where it is written.
"""

from __future__ import annotations

import glob
from pathlib import Path

import duckdb
import pyarrow as pa

from nba_assets.days import FIRST_DAY, DayRange, season_boundary
from nba_assets.sources.protocol import SourceError
from nba_assets.sources.stats_columns import LOOKUP, SEASON_YEAR, STATS_MAPPINGS
from nba_assets.tables import TABLES

_SEASON_YEAR_OF_DATE = (
    "CASE "
    + " ".join(
        f"WHEN date >= DATE '{season_boundary(year)}' THEN {year}" for year in range(FIRST_DAY.year + 20, 2009, -1)
    )
    + " END"
)
_MARKET = "CASE market WHEN 'player_threes' THEN 'threes' ELSE replace(market, 'player_', '') END"

# table -> raw column -> SQL over the file's columns. `?name` marks a column that older files lack: NULL there.
_MAPPINGS: dict[str, dict[str, str]] = {
    **STATS_MAPPINGS,
    "games": {
        "game_date": "game_date",
        "game_id": "game_id",
        "season_year": SEASON_YEAR,
        "home_team_id": "team_id_home",
        "away_team_id": "team_id_away",
        "home_team_abbreviation": "team_abbreviation_home",
        "away_team_abbreviation": "team_abbreviation_away",
        "tipoff_utc": "?tipoff_utc",
        "status": "CASE WHEN wl_home IS NULL THEN 'scheduled' ELSE 'final' END",
        "home_points": "CASE WHEN wl_home IS NOT NULL THEN pts_home END",
        "away_points": "CASE WHEN wl_home IS NOT NULL THEN pts_away END",
    },
    "game_lines": {
        "game_date": "game_date",
        "game_id": "game_id",
        "season_year": SEASON_YEAR,
        "bookmaker": "'consensus'",
        "home_spread": "close_spread_home",
        "total": "close_total",
        "opening_home_spread": "?open_spread_home",
        "opening_total": "?open_total",
        "home_moneyline": "?ml_home",
        "away_moneyline": "?ml_away",
        "snapshot_utc": "CAST(NULL AS TIMESTAMP)",
    },
    "player_props": {
        "game_date": "game_date",
        "game_id": "game_id",
        "season_year": "2000 + CAST(substr(game_id, 4, 2) AS BIGINT)",
        "player_id": "player_id",
        "player_name": "player",
        "player_lookup": LOOKUP.format(name="player"),
        "market": _MARKET,
        "bookmaker": "bookmaker",
        "side": "lower(side)",
        "line": "line",
        "price_american": "price",
        "snapshot_utc": "CAST(NULL AS TIMESTAMP)",
        "tipoff_utc": "commence_time",
    },
    "injuries": {
        "game_date": "date",
        "season_year": _SEASON_YEAR_OF_DATE,
        "player_id": "player_id",
        "player_name": "player",
        "player_lookup": LOOKUP.format(name="player"),
        "team_id": "team_id",
        "status": "CASE direction WHEN 'out' THEN 'out' WHEN 'back' THEN 'available' END",
        "reason": "notes",
    },
}
_MAPPINGS["active_players"] = {
    name: _MAPPINGS["player_boxscores"][name]
    for name in ("game_date", "game_id", "season_year", "player_id", "player_name", "player_lookup", "team_id")
} | {"is_starter": "CAST(NULL AS BOOLEAN)"}
_DAY_COLUMN = {"injuries": "date"}
_FILES_OF = {"active_players": "player_boxscores"}
"""Tables that have no files of their own. Who was on the list is taken to be who appeared."""


class ArchiveSource:
    """Reads `<table>_*.parquet` in a folder. A table without files has no rows; a file of another shape is an error."""

    name = "archive"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        """Rows of nba_raw.<table> in `days`, mapped to its columns.

        Raises:
            SourceError: a file cannot be read or lacks a column; names file and column.
        """
        with duckdb.connect() as connection:
            parts = [self._read(connection, table, file, days) for file in self._files(table)]
        schema = pa.schema([(name, pa.null()) for name in TABLES[table].column_names])
        try:
            return pa.concat_tables(parts, promote_options="permissive") if parts else schema.empty_table()
        except pa.ArrowException as error:
            files = ", ".join(file.name for file in self._files(table))
            raise SourceError(
                f"The archive files {files} (table nba_raw.{table}, days {days}) do not go together: {error}. Give the "
                "column the same type in all of them, or move the one that differs out of the folder."
            ) from error

    def _files(self, table: str) -> list[Path]:
        return sorted(self._folder.glob(f"{_FILES_OF.get(table, table)}_*.parquet"))

    def _read(self, connection: duckdb.DuckDBPyConnection, table: str, file: Path, days: DayRange) -> pa.Table:
        try:
            # This very file: unescaped, a star in its name would stand for others.
            relation = connection.read_parquet(glob.escape(str(file)))
            have = set(relation.columns)
            select = ", ".join(f"{_expression(sql, have)} AS {name}" for name, sql in _MAPPINGS[table].items())
            # The relation is read through a view: a file's name never becomes part of a statement.
            relation.create_view("file", replace=True)
            day = _DAY_COLUMN.get(table, "game_date")
            query = (
                f"SELECT {select}, '{self.name}' AS source FROM file WHERE CAST({day} AS DATE) BETWEEN $first AND $last"
            )
            return connection.sql(query, params={"first": days.first, "last": days.last}).to_arrow_table()
        except duckdb.Error as error:
            detail = str(error).splitlines()[0]
            raise SourceError(
                f"The archive file {file.name} (table nba_raw.{table}, days {days}) cannot be read: {detail} "
                f"Compare its columns with the archive layout, or move it out of the folder."
            ) from error


def _expression(sql: str, columns: set[str]) -> str:
    if not sql.startswith("?"):
        return sql
    return sql[1:] if sql[1:] in columns else "NULL"
