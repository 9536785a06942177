"""Dagster's event log in PostgreSQL, for several machines, written in batches (`event_batches.py`).

Runs and schedules are in dagster-postgres' stock storages. Which database it is, Dagster reads from the environment at
each start; no file says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import pg_url_from_config

from nba_assets.local.event_batches import BatchedEvents, Row


class BatchedPostgresEventLogStorage(BatchedEvents, PostgresEventLogStorage):
    """The stock storage with a batch per transaction."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> BatchedPostgresEventLogStorage:
        """Called by Dagster with what dagster.yaml says."""
        return cls(pg_url_from_config(config_value), inst_data=inst_data)

    def store_rows(self, events: Sequence[EventLogEntry], rows: Sequence[Row]) -> None:
        """In the one table of events."""
        with self.index_transaction() as connection:
            self.store_indexed(connection, events, rows)
