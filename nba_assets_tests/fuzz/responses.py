"""Answers of the services with something wrong in them.

They are those of `sources/live/formats.py`, with any JSON in any place, served over the loopback interface.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from nba_assets.days import DayRange
from nba_assets.sources.landing.stores import FolderStore
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live import injuries, odds, stats
from nba_assets.sources.live.client import Client, Clock
from nba_assets.sources.live.source import LiveSource, Services
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets_tests.fuzz.oracle import fetched_and_ingested
from nba_assets_tests.fuzz.text import names
from nba_assets_tests.sources.live.server import Fault, Feeds, serving
from nba_assets_tests.sources.live.world import ATL, BOS, DAY, FULL_NAME, World, box, game, shots_of, upcoming

ONE = DayRange(DAY, DAY)
LATER, BEFORE = datetime(2024, 1, 25, 15, tzinfo=UTC), datetime(2024, 1, 15, 20, tzinfo=UTC)
"""Ten days after the game, when results are settled, and four hours before it."""

_scalars = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), names),
    st.sampled_from([-1, 10**30, 1e400, "\ud800", "0022300001", "2024-02-29", "0001-01-01T00:00:00+23:59", "20240230"]),
    st.sampled_from(["9999-12-31T23:59:59-23:59", "²", "Out", "PPD", "resultSets", "timestamp"]),
)
_values = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
_documents = st.one_of(
    _values,
    st.sampled_from([b"", b"{", b"\xff\xfe", b"NaN", b"[" * 50_000 + b"]" * 50_000, b"1" * 10_000, b'{"a":1}{"b":2}']),
)


@dataclass(frozen=True)
class Change:
    """At a place of a document (a number, or the way there): its value gone, another one, twice, or the whole document
    another one."""

    endpoint: str
    place: int | tuple[str | int, ...]
    what: str
    value: Any


@dataclass(frozen=True)
class Asked:
    """A table is asked for at a time, while the services answer so. headers: of the answers that are refusals."""

    table: str
    at: datetime
    changes: tuple[Change, ...]
    retry_after: str | None = None


_ENDPOINTS = ("scheduleleaguev2", "playergamelogs", "shotchartdetail", "playerindex", "daily_lineups", "injuries")
_ENDPOINTS += ("basketball_nba/odds", "events/")
_OF = {
    "games": _ENDPOINTS[:1],
    "player_boxscores": _ENDPOINTS[:2],
    "shots": _ENDPOINTS[:3],
    "game_lines": (_ENDPOINTS[0], *_ENDPOINTS[6:7]),
    "player_props": (_ENDPOINTS[0], *_ENDPOINTS[3:4], *_ENDPOINTS[6:]),
    "injuries": (_ENDPOINTS[0], _ENDPOINTS[3], _ENDPOINTS[5]),
    "active_players": (_ENDPOINTS[0], _ENDPOINTS[4]),
}
"""What a table is made from."""


@st.composite
def answers(draw: st.DrawFn) -> Asked:
    """Changed answers to what a table needs."""
    table = draw(st.sampled_from([one.name for one in RAW_TABLES]))
    what = st.sampled_from(["value", "value", "value", "value", "gone", "twice", "document"])
    changes = draw(
        st.lists(
            st.builds(Change, st.sampled_from(_OF[table][::-1]), st.integers(0, 10_000), what, _values),
            min_size=1,
            max_size=3,
        )
    )
    # A document in place of the answer is now and then no JSON at all.
    whole = [Change(c.endpoint, c.place, c.what, draw(_documents)) if c.what == "document" else c for c in changes]
    retry_after = draw(st.sampled_from([None] * 9 + ["²", "-1", "9" * 400, "Thu, 99 Foo", "1e5", "0", "x", "nan"]))
    return Asked(table, draw(st.sampled_from([LATER, BEFORE])), tuple(whole), retry_after)


def world_at(at: datetime) -> World:
    """A game with all that there is about it."""
    one = game() if at > BEFORE else upcoming()
    score = box(one, 7, "A Player")
    player = {
        "personId": 7,
        "playerName": "A Player",
        "lineupStatus": "Confirmed",
        "rosterStatus": "Active",
        "position": "G",
    }
    teams = {side: {"teamId": one[f"team_id_{side[:4]}"], "players": [player]} for side in ("homeTeam", "awayTeam")}
    quoted = {"game_id": one["game_id"], "bookmaker": "Book", "market": "player_points", "player": "A Player"}
    props = [{**quoted, "side": side, "line": 20.5, "price": -115} for side in ("Over", "Under")]
    return World(
        games=[one, {**one, "game_id": "0022300002", "team_id_home": BOS, "team_id_away": ATL}],
        boxes=[score],
        shots=shots_of(score),
        players=[(ATL, 7, "A Player"), (BOS, 8, "B Player")],
        lines=[
            {
                "game_id": one["game_id"],
                "close_spread_home": -4.5,
                "close_total": 221.5,
                "ml_home": -190,
                "ml_away": 160,
            }
        ],
        props=props,
        injuries={FULL_NAME[ATL]: [{"name": "A Player", "status": "Out"}]},
        lineups={DAY: [{"gameId": one["game_id"], **teams}]},
    )


def changed(document: Any, change: Change) -> Any:
    """The document with the change in it."""
    if change.what == "document":
        return change.value
    document = copy.deepcopy(document)
    if isinstance(change.place, tuple):
        parent, key = document, change.place[-1]
        for step in change.place[:-1]:
            parent = parent[step]
    else:
        places = list(_places(document))
        parent, key = places[change.place % len(places)]
    if change.what == "gone":
        del parent[key]
    elif change.what == "twice" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    else:
        parent[key] = change.value
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in list(inner):
        yield document, key
        yield from _places(value)


class Changed(Feeds):
    """The services, with changed answers."""

    example: Asked

    def answer(self, path: str, params: dict[str, str]) -> tuple[int, Any]:
        status, content = super().answer(path, params)
        for change in self.example.changes:
            if change.endpoint in path and (isinstance(content, (dict, list)) and content):
                content = changed(content, change)
        return status, content


def _known(table: str, at: datetime, endpoint: str, *place: str | int, value: Any = None) -> Asked:
    return Asked(table, at, (Change(endpoint, place, "value" if place else "document", value),))


_LINES, _SETS = ("data", 0), ("resultSets", 0, "rowSet", 0)
_MARKET = ("bookmakers", 0, "markets", 0)
_GAME = ("leagueSchedule", "gameDates", 0, "games", 0)
KNOWN = (
    _known("game_lines", LATER, "basketball_nba/odds", *_LINES, *_MARKET, "key", value=[]),
    _known("game_lines", LATER, "basketball_nba/odds", *_LINES, "home_team", value=[1]),
    _known("game_lines", LATER, "basketball_nba/odds", *_LINES, "commence_time", value="0001-01-01T00:00:00+23:59"),
    _known("game_lines", BEFORE, "scheduleleaguev2", *_GAME, "gameDateTimeUTC", value="2024-01-15"),
    _known("game_lines", BEFORE, "scheduleleaguev2", *_GAME, "gameDateTimeUTC", value="0001-01-01T00:00:00Z"),
    _known("player_props", BEFORE, "events/", *_MARKET, "outcomes", 0, "name", value=5),
    _known("player_props", BEFORE, "events/", *_MARKET, "outcomes", 0, "description", value={}),
    _known("player_props", BEFORE, "playerindex", *_SETS, 0, value=[]),
    _known("player_boxscores", LATER, "playergamelogs", *_SETS, 4, value="\ud800"),
    _known("player_boxscores", LATER, "playergamelogs", "resultSets", 0, "headers", value=None),
    _known("player_boxscores", LATER, "playergamelogs", value=b"[" * 50_000 + b"]" * 50_000),
    _known("shots", LATER, "shotchartdetail", *_SETS, 1, value="x"),
    _known("injuries", BEFORE, "injuries", "injuries", 0, "injuries", 0, "details", value="knee"),
    _known("injuries", BEFORE, "injuries", "injuries", 0, "injuries", 0, "status", value=1),
    *(Asked("games", LATER, (), retry_after) for retry_after in ("²", "9" * 400, "nan", "Thu, 99 Foo")),
)


@contextmanager
def source_at(at: datetime, landing: Landing, world: World, example: Asked) -> Iterator[LiveSource]:
    now = [at]

    def sleep(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    clock = Clock(now=lambda: now[0], sleep=sleep)
    with serving(world, Changed) as feeds:
        feeds.example = example
        if example.retry_after is not None:
            feeds.faults = [Fault(status=429, headers={"Retry-After": example.retry_after})]
        services = Services(
            stats.service(feeds.url, 0), odds.service(world.key, feeds.url, 0), injuries.service(feeds.url, 0)
        )
        yield LiveSource(landing, Client(clock=clock, timeout_seconds=(5.0, 5.0)), services, clock)


def asked(example: Asked, folder: Path) -> str:
    """Fetch the table and write it; then once more from what has landed, asking nobody."""
    shutil.rmtree(folder / "landing", ignore_errors=True)
    landing, table = Landing(FolderStore(folder / "landing")), TABLES[example.table]
    with source_at(example.at, landing, world_at(example.at), example) as source:
        outcome = fetched_and_ingested(source, table, ONE, folder)
    fetched_and_ingested(LiveSource(landing, None, clock=Clock(now=lambda: example.at)), table, ONE, folder)
    return outcome
