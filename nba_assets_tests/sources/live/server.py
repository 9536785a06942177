"""A server on the loopback interface that speaks for stats.nba.com, The Odds API and ESPN, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from nba_assets_tests.sources.live import formats
from nba_assets_tests.sources.live.world import Row, World


@dataclass(frozen=True)
class Fault:
    """What comes instead of the answer. silent_for: seconds without one. is_truncated: the answer breaks off.

    without: a column that the answer lacks. replaced: another document.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    silent_for: threading.Event | None = None
    is_truncated: bool = False
    without: str = ""
    replaced: Any = None


@dataclass
class Feeds:
    """The services. asked: (path, parameters) of every request. faults: of the next requests, one each."""

    world: World
    url: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def paths(self, part: str = "") -> list[str]:
        return [path for path, _ in self.asked if part in path]

    def answer(self, path: str, params: dict[str, str]) -> tuple[int, Any]:
        world = self.world
        if path == "/stats/scheduleleaguev2":
            return 200, formats.schedule(world, params["Season"])
        if path == "/stats/playergamelogs":
            return 200, formats.player_game_logs(_asked_for(world.boxes, params), params)
        if path == "/stats/shotchartdetail":
            shots = [s for s in _asked_for(world.shots, params) if params["GameID"] in ("", s["game_id"])]
            return 200, formats.shot_chart(shots[: world.row_limit], params)
        if path == "/stats/playerindex":
            return 200, formats.player_index(world.players, params)
        if path.startswith("/js/data/leaders/00_daily_lineups_"):
            day = datetime.strptime(path[-13:-5], "%Y%m%d").date()
            return (200, {"games": world.lineups[day]}) if day in world.lineups else (403, "Forbidden")
        if path == "/apis/site/v2/sports/basketball/nba/injuries":
            return 200, formats.injuries(world)
        if path.startswith("/v4/"):
            return self._odds(path, params)
        return 404, "Not Found"

    def _odds(self, path: str, params: dict[str, str]) -> tuple[int, Any]:
        if params.get("apiKey") != self.world.key:
            return 401, {"message": "API key is not valid", "error_code": "INVALID_KEY"}
        is_history = "/historical/" in path
        taken = datetime.fromisoformat(params.get("date", "2024-01-15T18:00:00Z"))
        # A snapshot is the last one at or before the time asked for.
        taken -= timedelta(minutes=taken.minute % 5, seconds=taken.second)
        games = [g for g in self.world.games if not is_history or g["tipoff_utc"] > taken]
        if path.endswith("/basketball_nba/odds"):
            data: Any = [formats.lines_event(g, _of(self.world.lines, g), taken) for g in games]
        else:
            wanted = path.split("/")[-2]
            found = [g for g in games if formats.event_id(g) == wanted]
            if not found:
                return 404, {"message": "Event not found", "error_code": "EVENT_NOT_FOUND"}
            keys = params["markets"].split(",")
            props = [p for p in _of(self.world.props, found[0]) if p["market"] in keys]
            data = formats.props_event(found[0], props, taken)
        return 200, formats.history(taken, data) if is_history else data


def _of(rows: list[Row], game: Row) -> list[Row]:
    return [row for row in rows if row["game_id"] == game["game_id"]]


def _asked_for(rows: list[Row], params: dict[str, str]) -> list[Row]:
    first, last = (datetime.strptime(params[name], "%m/%d/%Y").date() for name in ("DateFrom", "DateTo"))
    assert params["SeasonType"] == "Regular Season"
    return [row for row in rows if first <= row["game_date"] <= last]


F = TypeVar("F", bound=Feeds)


@contextmanager
def serving(world: World, kind: type[F] = Feeds) -> Iterator[F]:
    """The services, at `url`. A body of bytes is sent as it is."""
    feeds = kind(world)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            feeds.asked.append((parts.path, params))
            fault = feeds.faults.pop(0) if feeds.faults else Fault()
            if fault.silent_for is not None:
                fault.silent_for.wait(10)
                return
            status, content = (fault.status, fault.body) if fault.status != 200 else feeds.answer(parts.path, params)
            content = content if fault.replaced is None else fault.replaced
            if fault.without:
                for one in content["resultSets"]:
                    one["headers"] = [f"NEW_{name}" if name == fault.without else name for name in one["headers"]]
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
            if fault.is_truncated:
                data = data[: len(data) // 2]
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **fault.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    feeds.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield feeds
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
