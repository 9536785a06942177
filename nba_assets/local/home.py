"""Dagster's home on one machine: the folder, its dagster.yaml, and the instance that commands work with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nba_assets.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

BATCH_SIZE_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
BATCH_SIZE = 1_000

_DAGSTER_YAML = """\
# Written by nba-assets; remove this line to keep your own changes.
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: nba_assets.local.event_log
  class: BatchedSqliteEventLogStorage
  config:
    base_dir: {events}
run_storage:
  module: dagster._core.storage.runs
  class: SqliteRunStorage
  config:
    base_dir: {runs}
schedule_storage:
  module: dagster._core.storage.schedules
  class: SqliteScheduleStorage
  config:
    base_dir: {schedules}
# One DuckDB file has one writer: runs wait for each other.
concurrency:
  runs:
    max_concurrent_runs: 1
  # Raw tables ask live services: one step of all runs at a time.
  pools:
    default_limit: 1
    granularity: op
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
# What sources say, such as games whose shots do not add up, is part of a run's log.
python_logs:
  managed_python_loggers: [nba_assets.sources]
  python_log_level: INFO
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: 7
"""
_MARK = _DAGSTER_YAML.splitlines()[0]


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the folder and write dagster.yaml, unless a person has taken the file over (removed its first line)."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    text = _DAGSTER_YAML.format(events=home / "events", runs=home / "runs", schedules=home / "schedules")
    if not file.exists() or (file.read_text().startswith(_MARK) and file.read_text() != text):
        file.write_text(text)
    return home


def dagster_environment(settings: Settings) -> dict[str, str]:
    """What Dagster's own processes need in their environment to use this home."""
    return {
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        BATCH_SIZE_VARIABLE: str(BATCH_SIZE),
        **caches(settings),
    }


def caches(settings: Settings) -> dict[str, str]:
    """Where libraries that would keep files in a person's home keep them instead."""
    return {"MPLCONFIGDIR": str(settings.home / "cache" / "matplotlib")}


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The Dagster instance of the home, with batched event writing in this process."""
    import dagster as dg

    home = prepare_dagster_home(settings)
    # Dagster reads the batch size from the environment at each event; there is no other way to set it.
    for name, value in {BATCH_SIZE_VARIABLE: str(BATCH_SIZE), **caches(settings)}.items():
        os.environ.setdefault(name, value)
    return dg.DagsterInstance.from_config(str(home))
