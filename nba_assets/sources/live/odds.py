"""The Odds API, version 4: the service, and which snapshot of a game's odds is the last before tip-off.

What is read out of a snapshot is in `lines.py` and `props.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nba_assets.days import DayRange
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import EASTERN, Desk, Endpoint, ShapeError, text
from nba_assets.sources.protocol import player_lookup

SPORT = "basketball_nba"
REGIONS = "us"
LINES_FROM = date(2020, 6, 6)
PROPS_FROM = date(2023, 5, 3)
"""First days of the service's history: of game lines, and of player props."""
CLOSE = timedelta(hours=1)
"""A landed snapshot this near tip-off is the last one; history, which costs ten times as much, need not be asked."""
_NOTHING = frozenset({404})
_ISO = "%Y-%m-%dT%H:%M:%SZ"

Row = dict[str, Any]


def service(key: str | None, base_url: str = "https://api.the-odds-api.com", interval_seconds: float = 1.0) -> Service:
    """The service. Without a key nothing is asked of it."""
    return Service("api.the-odds-api.com", base_url, interval_seconds, secrets={"apiKey": key} if key else {})


@dataclass(frozen=True)
class Snapshot:
    """Odds as they stood at a time (UTC): events with their bookmakers."""

    taken_at: datetime
    events: tuple[Row, ...]


@dataclass(frozen=True)
class _Content:
    timestamp: datetime | None
    events: tuple[Row, ...]


Asked = Callable[[datetime | None], Endpoint[_Content]]
"""The request for now, or for a time."""


def lines_of(service: Service) -> Asked:
    """Game lines of all games of a day."""

    def asked(as_of: datetime | None) -> Endpoint[_Content]:
        return _endpoint(service, "odds", "odds", "h2h,spreads,totals", as_of, "all")

    return asked


def props_of(service: Service, event_id: str, markets: str) -> Asked:
    """Player props of one event."""

    def asked(as_of: datetime | None) -> Endpoint[_Content]:
        return _endpoint(service, f"events/{event_id}/odds", "event-odds", markets, as_of, event_id)

    return asked


def last_before_tipoff(desk: Desk, game: Row, asked: Asked, history_from: date) -> Snapshot | None:
    """The last snapshot before a game's tip-off that is to be had; None without one, or without a time of tip-off."""
    day, tipoff, now = game["game_date"], game["tipoff_utc"], asked(None)
    if tipoff is None or game["status"] == "postponed":
        return None
    if not now.service.secrets:
        desk = replace(desk, client=None)
    if desk.client is not None and desk.now < tipoff:
        desk.by_day(now, [day])
    landed = [e for e in desk.entries(now.name, now.variant) if day in e.covers and e.captured_at < tipoff]
    latest = landed[-1] if landed else None
    is_over = desk.now >= tipoff
    if is_over and day >= history_from and (latest is None or tipoff - latest.captured_at > CLOSE):
        for found in desk.by_day(asked(tipoff - timedelta(seconds=1)), [day], is_optional=True):
            stamp = found.content.timestamp
            if stamp is not None and stamp < tipoff:
                return Snapshot(stamp, found.content.events)
    return None if latest is None else Snapshot(latest.captured_at, desk.kept(now, latest).content.events)


def event_of(game: Row, snapshot: Snapshot) -> Row | None:
    """The game's event: the same teams on the same day, US Eastern time."""
    for event in snapshot.events:
        home, away = (_teams().get(player_lookup(event[side] or "")) for side in ("home_team", "away_team"))
        day = utc(event["commence_time"]).astimezone(EASTERN).date()
        if (home, away, day) == (game["home_team_id"], game["away_team_id"], game["game_date"]):
            return event
    return None


def utc(written: str) -> datetime:
    """A time as the service writes it."""
    return datetime.fromisoformat(written).astimezone(UTC)


def team_id(full_name: str) -> int | None:
    """NBA.com's id of a team by its full name."""
    return _teams().get(player_lookup(full_name))


def _endpoint(
    service: Service, path: str, label: str, markets: str, as_of: datetime | None, variant: str
) -> Endpoint[_Content]:
    common = {"regions": REGIONS, "markets": markets, "oddsFormat": "american", "dateFormat": "iso"}

    def params(days: DayRange) -> Mapping[str, str]:
        if as_of is not None:
            return {**common, "date": as_of.strftime(_ISO)}
        if variant != "all":
            return common
        begin = datetime.combine(days.first, time(), EASTERN).astimezone(UTC)
        end = datetime.combine(days.last + timedelta(days=1), time(), EASTERN).astimezone(UTC)
        return {**common, "commenceTimeFrom": begin.strftime(_ISO), "commenceTimeTo": end.strftime(_ISO)}

    if as_of is None:
        return Endpoint(
            service, f"v4/sports/{SPORT}/{path}", params, _parse, variant=variant, absent=_NOTHING, label=label
        )
    return Endpoint(
        service,
        f"v4/historical/sports/{SPORT}/{path}",
        params,
        _parse,
        is_fixed=True,
        variant=f"{variant}_{as_of:%Y%m%dT%H%M%SZ}",
        absent=_NOTHING,
        label=f"historical-{label}",
    )


def _parse(payload: Any) -> _Content:
    """Now: a list of events, or one event. History: the same as `data`, with its `timestamp`. Nothing: no events."""
    try:
        if payload is None:
            return _Content(None, ())
        is_history = "timestamp" in payload
        stamp = utc(payload["timestamp"]) if is_history else None
        data = payload["data"] if is_history else payload
        events = tuple(data if isinstance(data, list) else [data] if data else [])
        for event in events:
            utc(event["commence_time"])
            text(event, "id")
            for side in ("home_team", "away_team"):
                # Of events of another kind there is none.
                if event[side] is not None:
                    text(event, side)
            for bookmaker in event["bookmakers"]:
                text(bookmaker, "title")
                for market in bookmaker["markets"]:
                    text(market, "key")
                    for outcome in market["outcomes"]:
                        text(outcome, "name")
                        outcome["price"]
                        if outcome.get("description") is not None:
                            text(outcome, "description")
    except (KeyError, TypeError, AttributeError) as error:
        raise ShapeError(f"an event lacks {error}.") from error
    except (ValueError, OverflowError) as error:
        raise ShapeError(f"a time cannot be read: {error}.") from error
    return _Content(stamp, events)


@functools.cache
def _teams() -> dict[str, int]:
    from nba_api.stats.static import teams

    by_name = {player_lookup(team["full_name"]): team["id"] for team in teams.get_teams()}
    # NBA.com's own way to write it.
    return {**by_name, "laclippers": by_name["losangelesclippers"]}
