"""The server dies in the middle of a write: a process of its own, killed, started again on the same data."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets_tests.factories import DAY, rows
from nba_assets_tests.warehouse.server import BigQueryServer, started

pytestmark = pytest.mark.bigquery

INJURIES = TABLES["injuries"]
DAYS = DayRange(DAY, DAY + timedelta(days=2))
OLD, NEW = 2_000, 3_000
_WRITER = """
import sys
from nba_assets.warehouse.bigquery_session import BigQuerySession
from nba_assets_tests.warehouse import test_bigquery_killed as test
from nba_assets_tests.warehouse.server import BigQueryServer

run = BigQuerySession._run

def told(session, statement, parameters=None):
    print(statement.partition(" AS ")[0].replace("`", ""), flush=True)
    return run(session, statement, parameters)

BigQuerySession._run = told
test.write(BigQueryServer(None, int(sys.argv[1]), int(sys.argv[2])), test.NEW)
"""


def injured(count: int) -> pa.Table:
    """So many players a day, all with the count as their reason."""
    made = [{"player_id": n, "game_date": day, "reason": str(count)} for day in DAYS for n in range(count)]
    return rows(INJURIES, made)


def opened(server: BigQueryServer) -> BigQueryWarehouse:
    return BigQueryWarehouse(server.client(), server.storage(), needs_filter=False)


def write(server: BigQueryServer, count: int) -> None:
    with opened(server).session() as session:
        session.ingest(INJURIES, DAYS, injured(count))


def state(server: BigQueryServer) -> tuple[dict[date, set[str]], dict[date, int], dict[date, int]]:
    """By day: the reasons in the table, its rows, and the ledger's rows."""
    with opened(server).session(read_only=True) as session:
        found = session.frame(session.read(INJURIES, DAYS)).to_pylist()
        recorded = {s.day: s.rows for s in session.day_states(DAYS)}
    reasons = {day: {r["reason"] for r in found if r["game_date"] == day} for day in DAYS}
    return reasons, {day: sum(r["game_date"] == day for r in found) for day in DAYS}, recorded


@pytest.mark.parametrize(
    ("statement", "seconds"),
    [
        ("MERGE local.nba_raw.injuries", 0.0),
        ("MERGE local.nba_raw.injuries", 0.1),
        ("MERGE local.nba_assets.day_ledger", 0.02),
    ],
)
def test_the_days_are_the_old_ones_or_the_new_ones_as_a_whole(tmp_path: Path, statement: str, seconds: float):
    with started(tmp_path / "data") as server:
        write(server, OLD)
        command = [sys.executable, "-c", _WRITER, str(server.port), str(server.storage_port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
            assert writer.stdout is not None
            assert any(line.startswith(statement) for line in writer.stdout), "the statement never came"
            time.sleep(seconds)
            server.process.kill()
            server.process.wait()
            writer.kill()
    with started(tmp_path / "data") as server:
        reasons, counts, recorded = state(server)
        assert (set(counts.values()), *reasons.values()) in (
            ({OLD}, {str(OLD)}, {str(OLD)}, {str(OLD)}),
            ({NEW}, {str(NEW)}, {str(NEW)}, {str(NEW)}),
        )
        assert set(recorded.values()) in ({OLD}, {NEW})
        write(server, NEW)
        _, counts, recorded = state(server)
        assert set(counts.values()) == set(recorded.values()) == {NEW}
