"""Injury reports: ESPN's public list of injured players as it stands, one capture after the other.

It has no history: a day of which nothing landed has no reports. Of a day, each team's last list before its tip-off
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, Found, ShapeError, text
from nba_assets.sources.live.odds import Row, team_id
from nba_assets.sources.live.players import Players, canonical
from nba_assets.sources.protocol import player_lookup

_OUT = frozenset({"out", "suspension", "suspended", "injured reserve"})
"""Statuses of players who do not play; of the others (day-to-day, questionable, doubtful, probable) nobody knows."""
_NO_LONGER = "no longer listed"

Listed = dict[int, tuple[Row, ...]]
"""Team id -> its listed players: name, status, reason."""


def service(base_url: str = "https://site.api.espn.com", interval_seconds: float = 1.0) -> Service:
    """The service."""
    return Service("site.api.espn.com", base_url, interval_seconds)


def injuries(
    desk: Desk, service: Service, days: Iterable[date], games: Iterable[Row], players: Mapping[int, Players]
) -> list[Row]:
    """Rows of nba_raw.injuries: who is listed, and who was listed as out by the list before and no longer is."""
    endpoint = _endpoint(service)
    wanted = set(days)
    if desk.client is not None and desk.today in wanted:
        desk.by_day(endpoint, [desk.today])
    offline = replace(desk, client=None)
    tipoffs = _tipoffs(games)
    found: list[Row] = []
    captures: dict[date, list[Found[Listed]]] = {}
    for entry in desk.entries(endpoint.name):
        captures.setdefault(entry.covers.first, []).append(offline.kept(endpoint, entry))
    for day in sorted(wanted & captures.keys()):
        earlier = max((d for d in captures if d < day), default=None)
        before = captures[earlier][-1].content if earlier else {}
        found += _of_day(day, captures[day], before, tipoffs, players.get(season_year_of(day), Players()))
    return found


def _of_day(
    day: date, lists: list[Found[Listed]], before: Listed, tipoffs: Mapping[tuple[date, int], Any], players: Players
) -> list[Row]:
    rows: dict[str, Row] = {}
    listed_now = {canonical(one["name"]) for each in lists for team in each.content.values() for one in team}
    for team in {*before, *(team for each in lists for team in each.content)}:
        tipoff = tipoffs.get((day, team))
        known = [each for each in lists if tipoff is None or each.entry.captured_at < tipoff]
        if not known:
            continue
        gone = [
            {**one, "status": "available", "reason": _NO_LONGER}
            for one in before.get(team, ())
            if one["status"] == "out" and canonical(one["name"]) not in listed_now
        ]
        for one in (*gone, *known[-1].content.get(team, ())):
            rows[canonical(one["name"])] = {
                "game_date": day,
                "season_year": season_year_of(day),
                "player_id": players.find(one["name"], [team]),
                "player_name": one["name"],
                "player_lookup": player_lookup(one["name"]),
                "team_id": team,
                "status": one["status"],
                "reason": one["reason"],
            }
    return list(rows.values())


def _tipoffs(games: Iterable[Row]) -> dict[tuple[date, int], Any]:
    return {
        (game["game_date"], game[f"{side}_team_id"]): game["tipoff_utc"]
        for game in games
        for side in ("home", "away")
        if game["tipoff_utc"] is not None and game["status"] != "postponed"
    }


def _endpoint(service: Service) -> Endpoint[Listed]:
    def params(_: DayRange) -> Mapping[str, str]:
        return {}

    return Endpoint(service, "apis/site/v2/sports/basketball/nba/injuries", params, parse, label="injuries")


def parse(payload: Any) -> Listed:
    """The list by team.

    Raises:
        ShapeError: a field is missing, or a team is not known.
    """
    try:
        listed = [(_team(text(one, "displayName")), one["injuries"]) for one in payload["injuries"]]
        return {team: tuple(map(_player, players)) for team, players in listed}
    except (KeyError, TypeError, AttributeError) as error:
        raise ShapeError(f"the list of injuries lacks {error}.") from error


def _team(name: str) -> int:
    found = team_id(name)
    if found is None:
        raise ShapeError(f"the list of injuries has a team {name!r} that is not known.")
    return found


def _player(one: Row) -> Row:
    details = one.get("details") or {}
    parts = (details.get(name) for name in ("side", "type", "detail"))
    what = " ".join(str(part) for part in parts if part and part != "Not Specified")
    status = text(one, "status")
    return {
        "name": text(one["athlete"], "displayName"),
        "status": "out" if status.strip().lower() in _OUT else "available",
        "reason": f"{status}: {what}" if what else status,
    }
