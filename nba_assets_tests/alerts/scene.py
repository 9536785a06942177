"""Runs with check results as a test wants them, and ticks of the sensors that follow them.

(No postponed annotations here: Dagster reads the annotation of `context` at definition.)
"""

import sys
import warnings
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from nba_assets.alerts.outbox import Outbox
from nba_assets.alerts.sensors import alert_failed_checks, alert_failed_runs, alert_stalled_backfills
from nba_assets.days import DayRange
from nba_assets.partitions import DAILY, range_tags
from nba_assets.settings import Settings

FIRST, LAST = date(2022, 1, 1), date(2022, 1, 7)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Fails:
    """A check and the days of January 2022 on which it fails; `then` is raised after it said so."""

    name: str
    days: tuple[int, ...] = ()
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    is_blocking: bool = False
    then: Exception | None = None


def warns(name: str, *days: int) -> Fails:
    return Fails(name, days, dg.AssetCheckSeverity.WARN)


def fails(name: str, *days: int) -> Fails:
    return Fails(name, days)


def blocks(name: str, *days: int) -> Fails:
    return Fails(name, days, is_blocking=True)


def make_asset(table: str = "games", error: str = "") -> dg.AssetsDefinition:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        @dg.asset(key=["nba_raw", table], partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
        def asset(context: dg.AssetExecutionContext) -> None:
            if error:
                raise ValueError(error)

        return asset


def make_check(asset: dg.AssetsDefinition, wanted: Fails) -> dg.AssetChecksDefinition:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        @dg.asset_check(asset=asset, name=wanted.name, partitions_def=DAILY, blocking=wanted.is_blocking)
        def check(context: dg.AssetCheckExecutionContext) -> Any:
            for key in context.partition_keys:
                day = date.fromisoformat(key).day
                yield dg.AssetCheckEvaluation(
                    asset_key=asset.key,
                    check_name=wanted.name,
                    passed=day not in wanted.days,
                    partition=key,
                    severity=wanted.severity,
                    blocking=wanted.is_blocking,
                    description=f"{day} of 44 rows have no minutes" if day in wanted.days else "all well",
                )
            if wanted.then:
                raise wanted.then
            yield dg.Output(None)

        return check


@dataclass
class Scene:
    """An instance, and where each sensor's cursor stands."""

    instance: dg.DagsterInstance
    settings: Settings
    cursors: dict[str, str | None] = field(default_factory=dict)

    def run(self, *checks: Fails, table: str = "games", error: str = "", last: date = LAST) -> str:
        """One run of a table from 1 to 7 January 2022 with these checks; returns its id."""
        asset = make_asset(table, error)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = dg.materialize(
                [asset, *(make_check(asset, wanted) for wanted in checks)],
                instance=self.instance,
                tags=range_tags(DayRange(FIRST, last)),
                raise_on_error=False,
                run_config=QUIET,
            )
        return result.run_id

    def tick(self, sensor: dg.SensorDefinition, keep_cursor: bool = True) -> str:
        """One tick, from where the sensor's cursor stands; returns what it says of itself."""
        result = sensor(dg.build_sensor_context(instance=self.instance, cursor=self.cursors.get(sensor.name)))
        if keep_cursor:
            self.cursors[sensor.name] = result.cursor
        return result.skip_reason.skip_message

    def tick_all(self) -> None:
        for sensor in (alert_failed_checks, alert_failed_runs, alert_stalled_backfills):
            self.tick(sensor)

    def take_messages(self) -> list[tuple[str, str, str]]:
        """(severity, title, body) of what is queued, which is then gone."""
        outbox = Outbox(self.settings.alerts_folder)
        letters = outbox.letters()
        for letter in letters:
            outbox.finish(letter)
        return [(letter.message.severity, letter.message.title, letter.message.body) for letter in letters]


def titles(found):
    """Of the messages that were taken."""
    return [title for _, title, _ in found]


def started_run(instance, status=dg.DagsterRunStatus.STARTED, **tags):
    """A run of a job that does nothing, with these tags, `__` in their names for `/`."""

    @dg.job
    def nothing():
        pass

    # Only runs of a code location can be queued.
    location = RegisteredCodeLocationOrigin("here")
    run = instance.create_run_for_job(
        nothing,
        status=status,
        tags={key.replace("__", "/"): value for key, value in tags.items()},
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "here"), "nothing"),
        job_code_origin=JobPythonOrigin("nothing", RepositoryPythonOrigin(sys.executable, ModuleCodePointer("m", "f"))),
    )
    instance.report_engine_event("It was started.", run)
    return run
