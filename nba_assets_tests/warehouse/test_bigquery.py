"""What only BigQuery does: partitions, additive schema changes, costs, writes that die or meet, clear errors."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import google.api_core.exceptions as api
import pyarrow as pa
import pytest
from google.cloud import bigquery

from nba_assets.days import DayRange
from nba_assets.planning import Request, make_plan
from nba_assets.tables import TABLES
from nba_assets.warehouse import bigquery_sql
from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.bigquery_errors import clear_errors
from nba_assets.warehouse.bigquery_session import SCRATCH, BigQuerySession
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets_tests.factories import DAY, box, rows
from nba_assets_tests.warehouse.server import BigQueryServer

pytestmark = pytest.mark.bigquery

ONE, NEXT = DayRange(DAY, DAY), DAY + timedelta(days=1)
INJURIES, BOXES, SUMMARY = TABLES["injuries"], TABLES["player_boxscores"], TABLES["player_game_summary"]


def injured(*players: int, day: Any = DAY) -> pa.Table:
    return rows(INJURIES, [{"player_id": player, "game_date": day} for player in players])


def who(session: BigQuerySession, days: DayRange = ONE) -> list[int]:
    return sorted(session.frame(session.read(INJURIES, days)).column("player_id").to_pylist())


@pytest.fixture
def warehouse(project: BigQueryWarehouse, emptied: None) -> BigQueryWarehouse:
    return project


def test_tables_are_partitioned_by_day_clustered_by_key_and_want_a_condition_on_days(server: BigQueryServer):
    client = server.client("filtered")
    with BigQueryWarehouse(client, server.storage()).session():
        pass
    for table in TABLES.values():
        made = client.get_table(f"filtered.{table.full_name}")
        assert made.time_partitioning.field == "game_date"
        assert made.clustering_fields == ([k for k in table.key if k != "game_date"][:4] or None)
        assert made.require_partition_filter
        assert [(f.name, f.mode) for f in made.schema] == [
            (c.name, "REQUIRED" if c.required else "NULLABLE") for c in table.columns
        ]
    with pytest.raises(api.BadRequest, match="without a filter"):
        client.query("SELECT * FROM nba_raw.games").result()
    with BigQueryWarehouse(client, server.storage()).session(read_only=True) as session:
        assert session.frame(session.read(INJURIES, ONE)).num_rows == 0


def test_a_project_without_tables_says_what_to_do(server: BigQueryServer):
    warehouse = BigQueryWarehouse(server.client("nothing"), server.storage())
    assert not warehouse.exists()
    with (
        pytest.raises(WarehouseError, match=r"project nothing, is empty.*nba-assets backfill"),
        warehouse.session(True),
    ):
        pass


@pytest.fixture
def older(server: BigQueryServer):
    """A project whose injuries are as an older version made them."""

    def make(project: str, schema: list[tuple[str, str]], is_partitioned: bool = True) -> bigquery.Client:
        client = server.client(project)
        client.create_dataset("nba_raw")
        table = bigquery.Table(f"{project}.nba_raw.injuries", [bigquery.SchemaField(*field) for field in schema])
        if is_partitioned:
            table.time_partitioning = bigquery.TimePartitioning(field="game_date")
        client.create_table(table)
        return client

    return make


def test_a_column_that_a_newer_record_added_is_added(server, older):
    kept = [(c.name, bigquery_sql.API_TYPES[c.type]) for c in INJURIES.columns if c.name != "reason"]
    client = older("lacking", kept)
    with pytest.raises(WarehouseError, match="lacks"), BigQueryWarehouse(client, server.storage()).session(True):
        pass
    with BigQueryWarehouse(client, server.storage(), needs_filter=False).session() as session:
        assert session.columns(INJURIES) == {c.name: c.type for c in INJURIES.columns}
        session.ingest(INJURIES, ONE, rows(INJURIES, [{"player_id": 5, "reason": "knee"}]))
        assert session.frame(session.read(INJURIES, ONE)).column("reason").to_pylist() == ["knee"]


@pytest.mark.parametrize(
    ("project", "change", "is_partitioned", "words"),
    [
        ("other-type", {"player_id": "STRING"}, True, ("player_id of nba_raw.injuries", "STRING", "INTEGER")),
        ("unpartitioned", {}, False, ("unpartitioned.nba_raw.injuries", "not partitioned by game_date")),
    ],
)
def test_a_table_of_another_shape_is_a_clear_error(server, older, project, change, is_partitioned, words):
    schema = [(c.name, change.get(c.name, bigquery_sql.API_TYPES[c.type])) for c in INJURIES.columns]
    client = older(project, schema, is_partitioned)
    with pytest.raises(WarehouseError) as error, BigQueryWarehouse(client, server.storage()).session():
        pass
    for word in words:
        assert word in str(error.value)


def test_every_query_is_counted_and_told_what_it_may_scan(server, warehouse):
    client = server.client()
    with BigQueryWarehouse(client, server.storage(), maximum_bytes_billed=10**9).session() as session:
        session.ingest(INJURIES, ONE, injured(1))
        assert who(session) == [1]
        jobs = [query.job for query in session.queries]
    assert len(jobs) == len(set(jobs)) > 5
    limits = {client.get_job(job).maximum_bytes_billed for job in jobs}
    assert limits == {10**9}


def test_a_query_over_the_limit_is_a_clear_error():
    # As BigQuery words it; the server that the tests run against knows no limit.
    refused = api.InternalServerError(
        "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
        errors=[{"reason": "bytesBilledLimitExceeded"}],
    )
    with pytest.raises(WarehouseError) as error, clear_errors("team", 10**6):
        raise refused
    for words in ("project team", "NBA_ASSETS_MAXIMUM_BYTES_BILLED, 1,000,000 bytes", "10485760 or higher required"):
        assert words in str(error.value)


def test_a_role_without_permission_is_a_clear_error():
    words = r"project team.*bigquery\.tables\.create.*deploy-gcp\.md lists the roles"
    with pytest.raises(WarehouseError, match=words), clear_errors("team"):
        raise api.Forbidden("Access Denied: Permission bigquery.tables.create denied")


def test_what_was_staged_is_dropped_at_the_end(server, warehouse):
    with warehouse.session() as session:
        session.ingest(INJURIES, ONE, injured(1))
        assert list(server.client().list_tables(SCRATCH))
    assert not list(server.client().list_tables(SCRATCH))


@pytest.mark.parametrize("statement", ["replace", "put_aside", "record"])
def test_a_write_that_dies_is_due_again_and_the_next_one_mends_it(warehouse, monkeypatch, statement):
    with warehouse.session() as session:
        session.ingest(INJURIES, ONE, injured(1))
        before = session.day_states(ONE)

    def dies(*_: object) -> str:
        raise ConnectionAbortedError

    with monkeypatch.context() as patch, warehouse.session() as session:
        patch.setattr(bigquery_sql, statement, dies)
        with pytest.raises(ConnectionAbortedError):
            session.ingest(INJURIES, ONE, injured(2, 3))
    with warehouse.session() as session:
        assert who(session) == ([1] if statement == "replace" else [2, 3])  # all of one or all of the other
        assert session.day_states(ONE) == before  # nothing counts as built
        report = session.ingest(INJURIES, ONE, injured(2, 3))
        assert report.changed == {DAY}
        (state,) = session.day_states(ONE)
    assert (state.rows, state.changed > before[0].changed) == (2, True)


def test_what_changed_while_a_day_was_computed_makes_it_due_again(warehouse):
    with warehouse.session() as session:
        session.ingest(BOXES, ONE, rows(BOXES, [box(player_id=1)]))
    with warehouse.session() as slow:
        slow.read(BOXES, ONE)
        with warehouse.session() as other:
            other.ingest(BOXES, ONE, rows(BOXES, [box(player_id=1), box(player_id=2)]))
        made = slow.attach("made", rows(SUMMARY, [{"player_id": 1}]))
        slow.replace_days(SUMMARY, ONE, made)
    with warehouse.session(read_only=True) as session:
        states = session.day_states(ONE)
    request = Request(ONE, (SUMMARY.name,), with_history=False)
    # Recorded after the box scores, and yet made from those before.
    assert make_plan(request, states).days == {SUMMARY.name: [DAY]}


def test_writers_of_different_days_do_not_wait_for_each_other_nor_lose_a_row(server, warehouse):
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            own = BigQueryWarehouse(server.client(), server.storage(), needs_filter=False)
            with own.session() as session:
                for day in (DAY + timedelta(days=number), DAY + timedelta(days=number + 10)):
                    session.ingest(INJURIES, DayRange(day, day), injured(number, day=day))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    span = DayRange(DAY, DAY + timedelta(days=20))
    with warehouse.session(read_only=True) as session:
        assert who(session, span) == [1, 1, 2, 2, 3, 3, 4, 4]
        assert len(session.day_states(span)) == 8
