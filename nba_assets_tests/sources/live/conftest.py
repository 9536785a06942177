"""The services, a clock that tests turn, and a live source between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nba_assets.sources.landing.stores import FolderStore
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live import injuries, odds, stats
from nba_assets.sources.live.client import Client, Clock
from nba_assets.sources.live.source import LiveSource, Services
from nba_assets_tests.sources.live.server import Feeds, serving
from nba_assets_tests.sources.live.world import World


class Time:
    """A clock that sleeping moves on. naps: how long was slept, each time."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 25, 15, tzinfo=UTC)
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def feeds(world: World) -> Iterator[Feeds]:
    with serving(world) as found:
        yield found


def services_at(feeds: Feeds, key: str | None, interval_seconds: float = 0.0) -> Services:
    return Services(
        stats.service(feeds.url, interval_seconds),
        odds.service(key, feeds.url, interval_seconds),
        injuries.service(feeds.url, interval_seconds),
    )


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(FolderStore(tmp_path / "landing"))


@pytest.fixture
def client(time: Time) -> Client:
    return Client(clock=time.clock, timeout_seconds=(5.0, 0.3))


@pytest.fixture
def source(feeds: Feeds, world: World, landing: Landing, client: Client, time: Time) -> LiveSource:
    return LiveSource(landing, client, services_at(feeds, world.key), time.clock)


@pytest.fixture
def replay(landing: Landing, time: Time) -> Callable[..., LiveSource]:
    """The source `landing`: the same captures, nobody to ask."""
    return lambda as_of=None: LiveSource(landing, None, clock=time.clock, as_of=as_of)
