"""Shots: shotchartdetail, held against the box scores. stats.nba.com cuts a long answer without a word."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from nba_assets.days import DayRange
from nba_assets.sources.live import boxscores, stats
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, ShapeError

RESULT_SET = "Shot_Chart_Detail"
COLUMNS = [
    "GAME_ID",
    "PLAYER_ID",
    "TEAM_ID",
    "PERIOD",
    "MINUTES_REMAINING",
    "SECONDS_REMAINING",
    "SHOT_TYPE",
    "SHOT_DISTANCE",
    "LOC_X",
    "LOC_Y",
    "SHOT_MADE_FLAG",
    "GAME_DATE",
]
ROW_LIMIT = 102_400
"""Rows after which stats.nba.com stops."""
_LOG = logging.getLogger(__name__)
_OFF = """
    SELECT game_id, min(game_date) AS game_date, sum(shots) AS shots, sum(attempts) AS attempts,
        count(*) FILTER (shots <> attempts) AS players
    FROM (
        SELECT coalesce(s.game_id, b.game_id) AS game_id, coalesce(b.game_date, s.game_date) AS game_date,
            coalesce(s.shots, 0) AS shots, coalesce(b.fga, 0) AS attempts
        FROM (SELECT game_id, player_id, min(game_date) AS game_date, count(*) AS shots FROM taken GROUP BY ALL) AS s
        FULL JOIN box AS b ON b.game_id = s.game_id AND b.player_id = s.player_id
    )
    GROUP BY game_id HAVING players > 0 ORDER BY game_id
"""


def endpoint(service: Service, game_id: str = "") -> Endpoint[pa.Table]:
    """Shots of days, or of one game."""

    def params(days: DayRange) -> dict[str, str]:
        from nba_api.stats.endpoints import shotchartdetail

        return stats.parameters(
            shotchartdetail.ShotChartDetail,
            team_id=0,
            player_id=0,
            context_measure_simple="FGA",
            season_nullable=stats.season(days),
            season_type_all_star=stats.SEASON_TYPE,
            date_from_nullable=stats.us_date(days.first),
            date_to_nullable=stats.us_date(days.last),
            game_id_nullable=game_id,
        )

    return Endpoint(
        service,
        "stats/shotchartdetail",
        params,
        parse,
        is_cut=lambda rows: rows.num_rows >= ROW_LIMIT,
        variant=game_id or "all",
        label="shotchartdetail",
    )


def shots(desk: Desk, service: Service, days: Iterable[date]) -> list[pa.Table]:
    """Shots of the days, of games whose shots add up to the attempts in the box scores, player by player.

    A game that does not add up is asked for once more, alone. If shots are missing even so, the game is left out (it is
    missing, not shotless) with a warning; if none are missing, as after a correction, it is delivered with a warning.
    """
    days = sorted(set(days))
    if not days:
        return []
    parts = [stats.of_days(one.content, one.days) for one in desk.by_day(endpoint(service), days)]
    taken = _together(parts)
    box = _together(boxscores.boxscores(desk, service, days)).select(["game_id", "game_date", "player_id", "fga"])
    for game_id, day, *_ in _off(taken, box):
        alone = desk.by_day(endpoint(service, game_id), [day], is_optional=True)
        if alone:
            others = taken.filter(pc.invert(pc.equal(taken["game_id"], game_id)))
            taken = _together([others, *(stats.of_days(one.content, one.days) for one in alone)])
    for game_id, day, shot_count, attempts, players in _off(taken, box):
        is_short = shot_count < attempts
        if is_short:
            taken = taken.filter(pc.invert(pc.equal(taken["game_id"], game_id)))
        _LOG.warning(
            "Shots of game %s, %s, do not add up: %d shots, %d attempts in the box score, %d players differ. %s",
            *(game_id, day, shot_count, attempts, players),
            "The game is left out until they do." if is_short else "They are delivered: none are missing.",
        )
    return [taken]


def parse(payload: Any) -> pa.Table:
    """Shots with the day as a date.

    Raises:
        ShapeError: a column is missing, or a date cannot be read.
    """
    values = stats.columns(payload, RESULT_SET, COLUMNS)
    try:
        days = [date.fromisoformat(text) for text in values["GAME_DATE"]]
    except (TypeError, ValueError) as error:
        raise ShapeError(f"a GAME_DATE cannot be read: {error}.") from error
    rows = stats.as_table({name.lower(): column for name, column in values.items()} | {"game_date": days})
    # Of any day, by its number: 0022100001 is a game of 2021-22.
    seasons = [f"20{game[3:5]}-{(int(game[3:5]) + 1) % 100:02d}" for game in values["GAME_ID"]]
    return rows.append_column("season", pa.array(seasons, pa.string()))


def _off(taken: pa.Table, box: pa.Table) -> list[tuple[Any, ...]]:
    """Games in which a player's shots are not his attempts: game_id, game_date, shots, attempts, players who differ."""
    if not box.num_rows and not taken.num_rows:
        return []
    with duckdb.connect() as connection:
        connection.register("taken", taken.select(["game_id", "game_date", "player_id"]))
        connection.register("box", box)
        return connection.execute(_OFF).fetchall()


def _together(parts: list[pa.Table]) -> pa.Table:
    """One table of several; an empty answer tells no types."""
    filled = [part for part in parts if part.num_rows]
    return pa.concat_tables(filled, promote_options="permissive") if filled else parts[0]
