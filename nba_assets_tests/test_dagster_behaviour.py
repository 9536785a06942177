"""What is relied on of the pinned Dagster release, so that an upgrade breaks a test and not a belief."""

import threading
from datetime import datetime
from importlib.metadata import version
from time import monotonic
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import yaml

from nba_assets.partitions import DAILY

TAGS = {"dagster/asset_partition_range_start": "2022-01-01", "dagster/asset_partition_range_end": "2022-01-03"}


def _asset(name, deps=(), seen=None, fails=False):
    @dg.asset(
        name=name,
        deps=[dg.AssetDep(d, partition_mapping=dg.IdentityPartitionMapping()) for d in deps],
        partitions_def=DAILY,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def body(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        if seen is not None:
            seen.append((name, context.partition_key_range.start, context.partition_key_range.end))
        if fails:
            raise ValueError("planted")
        for key in context.partition_keys:
            context.add_asset_metadata({"rows": int(key[-2:])}, partition_key=key)
        return dg.MaterializeResult(metadata={"total": 6})

    return body


def test_the_release_is_the_pinned_one():
    assert version("dagster").startswith("1.13.")


def test_a_range_runs_each_asset_once_over_all_its_days_in_order():
    seen = []
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([_asset("a", seen=seen), _asset("b", ["a"], seen)], instance=instance, tags=TAGS)
    assert seen == [("a", "2022-01-01", "2022-01-03"), ("b", "2022-01-01", "2022-01-03")]


def test_metadata_per_partition_and_per_run_both_reach_each_partition():
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([_asset("a")], instance=instance, tags=TAGS)
    events = result.asset_materializations_for_node("a")
    assert {e.partition: (e.metadata["rows"].value, e.metadata["total"].value) for e in events} == {
        "2022-01-01": (1, 6),
        "2022-01-02": (2, 6),
        "2022-01-03": (3, 6),
    }


def test_a_failed_asset_materializes_no_partition_and_stops_what_reads_it():
    seen = []
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [_asset("a", fails=True), _asset("b", ["a"], seen)], instance=instance, tags=TAGS, raise_on_error=False
        )
        assert not instance.get_materialized_partitions(dg.AssetKey("a"))
    assert not result.success
    assert seen == []


def test_partition_key_raises_in_a_range():
    @dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def a(context: dg.AssetExecutionContext) -> None:
        _ = context.partition_key

    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(Exception, match="partition"):
        dg.materialize([a], instance=instance, tags=TAGS)


def test_a_range_of_a_job_from_the_implicit_asset_job_takes_the_same_tags():
    seen = []
    definitions = dg.Definitions(assets=[_asset("a", seen=seen), _asset("b", ["a"], seen)])
    with dg.DagsterInstance.ephemeral() as instance:
        definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            asset_selection=[dg.AssetKey("b")], instance=instance, tags=TAGS
        )
    assert seen == [("b", "2022-01-01", "2022-01-03")]


def test_today_in_the_east_is_the_last_partition():
    with dg.partition_loading_context(effective_dt=datetime(2022, 1, 7, 23, 30, tzinfo=ZoneInfo("America/New_York"))):
        assert DAILY.get_last_partition_key() == "2022-01-07"


def test_hand_written_storages_are_accepted_in_dagster_yaml(tmp_path):
    (tmp_path / "dagster.yaml").write_text(
        yaml.safe_dump(
            {
                "event_log_storage": {
                    "module": "nba_assets.local.event_log",
                    "class": "BatchedSqliteEventLogStorage",
                    "config": {"base_dir": str(tmp_path / "events")},
                },
                "telemetry": {"enabled": False},
            }
        )
    )
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert type(instance.event_log_storage).__name__ == "BatchedSqliteEventLogStorage"


def test_a_step_waits_for_a_place_in_its_pool_and_then_runs(tmp_path):
    """What guards the rate of live sources: another run holds the only place, and gives it back."""
    seen = []

    @dg.asset(pool="live_sources")
    def asking() -> None:
        seen.append("asked")

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        storage = instance.event_log_storage
        storage.set_concurrency_slots("live_sources", 1)
        assert storage.claim_concurrency_slot("live_sources", "another run", "another step").is_claimed
        run = threading.Thread(target=lambda: dg.materialize([asking], instance=instance))
        run.start()
        deadline = monotonic() + 60
        while not storage.get_concurrency_info("live_sources").pending_step_count and monotonic() < deadline:
            run.join(0.05)
        assert storage.get_concurrency_info("live_sources").pending_step_count == 1
        assert seen == []
        storage.free_concurrency_slots_for_run("another run")
        run.join(60)
    assert seen == ["asked"]
