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
from nba_assets.teams import TEAMS

RESULT_SET = "PlayerGameLogs"
COLUMNS = [
    "SEASON_YEAR",
    "PLAYER_ID",
    "PLAYER_NAME",
    "TEAM_ID",
    "GAME_ID",
    "GAME_DATE",
    "MATCHUP",
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
_TEAM_OF = {team.abbreviation: team.team_id for team in TEAMS}


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
    """Box scores of the days, with stats.nba.com's columns in lower case and those that the archive has besides."""
    found = desk.by_day(endpoint(service), days)
    return [stats.of_days(one.content, one.days) for one in found]


def parse(payload: Any) -> pa.Table:
    """Box scores with the day as a date, the opponent's id and who is at home.

    Raises:
        ShapeError: a column is missing, or a match-up is none of two known teams.
    """
    values = stats.columns(payload, RESULT_SET, COLUMNS)
    try:
        opponents = [_TEAM_OF[matchup.split()[-1]] for matchup in values["MATCHUP"]]
        days = [date.fromisoformat(text[:10]) for text in values["GAME_DATE"]]
    except (KeyError, IndexError, AttributeError, TypeError, ValueError) as error:
        raise ShapeError(f"a MATCHUP or GAME_DATE cannot be read: {error}.") from error
    lower = {name.lower(): column for name, column in values.items()}
    return stats.as_table(
        {
            **lower,
            "season": lower["season_year"],
            "game_date": days,
            "min_exact": lower["min"],
            "opponent_team_id": opponents,
            "is_home": [" vs. " in matchup for matchup in values["MATCHUP"]],
        }
    )
