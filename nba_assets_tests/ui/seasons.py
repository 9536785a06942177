"""An archive of one's own to read from: a copy of the real seasons, or the simulated league written as one."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.sources.simulated import SimulatedSource

_AS_FILES = {
    "games": """
        SELECT CAST(season_year AS VARCHAR) AS season, game_date, game_id,
               home_team_id AS team_id_home, away_team_id AS team_id_away,
               home_team_abbreviation AS team_abbreviation_home, away_team_abbreviation AS team_abbreviation_away,
               CASE WHEN home_points > away_points THEN 'W' WHEN home_points < away_points THEN 'L' END AS wl_home,
               home_points AS pts_home, away_points AS pts_away
        FROM rows""",
    "player_boxscores": """
        SELECT CAST(season_year AS VARCHAR) AS season, game_date, game_id, player_id, player_name, team_id,
               opponent_team_id, is_home, CAST(minutes AS BIGINT) AS min, minutes AS min_exact,
               field_goals_made AS fgm, field_goals_attempted AS fga, three_pointers_made AS fg3m,
               three_pointers_attempted AS fg3a, free_throws_made AS ftm, free_throws_attempted AS fta,
               offensive_rebounds AS oreb, defensive_rebounds AS dreb, rebounds AS reb, assists AS ast, steals AS stl,
               blocks AS blk, turnovers AS tov, personal_fouls AS pf, points AS pts, plus_minus
        FROM rows""",
    "shots": """
        SELECT CAST(season_year AS VARCHAR) AS season, game_date, game_id, player_id, team_id, period,
               seconds_remaining // 60 AS minutes_remaining, seconds_remaining % 60 AS seconds_remaining,
               CASE WHEN is_three THEN '3PT Field Goal' ELSE '2PT Field Goal' END AS shot_type,
               shot_distance_feet AS shot_distance, loc_x, loc_y, CAST(is_made AS BIGINT) AS shot_made_flag
        FROM rows
        WHERE game_date < '2022-01-07'
          AND game_id <> (SELECT min(game_id) FROM rows WHERE game_date = '2022-01-06')""",
}
"""Table -> its rows as columns of the files. As in the real seasons, the shots of a game on 6 January 2022 are missing,
and from the 7th on all are."""


def copy_of_the_real_seasons(archive: Path, folder: Path) -> None:
    for file in archive.glob("*.parquet"):
        shutil.copyfile(file, folder / file.name)


def simulated_seasons(folder: Path, until: DayRange) -> None:
    source = SimulatedSource(seed=7)
    with duckdb.connect() as connection:
        for table, query in _AS_FILES.items():
            connection.register("rows", source.fetch(table, DayRange(FIRST_DAY, until.last)))
            connection.sql(query).write_parquet(str(folder / f"{table}_2021-22.parquet"))


def rows_by_day(folder: Path, table: str, days: DayRange) -> dict[str, int]:
    """Day -> the rows that the files have for it."""
    with duckdb.connect() as connection:
        counted = connection.execute(
            "SELECT CAST(CAST(game_date AS DATE) AS VARCHAR), count(*) FROM read_parquet($files, union_by_name = true) "
            "GROUP BY 1",
            {"files": [str(file) for file in folder.glob(f"{table}_*.parquet")]},
        ).fetchall()
    found = dict(counted)
    return {str(day): found.get(str(day), 0) for day in days}
