"""What is remembered of checks is what Dagster makes of the same events, until there is another."""

from datetime import date, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import DagsterEventType
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionResolvedStatus
from dagster._core.storage.asset_check_state import AssetCheckState, bulk_update_asset_check_state
from dagster._core.test_utils import create_run_for_test

from nba_assets.local.home import open_instance
from nba_assets.partitions import DAILY
from nba_assets.settings import load_settings
from nba_assets_tests.local.verdicts import entry

GAMES = dg.AssetKey(["nba_raw", "games"])
COVERAGE = (dg.AssetCheckKey(GAMES, "coverage"), DAILY)
OTHER = (dg.AssetCheckKey(GAMES, "other"), DAILY)
OF_NO_DAYS = (dg.AssetCheckKey(dg.AssetKey("elsewhere"), "coverage"), None)
Status = AssetCheckExecutionResolvedStatus


@pytest.fixture(params=["sqlite", "postgres"])
def instance(request, tmp_path, monkeypatch):
    if request.param == "postgres":
        monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", request.getfixturevalue("database"))
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    with open_instance(load_settings()) as opened:
        yield opened


def _day(number):
    return (date(2022, 1, 1) + timedelta(days=number)).isoformat()


def _materialize(instance, number):
    """The number of the event."""
    instance.report_runless_asset_event(dg.AssetMaterialization(GAMES, partition=_day(number)))
    found = instance.event_log_storage.get_latest_storage_id_by_partition(
        GAMES, DagsterEventType.ASSET_MATERIALIZATION, {_day(number)}
    )
    return found[_day(number)]


def _judge(instance, number, passed, materialized=None, run="done", **said):
    target = materialized and AssetCheckEvaluationTargetMaterializationData(
        storage_id=materialized, run_id="any", timestamp=1e9
    )
    verdict = entry(number, passed=passed, target=target, of_entry={"run_id": run}, **said)
    instance.event_log_storage.store_event_batch([verdict])


def _plan(instance, number, run):
    planned = AssetCheckEvaluationPlanned(
        asset_key=GAMES,
        check_name="coverage",
        partitions_subset=DAILY.subset_with_partition_keys([_day(number)]).to_serializable_subset(),
    )
    event = {
        "event_type_value": DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value,
        "event_specific_data": planned,
    }
    instance.event_log_storage.store_event(
        entry(number, passed=True, of_event=event, of_entry={"run_id": run.run_id}),
    )


def _states(instance, *asked):
    return instance.event_log_storage.get_asset_check_state(list(asked or (COVERAGE,)))


def _days(instance, status):
    return set(_states(instance)[COVERAGE[0]].subsets[status].subset_value.get_partition_keys())


def _no_reading(*_):
    raise AssertionError("the log was read")


def test_states_are_those_that_dagster_makes_of_the_same_events(instance):
    going_on = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED)
    failed = create_run_for_test(instance, status=dg.DagsterRunStatus.FAILURE)
    ended = create_run_for_test(instance, status=dg.DagsterRunStatus.SUCCESS)
    for number, passed in ((0, True), (1, False), (2, True)):
        _judge(instance, number, passed, _materialize(instance, number))
    _materialize(instance, 2)  # Of which the verdict does not speak.
    for number, run in ((3, going_on), (4, failed), (5, ended)):
        _plan(instance, number, run)
    _judge(instance, 6, True)
    _judge(instance, 7, False, run="an earlier one")
    _judge(instance, 7, True)
    for no_day in ("2001-01-01", "a name", None):  # Of other partitions, or none, that the asset had before.
        _judge(instance, 8, True, partition=no_day)
    asked = [COVERAGE, OTHER, OF_NO_DAYS]
    nothing = {key: AssetCheckState.empty() for key, _ in asked}
    found = _states(instance, *asked)
    assert found == bulk_update_asset_check_state(instance, asked, nothing)
    subsets = found[COVERAGE[0]].subsets
    assert {status: set(subset.subset_value.get_partition_keys()) for status, subset in subsets.items()} == {
        Status.SUCCEEDED: {_day(0), _day(6), _day(7)},
        Status.FAILED: {_day(1)},
        Status.IN_PROGRESS: {_day(3)},
        Status.EXECUTION_FAILED: {_day(4)},
        Status.SKIPPED: {_day(5)},
    }


def test_the_log_is_read_once_until_something_happens(instance, monkeypatch):
    _judge(instance, 0, True, _materialize(instance, 0))
    first = _states(instance)
    with monkeypatch.context() as patched:
        patched.setattr(instance.event_log_storage, "get_asset_check_partition_info", _no_reading)
        assert _states(instance) == first
        _materialize(instance, 1)
        with pytest.raises(AssertionError, match="the log was read"):
            _states(instance)


@pytest.mark.parametrize("passed", [True, False])
def test_a_verdict_is_seen_at_once(instance, passed):
    _judge(instance, 0, passed, _materialize(instance, 0))
    assert _days(instance, Status.SUCCEEDED if passed else Status.FAILED) == {_day(0)}
    _judge(instance, 1, passed, _materialize(instance, 1))
    assert _days(instance, Status.SUCCEEDED if passed else Status.FAILED) == {_day(0), _day(1)}


def test_a_verdict_is_gone_when_its_day_is_materialized_again(instance):
    _judge(instance, 0, True, _materialize(instance, 0))
    assert _days(instance, Status.SUCCEEDED) == {_day(0)}
    _materialize(instance, 0)
    assert _days(instance, Status.SUCCEEDED) == set()


def test_a_planned_check_is_in_progress_until_its_run_ends(instance):
    run = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED)
    assert _days(instance, Status.IN_PROGRESS) == set()
    _plan(instance, 0, run)
    assert _days(instance, Status.IN_PROGRESS) == {_day(0)}
    instance.report_run_failed(run)
    assert _days(instance, Status.IN_PROGRESS) == set()
    assert _days(instance, Status.EXECUTION_FAILED) == {_day(0)}


def test_what_is_wiped_is_forgotten(instance):
    _judge(instance, 0, True, _materialize(instance, 0))
    instance.report_runless_asset_event(dg.AssetMaterialization("elsewhere", partition=_day(0)))
    before = _states(instance)
    instance.wipe_assets([GAMES])
    asked = [COVERAGE]
    assert _states(instance) == bulk_update_asset_check_state(instance, asked, {COVERAGE[0]: AssetCheckState.empty()})
    assert before[COVERAGE[0]].subsets[Status.SUCCEEDED].size == 1


def test_the_days_of_another_definition_are_another_question(instance):
    _judge(instance, 0, True)
    shorter = dg.DailyPartitionsDefinition("2022-01-02", timezone=DAILY.timezone)
    assert _states(instance)[COVERAGE[0]].subsets[Status.SUCCEEDED].size == 1
    assert _states(instance, (COVERAGE[0], shorter))[COVERAGE[0]].subsets[Status.SUCCEEDED].size == 0
