"""Who is active tonight: NBA.com's daily line-ups, confirmed some half an hour before tip-off, kept afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, ShapeError
from nba_assets.sources.protocol import player_lookup

_NOT_OUT_YET = frozenset({403, 404})

Row = dict[str, Any]


def active_players(desk: Desk, service: Service, days: Iterable[date]) -> list[Row]:
    """Rows of nba_raw.active_players on the days. Teams that have not confirmed theirs yet have none."""
    rows = []
    for day in days:
        for found in desk.by_day(_endpoint(service, day), [day]):
            rows += [{"game_date": day, "season_year": season_year_of(day), **row} for row in found.content]
    return rows


def parse(payload: Any) -> list[Row]:
    """The active players of the teams that have confirmed their line-up: game, team, player, whether he starts.

    Before that the feed tells whom somebody expects, which is no list.

    Raises:
        ShapeError: a field is missing; names it.
    """
    if payload is None:
        return []
    try:
        return [
            {
                "game_id": game["gameId"],
                "team_id": team["teamId"],
                "player_id": player["personId"],
                "player_name": player["playerName"],
                "player_lookup": player_lookup(player["playerName"]),
                "is_starter": bool(player["position"]),
            }
            for game in payload["games"]
            for team in (game["homeTeam"], game["awayTeam"])
            if any(player["lineupStatus"] == "Confirmed" for player in team["players"])
            for player in team["players"]
            if player["rosterStatus"] == "Active"
        ]
    except (KeyError, TypeError) as error:
        raise ShapeError(f"the line-ups lack {error}.") from error


def _endpoint(service: Service, day: date) -> Endpoint[list[Row]]:
    def params(_: DayRange) -> dict[str, str]:
        return {}

    path = f"js/data/leaders/00_daily_lineups_{day:%Y%m%d}.json"
    return Endpoint(service, path, params, parse, absent=_NOT_OUT_YET, label="daily_lineups")
