"""What is relied on of Dagster's partitioned checks, a preview feature: one verdict a day, also in a range run."""

import subprocess
import sys
import warnings
from datetime import date

import dagster as dg
import pytest

from nba_assets.checks.check import Check
from nba_assets.checks.results import daily_checks
from nba_assets.checks.verdict import Severity, failed, passed
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.partitions import DAILY, range_tags
from nba_assets.settings import load_settings

DAYS = DayRange(date(2022, 1, 1), date(2022, 1, 5))
BAD = date(2022, 1, 3)
KEY = dg.AssetKey(["d", "a"])
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dg.asset(key=KEY, partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
def upstream(context: dg.AssetExecutionContext) -> None:
    """Materializes whatever it is asked for."""


@dg.asset(
    key=dg.AssetKey(["d", "b"]),
    partitions_def=DAILY,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[dg.AssetDep(KEY, partition_mapping=dg.IdentityPartitionMapping())],
)
def downstream(context: dg.AssetExecutionContext) -> None:
    """Runs unless something upstream blocks it."""


def check(name, severity=Severity.ERROR, is_blocking=False):
    return Check(name, "Is it so?", "because.", severity, lambda look: {}, frozenset({"a"}), is_blocking)


def verdicts(days, bad=(BAD,), **failure):
    return {d: failed("Something is wrong.", rows=3, **failure) if d in bad else passed("Fine.", rows=7) for d in days}


def definitions(*checks, evaluate=None):
    def default(_platform, days, wanted):
        return {c.name: verdicts(days) for c in wanted}, ""

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        made = daily_checks(KEY, checks, evaluate or default)
    return dg.Definitions(
        assets=[upstream, downstream],
        asset_checks=[made],
        resources={"platform": dg.ResourceDefinition.hardcoded_resource("a platform")},
        executor=dg.in_process_executor,
    )


@pytest.fixture
def instance(tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path / "home")})) as opened:
        yield opened


def run(instance, made, days=DAYS, **options):
    job = made.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance, tags=range_tags(days), raise_on_error=False, run_config=QUIET, **options
    )


def states(instance, name, days=DAYS):
    """Day -> what the UI shows of the check on it."""
    key = dg.AssetCheckKey(KEY, name)
    found = instance.event_log_storage.get_asset_check_partition_info([key], partition_keys=[str(d) for d in days])
    return {date.fromisoformat(i.partition_key): i.latest_execution_status.value for i in found}


def evaluations(instance):
    wanted = dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    records = instance.get_event_records(wanted, limit=1000, ascending=True)
    return [record.event_log_entry.asset_check_evaluation for record in records]


EXPECTED = {day: "FAILED" if day == BAD else "SUCCEEDED" for day in DAYS}


@pytest.mark.parametrize("batch_size", ["0", "3", "1000"])
def test_a_range_run_shows_a_verdict_for_each_day_whatever_the_batch(instance, monkeypatch, batch_size):
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", batch_size)
    result = run(instance, definitions(check("first"), check("second")))
    assert result.success
    assert states(instance, "first") == states(instance, "second") == EXPECTED


def test_a_run_of_one_day_shows_that_day(instance):
    run(instance, definitions(check("first")), DayRange(BAD, BAD))
    assert states(instance, "first") == {BAD: "FAILED"}


def test_a_stock_event_log_shows_the_same():
    with dg.DagsterInstance.ephemeral() as stock:
        run(stock, definitions(check("first")))
        assert states(stock, "first") == EXPECTED


def test_a_second_run_replaces_the_verdicts_of_its_days_only(instance):
    run(instance, definitions(check("first")))
    fixed = definitions(
        check("first"), evaluate=lambda _, days, wanted: ({c.name: verdicts(days, ()) for c in wanted}, "")
    )
    run(instance, fixed, DayRange(BAD, DAYS.last))
    assert states(instance, "first") == dict.fromkeys(DAYS, "SUCCEEDED")
    run(instance, definitions(check("first")), DayRange(DAYS.first, DAYS.first))
    assert states(instance, "first") == dict.fromkeys(DAYS, "SUCCEEDED")


def test_an_evaluation_carries_text_figures_severity_and_the_materialization_it_speaks_of(instance):
    details = [{"reason": "gone", "keys": 2, "day": BAD}]

    def evaluate(_, days, wanted):
        return {c.name: verdicts(days, severity=Severity.WARN, details=details) for c in wanted}, ""

    result = run(instance, definitions(check("first"), evaluate=evaluate))
    by_day = {e.partition: e for e in evaluations(instance)}
    bad, good = by_day[str(BAD)], by_day[str(DAYS.first)]
    assert (bad.passed, bad.description, bad.severity) == (False, "Something is wrong.", dg.AssetCheckSeverity.WARN)
    assert bad.metadata["rows"].value == 3
    assert bad.metadata["details"].records[0].data == {"reason": "gone", "keys": 2, "day": str(BAD)}
    assert bad.target_materialization_data.run_id == good.target_materialization_data.run_id == result.run_id
    assert (good.passed, good.metadata["rows"].value) == (True, 7)


def test_the_runs_log_has_the_evaluations_under_the_step_that_made_them(instance):
    result = run(instance, definitions(check("first")))
    kinds = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    found = [entry for entry in instance.all_logs(result.run_id) if entry.dagster_event_type == kinds]
    assert len(found) == len(DAYS)
    assert {entry.dagster_event.step_key for entry in found} == {"d__a__checks"}


def was_built(instance, name):
    return bool(instance.get_materialized_partitions(dg.AssetKey(["d", name])))


@pytest.mark.parametrize(
    ("severity", "is_blocking", "succeeds"),
    [(Severity.ERROR, False, True), (Severity.WARN, True, True), (Severity.ERROR, True, False)],
)
def test_only_a_blocking_error_stops_what_is_downstream(instance, severity, is_blocking, succeeds):
    result = run(instance, definitions(check("first", severity, is_blocking)))
    assert result.success is succeeds
    assert was_built(instance, "b") is succeeds
    assert states(instance, "first") == EXPECTED


def test_the_failure_of_a_blocked_run_names_check_and_days(instance):
    result = run(instance, definitions(check("first", is_blocking=True)))
    failure = next(event for event in result.all_events if event.is_step_failure)
    assert "ERROR first on 2022-01-03: Something is wrong." in failure.step_failure_data.error.message


def test_a_check_that_says_nothing_of_a_day_fails_the_run_and_passes_nothing(instance):
    made = definitions(
        check("first", is_blocking=True),
        evaluate=lambda _, days, wanted: ({c.name: verdicts(list(days)[1:], ()) for c in wanted}, ""),
    )
    assert not run(instance, made).success
    assert not was_built(instance, "b")
    assert "SUCCEEDED" not in states(instance, "first").values()


def test_a_check_that_raises_fails_the_run_and_passes_nothing(instance):
    def broken(_platform, _days, _wanted):
        raise RuntimeError("cannot look")

    assert not run(instance, definitions(check("first"), evaluate=broken)).success
    assert "SUCCEEDED" not in states(instance, "first").values()


def test_checks_can_be_selected_one_by_one(instance):
    seen = []

    def evaluate(_, days, wanted):
        seen.append([c.name for c in wanted])
        return {c.name: verdicts(days) for c in wanted}, ""

    made = definitions(check("first"), check("second"), evaluate=evaluate)
    run(instance, made, asset_selection=[KEY])
    job = dg.define_asset_job(
        "one", selection=dg.AssetSelection.checks(dg.AssetCheckKey(KEY, "second")), partitions_def=DAILY
    )
    alone = dg.Definitions(
        assets=made.assets, asset_checks=made.asset_checks, resources=made.resources, executor=made.executor, jobs=[job]
    )
    result = alone.resolve_job_def("one").execute_in_process(
        instance=instance, tags=range_tags(DAYS), run_config=QUIET, raise_on_error=False
    )
    assert result.success
    assert seen == [["first", "second"], ["second"]]


def test_the_asset_observes_a_calendar_and_what_did_not_pass(instance):
    made = definitions(
        check("first"), evaluate=lambda _, days, wanted: ({c.name: verdicts(days) for c in wanted}, "| a calendar |")
    )
    run(instance, made)
    (record,) = instance.fetch_observations(KEY, limit=10).records
    metadata = record.asset_observation.metadata
    assert metadata["coverage_calendar"].value == "| a calendar |"
    assert metadata["checks"].value == "- ERROR first on 2022-01-03: Something is wrong."


def test_checks_launched_without_days_fail_and_say_what_to_do(instance):
    made = definitions(check("first"))
    job = dg.define_asset_job("one", selection=dg.AssetSelection.checks(dg.AssetCheckKey(KEY, "first")))
    alone = dg.Definitions(
        assets=made.assets, asset_checks=made.asset_checks, resources=made.resources, executor=made.executor, jobs=[job]
    )
    result = alone.resolve_job_def("one").execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)
    failure = next(event for event in result.all_events if event.is_step_failure)
    assert "nba-assets check START END" in failure.step_failure_data.error.message


_PLANS = """
import weakref
from dagster import AssetKey
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned

class Event:
    pass

def plans():
    event = Event()
    AssetCheckEvaluationPlanned(asset_key=AssetKey("a"), check_name="c")
    return weakref.ref(event)

print("let go" if plans()() is None else "kept")
"""


@pytest.mark.parametrize(
    ("first", "kept"), [("import dagster", "kept"), ("import nba_assets.checks.results", "let go")]
)
def test_what_a_first_run_plans_is_not_kept_for_good(first, kept):
    """A process of its own: Dagster keeps the variables of whoever plans a check first, once."""
    said = subprocess.run([sys.executable, "-c", first + _PLANS], capture_output=True, text=True, check=True)
    assert said.stdout == f"{kept}\n"
