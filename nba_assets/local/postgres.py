"""Dagster's event log in PostgreSQL, for several machines: a kept connection, and batches (`event_batches.py`).

Runs and schedules are in dagster-postgres' stock storages. Which database it is, Dagster reads from the environment at
each start; no file says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config

from nba_assets.local.check_states import CheckStates
from nba_assets.local.event_batches import BatchedEvents, Row

_RECYCLE_SECONDS = 3_600


class BatchedPostgresEventLogStorage(BatchedEvents, CheckStates, PostgresEventLogStorage):
    """The stock storage with a kept connection, a batch per transaction, and remembered states of checks."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        # The stock storage connects anew for each of a step's events: two thirds of what storing them takes.
        self._engine.dispose()
        self._engine = create_pg_engine(
            postgres_url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True, pool_recycle=_RECYCLE_SECONDS
        )

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> BatchedPostgresEventLogStorage:
        """Called by Dagster with what dagster.yaml says."""
        return cls(pg_url_from_config(config_value), inst_data=inst_data)

    def dispose(self) -> None:
        """Close the kept connection as well."""
        self._engine.dispose()
        super().dispose()

    def store_rows(self, events: Sequence[EventLogEntry], rows: Sequence[Row]) -> None:
        """In the one table of events."""
        with self.index_transaction() as connection:
            self.store_indexed(connection, events, rows)
