"""Players' box scores: playergamelogs. leaguegamelog has the same rows, but its minutes are rounded to whole ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.sources.live import stats
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, ShapeError

RESULT_SET = "PlayerGameLogs"
COLUMNS = [
    "SEASON_YEAR",
    "PLAYER_ID",
    "PLAYER_NAME",
    "TEAM_ID",
    "GAME_ID",
    "GAME_DATE",
    "MIN",
    "FGM",
    "FGA",
    "FG3M",
    "FG3A",
    "FTM",
    "FTA",
    "OREB",
    "DREB",
    "REB",
    "AST",
    "STL",
    "BLK",
    "TOV",
    "PF",
    "PTS",
    "PLUS_MINUS",
]


def endpoint(service: Service) -> Endpoint[pa.Table]:
    """Box scores of days."""

    def params(days: DayRange) -> dict[str, str]:
        from nba_api.stats.endpoints import playergamelogs

        return stats.parameters(
            playergamelogs.PlayerGameLogs,
            season_nullable=stats.season(days),
            season_type_nullable=stats.SEASON_TYPE,
            measure_type_player_game_logs_nullable="Base",
            per_mode_simple_nullable="Totals",
            date_from_nullable=stats.us_date(days.first),
            date_to_nullable=stats.us_date(days.last),
        )

    return Endpoint(service, "stats/playergamelogs", params, parse, label="playergamelogs")


def boxscores(desk: Desk, service: Service, days: Iterable[date]) -> list[pa.Table]:
    """Box scores of the days, with stats.nba.com's columns in lower case. Who is at home is in the schedule."""
    found = desk.by_day(endpoint(service), days)
    return [stats.of_days(one.content, one.days) for one in found]


def parse(payload: Any) -> pa.Table:
    """Box scores with the day as a date.

    Raises:
        ShapeError: a column is missing, or a day cannot be read.
    """
    values = stats.columns(payload, RESULT_SET, COLUMNS)
    try:
        days = [date.fromisoformat(text[:10]) for text in values["GAME_DATE"]]
        for season in values["SEASON_YEAR"]:
            int(season[:4])
    except (TypeError, ValueError) as error:
        raise ShapeError(f"a GAME_DATE or SEASON_YEAR cannot be read: {error}.") from error
    lower = {name.lower(): column for name, column in values.items()}
    return stats.as_table({**lower, "season": lower["season_year"], "game_date": days, "min_exact": lower["min"]})
