"""Dagster's home: the folder, its dagster.yaml, and the instance that commands work with.

Its state is in SQLite files in the folder, or in a PostgreSQL database for several machines.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nba_assets.files import write_whole
from nba_assets.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

BATCH_SIZE_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
BATCH_SIZE = 1_000
_SENSOR_SECONDS = 300
"""Dagster ends a sensor after a minute and asks it the same again. To say why a run over five seasons failed may take
more: its 330,000 verdicts are looked through for those that stopped it."""

_DAGSTER_YAML = """\
# Written by nba-assets; remove this line to keep your own changes.
telemetry:
  enabled: false
nux:
  enabled: false
# Part of a run's log: why it waits for the warehouse, and what sources say, such as games whose shots do not add up.
python_logs:
  managed_python_loggers: [nba_assets]
  python_log_level: INFO
{storage}concurrency:
  runs:
    max_concurrent_runs: {concurrent_runs}
  # Raw tables ask live services: one step of all runs at a time.
  pools:
    default_limit: 1
    granularity: op
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: 7
"""
_SQLITE = """\
event_log_storage:
  module: nba_assets.local.event_log
  class: BatchedSqliteEventLogStorage
  config:
    base_dir: "{home}/events"
run_storage:
  module: dagster._core.storage.runs
  class: SqliteRunStorage
  config:
    base_dir: "{home}/runs"
schedule_storage:
  module: dagster._core.storage.schedules
  class: SqliteScheduleStorage
  config:
    base_dir: "{home}/schedules"
"""
_POSTGRES = """\
# The address has a password in it: Dagster takes it from the environment, and it is written down nowhere.
event_log_storage:
  module: nba_assets.local.postgres
  class: BatchedPostgresEventLogStorage
  config:
    postgres_url:
      env: NBA_ASSETS_POSTGRES_URL
run_storage:
  module: dagster_postgres.run_storage
  class: PostgresRunStorage
  config:
    postgres_url:
      env: NBA_ASSETS_POSTGRES_URL
schedule_storage:
  module: dagster_postgres.schedule_storage
  class: PostgresScheduleStorage
  config:
    postgres_url:
      env: NBA_ASSETS_POSTGRES_URL
"""
_MARK = _DAGSTER_YAML.splitlines()[0]


_CONNECT_SECONDS = 10


class DatabaseError(Exception):
    """The database of NBA_ASSETS_POSTGRES_URL cannot be used; says why, without its password."""


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the folder and write dagster.yaml, unless a person has taken the file over (removed its first line)."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    storage = _POSTGRES if settings.postgres_url else _SQLITE.format(home=_in_quotes(str(home)))
    text = _DAGSTER_YAML.format(storage=storage, concurrent_runs=settings.concurrent_runs)
    if not file.exists() or (file.read_text().startswith(_MARK) and file.read_text() != text):
        # Processes that start at the same time read it whole.
        write_whole(file, text)
    return home


def _in_quotes(text: str) -> str:
    """The text as it stands between double quotes in YAML."""
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)


def dagster_environment(settings: Settings) -> dict[str, str]:
    """What Dagster's own processes need in their environment to use this home."""
    return {
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        BATCH_SIZE_VARIABLE: str(BATCH_SIZE),
        "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": str(_SENSOR_SECONDS),
        **caches(settings),
    }


def caches(settings: Settings) -> dict[str, str]:
    """Where libraries that would keep files in a person's home keep them instead."""
    return {"MPLCONFIGDIR": str(settings.home / "cache" / "matplotlib")}


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The Dagster instance of the home, with batched event writing in this process.

    Raises:
        DatabaseError: its database cannot be used.
    """
    import dagster as dg

    if settings.postgres_url:
        _require_database(settings.postgres_url)
    home = prepare_dagster_home(settings)
    # Dagster reads the batch size from the environment at each event; there is no other way to set it.
    for name, value in {BATCH_SIZE_VARIABLE: str(BATCH_SIZE), **caches(settings)}.items():
        os.environ.setdefault(name, value)
    # Two that make the tables of a new home at the same time break them for good.
    with (home / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        instance = dg.DagsterInstance.from_config(str(home))
        # They are made when they are first asked for.
        _ = instance.run_storage, instance.event_log_storage, instance.schedule_storage
    return instance


def _require_database(url: str) -> None:
    """Connect once, so that what is wrong is said at once and to the point; Dagster would try again and again."""
    import psycopg2

    try:
        psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS).close()
    except psycopg2.Error as error:
        raise DatabaseError(
            f"The database of NBA_ASSETS_POSTGRES_URL cannot be used: {str(error).strip()}. Is it running, and are "
            "user, password and the name of the database right?"
        ) from None
