"""Game lines out of a snapshot of odds: one row per game and bookmaker."""

from __future__ import annotations

from collections.abc import Iterable

from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk
from nba_assets.sources.live.odds import LINES_FROM, Row, event_of, last_before_tipoff, lines_of


def game_lines(desk: Desk, service: Service, games: Iterable[Row]) -> list[Row]:
    """Rows of nba_raw.game_lines of the games, as of the last snapshot before each tip-off."""
    rows = []
    for game in games:
        snapshot = last_before_tipoff(desk, game, lines_of(service), LINES_FROM)
        event = event_of(game, snapshot) if snapshot else None
        if snapshot and event:
            rows += [_row(game, event, bookmaker, snapshot.taken_at) for bookmaker in event["bookmakers"]]
    return rows


def _row(game: Row, event: Row, bookmaker: Row, taken_at: object) -> Row:
    quoted = {
        (market["key"], outcome["name"]): outcome for market in bookmaker["markets"] for outcome in market["outcomes"]
    }

    def value(market: str, name: str, field: str) -> float | None:
        return quoted.get((market, name), {}).get(field)

    home, away = event["home_team"], event["away_team"]
    return {
        "game_date": game["game_date"],
        "game_id": game["game_id"],
        "season_year": game["season_year"],
        "bookmaker": bookmaker["title"],
        "home_spread": value("spreads", home, "point"),
        "total": value("totals", "Over", "point"),
        # What a line opened with is in nobody's snapshot before tip-off.
        "opening_home_spread": None,
        "opening_total": None,
        "home_moneyline": value("h2h", home, "price"),
        "away_moneyline": value("h2h", away, "price"),
        "snapshot_utc": taken_at,
    }
