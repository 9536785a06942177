"""The batched event log holds what Dagster's stock storage would hold, and the home folder is set up as documented."""

from datetime import date

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._grpc.utils import default_sensor_grpc_timeout
from sqlalchemy import text

from nba_assets.days import DayRange
from nba_assets.local.event_log import BatchedSqliteEventLogStorage
from nba_assets.local.home import dagster_environment, open_instance, prepare_dagster_home
from nba_assets.local.postgres import BatchedPostgresEventLogStorage
from nba_assets.partitions import DAILY, range_tags
from nba_assets.settings import load_settings
from nba_assets_tests.local.verdicts import entry

DAYS = DayRange(date(2022, 1, 1), date(2022, 1, 7))
KEY = dg.AssetKey(["d", "a"])


def _asset():
    @dg.asset(key=KEY, partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def a(context: dg.AssetExecutionContext) -> None:
        for number, key in enumerate(context.partition_keys):
            context.add_asset_metadata({"dagster/partition_row_count": number}, partition_key=key)

    return a


def _run(instance):
    return dg.materialize([_asset()], instance=instance, tags=range_tags(DAYS))


def _rows(instance):
    records = instance.fetch_materializations(KEY, limit=100, ascending=True).records
    return [(r.partition_key, r.asset_materialization.metadata["dagster/partition_row_count"].value) for r in records]


@pytest.fixture(params=[BatchedSqliteEventLogStorage, BatchedPostgresEventLogStorage])
def storage(request):
    return request.param


@pytest.fixture
def settings(tmp_path, storage, request, monkeypatch):
    if storage is BatchedPostgresEventLogStorage:
        monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", request.getfixturevalue("database"))
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    return load_settings()


def test_the_home_uses_the_batched_storage(settings, storage):
    with open_instance(settings) as instance:
        assert isinstance(instance.event_log_storage, storage)
        assert instance.telemetry_enabled is False


@pytest.mark.parametrize("batch_size", ["0", "3", "1000"])
def test_events_are_the_same_as_in_the_stock_storage_whatever_the_batch(settings, tmp_path, monkeypatch, batch_size):
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", batch_size)
    with open_instance(settings) as batched, dg.instance_for_test() as stock:
        first, second = _run(batched), _run(stock)
        assert first.success
        assert _rows(batched) == _rows(stock)
        assert batched.get_materialized_partitions(KEY) == stock.get_materialized_partitions(KEY)
        kinds = [[e.dagster_event_type for e in i.all_logs(r.run_id)] for i, r in ((batched, first), (stock, second))]
        assert sorted(map(str, kinds[0])) == sorted(map(str, kinds[1]))
        latest = [i.get_latest_materialization_event(KEY).asset_materialization.partition for i in (batched, stock)]
        assert latest[0] == latest[1]


def test_another_process_sees_the_events(settings):
    with open_instance(settings) as instance:
        _run(instance)
    with open_instance(settings) as instance:
        assert instance.get_materialized_partitions(KEY) == {day.isoformat() for day in DAYS}


def test_new_files_of_events_have_large_pages(tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        run = _run(instance)
        log = instance.event_log_storage
        for connect in (log.index_connection, lambda: log.run_connection(run.run_id)):
            with connect() as connection:
                assert connection.execute(text("PRAGMA page_size")).scalar_one() == 16384


def test_check_results_of_a_run_are_stored_as_well(settings):
    @dg.asset_check(asset=KEY)
    def looks_good():
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    with open_instance(settings) as batched, dg.instance_for_test() as stock:
        for instance in (batched, stock):
            dg.materialize([_asset(), looks_good], instance=instance, tags=range_tags(DAYS))
        histories = [
            [
                record.status.value
                for record in i.event_log_storage.get_asset_check_execution_history(
                    dg.AssetCheckKey(KEY, "looks_good"), limit=50
                )
            ]
            for i in (batched, stock)
        ]
        assert "FAILED" in histories[0]
        assert histories[0] == histories[1]


def _stored(storage, run_id: str):
    """What the tables of events and of checks hold of a run, without numbers and times of storing."""
    with storage.index_connection() as connection:
        for table in (SqlEventLogStorageTable, AssetCheckExecutionsTable):
            rows = connection.execute(table.select().where(table.c.run_id == run_id).order_by(table.c.id)).mappings()
            left_out = {"id", "run_id", "create_timestamp", "evaluation_event_storage_id"}
            for row in rows:
                text = {name: str(value).replace(run_id, "the run") for name, value in row.items()}
                yield table.name, {name: value for name, value in text.items() if name not in left_out}


def test_a_batch_of_verdicts_leaves_what_they_leave_one_by_one(settings):
    with open_instance(settings) as instance:
        log = instance.event_log_storage
        log.store_event_batch([entry(n, passed=n > 1, of_entry={"run_id": "at once"}) for n in range(4)])
        for number in range(4):
            log.store_event(entry(number, passed=number > 1, of_entry={"run_id": "in turn"}))
        at_once, in_turn = list(_stored(log, "at once")), list(_stored(log, "in turn"))
        assert len(at_once) == 8
        assert at_once == in_turn


def test_each_verdict_of_a_batch_is_known_by_the_number_of_its_event(settings):
    with open_instance(settings) as instance:
        log = instance.event_log_storage
        for run in ("one", "two"):
            log.store_event_batch([entry(number, passed=True, of_entry={"run_id": run}) for number in range(3)])
        with log.index_connection() as connection:
            events = {row.id: row.event for row in connection.execute(SqlEventLogStorageTable.select())}
            checks = connection.execute(AssetCheckExecutionsTable.select()).all()
        assert len(checks) == 6
        assert all(events[row.evaluation_event_storage_id] == row.evaluation_event for row in checks)


def test_dagster_yaml_is_written_once_and_then_belongs_to_whoever_takes_its_first_line_away(settings):
    home = prepare_dagster_home(settings)
    file = home / "dagster.yaml"
    assert yaml.safe_load(file.read_text())["concurrency"]["runs"]["max_concurrent_runs"] == 1
    file.write_text("telemetry:\n  enabled: false\n")
    prepare_dagster_home(settings)
    assert file.read_text() == "telemetry:\n  enabled: false\n"


def test_dagsters_processes_are_told_home_and_batch_size_and_give_sensors_time(settings, monkeypatch):
    environment = dagster_environment(settings)
    assert default_sensor_grpc_timeout() == 60
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_sensor_grpc_timeout() == 300
    assert environment["DAGSTER_HOME"] == str(settings.dagster_home)
    assert int(environment["DAGSTER_EVENT_BATCH_SIZE"]) > 1
