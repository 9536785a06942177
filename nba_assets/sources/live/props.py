"""Player props out of a snapshot of an event's odds: one row per game, player, market, bookmaker and side.

A name that nobody was found for has no player_id; the warehouse sets such a row aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from nba_assets.markets import MARKETS
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk
from nba_assets.sources.live.odds import (
    LINES_FROM,
    PROPS_FROM,
    Row,
    event_of,
    last_before_tipoff,
    lines_of,
    props_of,
    utc,
)
from nba_assets.sources.live.players import Players
from nba_assets.sources.protocol import player_lookup

_MARKETS = {f"player_{market.name}": market.name for market in MARKETS}
"""The service's keys, which are ours with a prefix."""


def player_props(desk: Desk, service: Service, games: Iterable[Row], players: Mapping[int, Players]) -> list[Row]:
    """Rows of nba_raw.player_props of the games, as of the last snapshot before each tip-off."""
    rows = []
    for game in games:
        if desk.now >= (game["tipoff_utc"] or desk.now) and game["game_date"] < PROPS_FROM:
            continue
        # The service's id of the game is in the game lines.
        lines = last_before_tipoff(desk, game, lines_of(service), LINES_FROM)
        event = event_of(game, lines) if lines else None
        if event is None:
            continue
        asked = props_of(service, event["id"], ",".join(_MARKETS))
        snapshot = last_before_tipoff(desk, game, asked, PROPS_FROM)
        if snapshot:
            of_season = players.get(game["season_year"], Players())
            rows += [row for quoted in snapshot.events for row in _rows(game, quoted, of_season, snapshot.taken_at)]
    return rows


def _rows(game: Row, event: Row, players: Players, taken_at: datetime) -> Iterable[Row]:
    teams = (game["home_team_id"], game["away_team_id"])
    found: dict[str, int | None] = {}
    for bookmaker in event["bookmakers"]:
        for market in bookmaker["markets"]:
            if market["key"] not in _MARKETS:
                continue
            for outcome in market["outcomes"]:
                name = outcome.get("description") or ""
                if name not in found:
                    found[name] = players.find(name, teams)
                yield {
                    "game_date": game["game_date"],
                    "game_id": game["game_id"],
                    "season_year": game["season_year"],
                    "player_id": found[name],
                    "player_name": name,
                    "player_lookup": player_lookup(name),
                    "market": _MARKETS[market["key"]],
                    "bookmaker": bookmaker["title"],
                    "side": outcome["name"].lower(),
                    "line": outcome.get("point"),
                    "price_american": outcome["price"],
                    "snapshot_utc": taken_at,
                    "tipoff_utc": utc(event["commence_time"]),
                }
