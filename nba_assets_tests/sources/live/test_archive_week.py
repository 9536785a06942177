"""A week of real games through the services' formats gives the tables that the archive of the same games gives.

What the archive does not have differs, and is named here: times of tip-off, the time of a snapshot, opening lines.
"""

from __future__ import annotations

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
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.server import serving
from nba_assets_tests.sources.live.world import of_archive

pytestmark = pytest.mark.archive

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
BUILT = ("games", "player_boxscores", "shots", "game_lines")
NOT_IN_THE_ARCHIVE = {
    "games": {"tipoff_utc"},
    "game_lines": {"snapshot_utc", "opening_home_spread", "opening_total"},
}
LATER = Clock(now=lambda: datetime(2024, 1, 25, tzinfo=UTC), sleep=lambda _: None)


@pytest.fixture(scope="module")
def built(tmp_path_factory, archive_folder):
    """Way -> table -> its rows as they are in the warehouse: by archive, live, and replayed with the services down."""
    folder = tmp_path_factory.mktemp("week")
    landing = Landing(FolderStore(folder / "landing"))
    sources = {"archive": ArchiveSource(archive_folder), "replayed": LiveSource(landing, None, clock=LATER)}
    made = {"archive": _ingested(sources["archive"], folder / "archive.duckdb")}
    world = of_archive(archive_folder, "2021-22", WEEK.first, WEEK.last)
    with serving(world) as feeds:
        live = LiveSource(landing, Client(clock=LATER), services_at(feeds, world.key), LATER)
        made["live"] = _ingested(live, folder / "live.duckdb")
        made["asked"] = feeds.paths("shotchartdetail")
    made["replayed"] = _ingested(sources["replayed"], folder / "replayed.duckdb")
    return made


def _ingested(source, file) -> dict[str, pa.Table]:
    rows = {}
    with DuckDBWarehouse(file).session() as session:
        for name in BUILT:
            report = session.ingest(TABLES[name], WEEK, source.fetch(name, WEEK), strict=True)
            assert not report.reasons
            left_out = NOT_IN_THE_ARCHIVE.get(name, set()) | {"source"}
            read = session.read(TABLES[name], WEEK)
            kept = [c for c in TABLES[name].column_names if c not in left_out]
            rows[name] = session.frame(read.select(*kept).order_by(*TABLES[name].key))
            rows[f"{name} source"] = set(session.frame(read.select("source").distinct())["source"].to_pylist())
    return rows


@pytest.mark.parametrize("way", ["live", "replayed"])
@pytest.mark.parametrize(
    ("table", "count"), [("games", 52), ("player_boxscores", 1108), ("shots", 7418), ("game_lines", 52)]
)
def test_the_table_is_the_archives(built, way, table, count):
    assert built["archive"][table].num_rows == count
    assert built[way][table].equals(built["archive"][table])
    assert built[way][f"{table} source"] == {"nba_api"}


def test_each_game_without_shots_was_asked_for_alone_before_it_was_left_out(built):
    """The archive's shots end on 6 January: one game of that day and the nine of the next are missing."""
    assert len(built["asked"]) == 1 + 10
