"""What the services know in a test: games, box scores, shots, players, odds. Rows have the archive's column names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from nba_assets.days import DayRange
from nba_assets.teams import TEAMS

Row = dict[str, Any]
CODE = {team.team_id: team.abbreviation for team in TEAMS}
ATL, BOS, CLE, NOP = 1610612737, 1610612738, 1610612739, 1610612740
FULL_NAME = {ATL: "Atlanta Hawks", BOS: "Boston Celtics", CLE: "Cleveland Cavaliers", NOP: "New Orleans Pelicans"}
DAY = date(2024, 1, 15)
COUNTS = ("fgm", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl")
COUNTS += ("blk", "tov", "pf", "pts", "plus_minus")


@dataclass
class World:
    """All that the services answer from. row_limit: where the shot chart is cut. key: of The Odds API."""

    games: list[Row] = field(default_factory=list)
    boxes: list[Row] = field(default_factory=list)
    shots: list[Row] = field(default_factory=list)
    players: list[tuple[int, int, str]] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    props: list[Row] = field(default_factory=list)
    injuries: dict[str, list[Row]] = field(default_factory=dict)
    lineups: dict[date, list[Row]] = field(default_factory=dict)
    row_limit: int = 102_400
    key: str = "s3cret-odds-key"


def game(day: date = DAY, number: int = 1, home: int = ATL, away: int = BOS, **given: Any) -> Row:
    """A final game, unless `text` and `state` say something else. tipoff: half past seven in the evening, Eastern."""
    return {
        "game_date": day,
        "game_id": f"00223{number:05d}",
        "team_id_home": home,
        "team_id_away": away,
        "team_abbreviation_home": CODE[home],
        "team_abbreviation_away": CODE[away],
        "pts_home": 101,
        "pts_away": 99,
        "tipoff_utc": datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, minutes=30),
        "state": 3,
        "text": "Final",
        **given,
    }


def upcoming(day: date = DAY, number: int = 1, home: int = ATL, away: int = BOS, **given: Any) -> Row:
    """A game that has not begun."""
    return game(day, number, home, away, **{"pts_home": 0, "pts_away": 0, "state": 1, "text": "7:30 pm ET", **given})


def box(of: Row, player_id: int = 1, name: str = "A Player", attempts: int = 2, is_home: bool = True) -> Row:
    """A player's box score: every attempt a missed two-pointer."""
    sides = ("home", "away") if is_home else ("away", "home")
    counts = dict.fromkeys(
        [
            "fgm",
            "fg3m",
            "fg3a",
            "ftm",
            "fta",
            "oreb",
            "dreb",
            "reb",
            "ast",
            "stl",
            "blk",
            "tov",
            "pf",
            "pts",
            "plus_minus",
        ],
        0,
    )
    return {
        "season": "2023-24",
        "game_date": of["game_date"],
        "game_id": of["game_id"],
        "player_id": player_id,
        "player_name": name,
        "team_id": of[f"team_id_{sides[0]}"],
        "opponent_team_id": of[f"team_id_{sides[1]}"],
        "is_home": is_home,
        "min_exact": 30.5,
        **counts,
        "fga": attempts,
    }


def shots_of(score: Row, count: int | None = None) -> list[Row]:
    """The attempts of a box score, or as many as said."""
    one = {
        **{name: score[name] for name in ("game_date", "game_id", "player_id", "team_id")},
        "period": 1,
        "seconds_remaining": 30,
        "shot_type": "2PT Field Goal",
        "shot_distance": 3,
        "loc_x": 10,
        "loc_y": 20,
        "shot_made_flag": 0,
    }
    return [{**one, "minutes_remaining": 11 - n % 12} for n in range(score["fga"] if count is None else count)]


def of_archive(folder: Path, season: str, first: date, last: date) -> World:
    """A world that is some days of an archive of real games: what stats.nba.com would have answered on them.

    The archive of these seasons states no times of tip-off: half past seven in the evening, Eastern.
    """
    between = f"BETWEEN DATE '{first}' AND DATE '{last}'"

    def rows(table: str) -> list[Row]:
        file = f"read_parquet('{folder}/{table}_{season}.parquet')"
        sql = f"SELECT * REPLACE (CAST(game_date AS DATE) AS game_date) FROM {file} WHERE game_date {between}"
        with duckdb.connect() as connection:
            return connection.sql(sql).to_arrow_table().to_pylist()

    games = [game(one["game_date"], **_named(one)) for one in rows("games")]
    boxes = rows("player_boxscores")
    return World(
        games=games,
        boxes=boxes,
        shots=rows("shots"),
        players=sorted({(b["team_id"], b["player_id"], b["player_name"]) for b in boxes}),
        lines=rows("game_lines"),
    )


def _named(one: Row) -> Row:
    wanted = ("team_id", "team_abbreviation", "pts")
    sides = {f"{name}_{side}": one[f"{name}_{side}"] for name in wanted for side in ("home", "away")}
    return {"game_id": one["game_id"], **sides}


def week(count: int = 3, first: date = DAY) -> DayRange:
    """So many days from the first on."""
    return DayRange(first, first + timedelta(days=count - 1))


def filled(world: World, days: DayRange) -> None:
    """A final game with one player and his shots on each day."""
    for number, day in enumerate(days, 1):
        one = game(day, number)
        world.games.append(one)
        world.boxes.append(box(one))
        world.shots += shots_of(world.boxes[-1])
