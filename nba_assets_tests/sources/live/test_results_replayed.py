"""Schedule, box scores and shots out of the landing zone: what has landed is read again with nobody to ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nba_assets.days import DayRange
from nba_assets.sources.live.desk import FRESH_FOR
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import TABLES
from nba_assets_tests.sources.live.server import Fault
from nba_assets_tests.sources.live.world import DAY, filled, week

ONE = DayRange(DAY, DAY)
NEXT = DAY + timedelta(days=1)


def test_what_was_fetched_is_built_again_with_nobody_to_ask(world, source, replay, feeds):
    filled(world, week())
    fetched = {table: source.fetch(table, week()) for table in ("games", "player_boxscores", "shots")}
    asked = len(feeds.asked)
    for table, rows in fetched.items():
        order = [(key, "ascending") for key in TABLES[table].key]
        assert replay().fetch(table, week()).sort_by(order) == rows.sort_by(order)
    assert len(feeds.asked) == asked


def test_days_that_never_landed_are_an_error_that_names_endpoint_days_and_remedy(world, source, replay):
    filled(world, week())
    source.fetch("games", week())
    source.fetch("player_boxscores", ONE)
    with pytest.raises(SourceError) as error:
        replay().fetch("player_boxscores", week())
    for word in ("stats.nba.com/playergamelogs", "2024-01-16..2024-01-17", "NBA_ASSETS_SOURCE=nba_api"):
        assert word in str(error.value)
    with pytest.raises(SourceError, match=r"holds no capture of stats\.nba\.com/scheduleleaguev2 for 2022-01-01"):
        replay().fetch("games", DayRange(date(2022, 1, 1), date(2022, 1, 1)))


def test_the_latest_capture_counts_or_that_of_a_time(world, source, replay, time):
    time.now = datetime(2024, 1, 16, 14, tzinfo=UTC)
    filled(world, ONE)
    source.fetch("player_boxscores", ONE)
    world.boxes[0]["ast"] = 5
    time.now += timedelta(days=1)
    source.fetch("player_boxscores", ONE)
    assert replay().fetch("player_boxscores", ONE)["assists"].to_pylist() == [5]
    then = replay(as_of=datetime(2024, 1, 16, 15, tzinfo=UTC))
    assert then.fetch("player_boxscores", ONE)["assists"].to_pylist() == [0]


def test_a_capture_of_another_shape_gives_way_to_the_one_before_it(world, source, replay, feeds, time):
    time.now = datetime(2024, 1, 16, 14, tzinfo=UTC)
    filled(world, ONE)
    source.fetch("player_boxscores", ONE)
    time.now += FRESH_FOR
    source.fetch("games", ONE)
    feeds.faults = [Fault(without="PTS")]
    with pytest.raises(SourceError, match="no column PTS"):
        source.fetch("player_boxscores", ONE)
    assert replay().fetch("player_boxscores", ONE).num_rows == 1


def test_a_capture_of_another_shape_and_no_other_is_an_error_in_a_replay(world, source, replay, feeds):
    filled(world, ONE)
    source.fetch("games", ONE)
    feeds.faults = [Fault(without="PTS")]
    for reader in (source, replay()):
        with pytest.raises(SourceError, match="no column PTS"):
            reader.fetch("player_boxscores", ONE)


def test_a_damaged_capture_is_named_in_a_replay_and_replaced_live(world, source, replay, landing, tmp_path):
    filled(world, ONE)
    source.fetch("player_boxscores", ONE)
    (entry,) = landing.entries("stats.nba.com/playergamelogs")
    (tmp_path / "landing" / entry.name).write_bytes(b"\x1f\x8b broken")
    with pytest.raises(SourceError, match=r"playergamelogs/2024-01-15_2024-01-15/all/.*\.json\.gz .* is damaged"):
        replay().fetch("player_boxscores", ONE)
    assert source.fetch("player_boxscores", ONE).num_rows == 1
