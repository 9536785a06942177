"""Who is active tonight: NBA.com's daily line-ups, out some half an hour before tip-off, kept afterwards.

Rows are of a raw table of active players; a source wires `active_players` to it.
"""

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
    """One row per game and active player of the days. A day whose line-ups are not out yet has none."""
    rows = []
    for day in days:
        for found in desk.by_day(_endpoint(service, day), [day]):
            rows += [{"game_date": day, "season_year": season_year_of(day), **row} for row in found.content]
    return rows


def parse(payload: Any) -> list[Row]:
    """The active players of a feed: game, team, player, whether he starts, and whether his team has confirmed it.

    Before that (`is_confirmed` false) the feed tells who is expected.

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
                "is_confirmed": player["lineupStatus"] == "Confirmed",
            }
            for game in payload["games"]
            for team in (game["homeTeam"], game["awayTeam"])
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
