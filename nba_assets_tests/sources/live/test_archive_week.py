"""A week of real games through the services' formats builds the tables that the archive of the same games builds.

What the archive does not have differs, and is named here: times of tip-off, the time of a snapshot, opening lines. Of
injuries it has another kind (transactions, not lists), and of player props none of that week: neither side has any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.sources.archive import ArchiveSource
from nba_assets.sources.landing.stores import FolderStore
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live.client import Client, Clock
from nba_assets.sources.live.source import LiveSource
from nba_assets.tables import TABLES
from nba_assets_tests.graph import make_platform, materialize
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.server import serving
from nba_assets_tests.sources.live.world import of_archive

pytestmark = pytest.mark.archive

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
RAW = {"games": 52, "player_boxscores": 1108, "shots": 7418, "game_lines": 52, "player_props": 0, "injuries": 0}
DERIVED = {
    "player_game_summary": 1108,
    "team_offense_game_summary": 104,
    "team_defense_game_summary": 104,
    "upcoming_team_game_context": 104,
}
NOT_IN_THE_ARCHIVE = {
    "games": {"tipoff_utc"},
    "upcoming_team_game_context": {"tipoff_utc"},
    "game_lines": {"snapshot_utc", "opening_home_spread", "opening_total"},
}
LATER = Clock(now=lambda: datetime(2024, 1, 25, tzinfo=UTC), sleep=lambda _: None)


@dataclass(frozen=True)
class WithoutReports:
    """The archive without its transactions."""

    inner: ArchiveSource
    name: str = "archive"

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        rows = self.inner.fetch(table, days)
        return rows.slice(0, 0) if table == "injuries" else rows


@pytest.fixture(scope="module")
def built(tmp_path_factory, archive_folder):
    """Way -> table -> its rows as the assets build them: by archive, live, and replayed with the services down."""
    folder = tmp_path_factory.mktemp("week")
    landing = Landing(FolderStore(folder / "landing"))
    made = {"archive": _built(WithoutReports(ArchiveSource(archive_folder)), folder / "archive")}
    world = of_archive(archive_folder, "2021-22", WEEK.first, WEEK.last)
    with serving(world) as feeds:
        live = LiveSource(landing, Client(clock=LATER), services_at(feeds, world.key), LATER)
        made["live"] = _built(live, folder / "live")
        made["asked"] = feeds.paths()
    made["replayed"] = _built(LiveSource(landing, None, clock=LATER), folder / "replayed")
    return made


def _built(source, folder) -> dict[str, pa.Table]:
    folder.mkdir()
    platform = replace(make_platform(folder, source, is_strict=True), accepts_missing_history=True)
    materialize(platform, WEEK, (*RAW, *DERIVED))
    rows = {}
    with platform.warehouse.session(read_only=True) as session:
        for name in (*RAW, *DERIVED):
            table, read = TABLES[name], session.read(TABLES[name], WEEK)
            left_out = NOT_IN_THE_ARCHIVE.get(name, set()) | {"source", *table.volatile}
            kept = [c for c in table.column_names if c not in left_out]
            rows[name] = session.frame(read.select(*kept).order_by(*table.key))
            if "source" in table.column_names:
                rows[f"{name} source"] = set(session.frame(read.select("source").distinct())["source"].to_pylist())
    return rows


@pytest.mark.parametrize("way", ["live", "replayed"])
@pytest.mark.parametrize(("table", "count"), [*RAW.items(), *DERIVED.items()])
def test_the_table_is_the_archives(built, way, table, count):
    assert built["archive"][table].num_rows == count
    assert built[way][table].equals(built["archive"][table])
    if table in RAW and count:
        assert built[way][f"{table} source"] == {"nba_api"}


def test_a_week_is_few_requests(built):
    """The archive's shots end on 6 January: a game of that day and nine of the next are asked for alone as well."""
    asked = [path.rpartition("/")[2] for path in built["asked"]]
    assert asked.count("shotchartdetail") == 1 + 10
    assert {name: asked.count(name) for name in ("scheduleleaguev2", "playergamelogs", "playerindex", "odds")} == {
        "scheduleleaguev2": 1,
        "playergamelogs": 1,
        "playerindex": 1,
        "odds": 7,
    }
