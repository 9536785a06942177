"""Dagster's SQLite event log, written in batches through kept connections.

A range run records a planned and a materialized event for each day of each table. The stock storage opens a connection
for every event, about 20 ms each, so that a season of nineteen tables would take minutes to write down. Here the events
are the same, in the same tables; only connections are kept, and a batch is one transaction. It leans on private methods
of the pinned Dagster release; `nba_assets_tests/local/` characterizes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dagster._core.events import ASSET_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SQLITE_BUSY_TIMEOUT_SECONDS,
    SqliteEventLogStorage,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool


class BatchedSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock storage with kept connections and a batch per transaction."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> BatchedSqliteEventLogStorage:
        """Called by Dagster with what dagster.yaml says."""
        return cls(inst_data=inst_data, **config_value)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events of one run; batches of other kinds of event go one by one, as in the stock storage."""
        is_asset_batch = all(e.is_dagster_event and e.dagster_event_type in ASSET_EVENTS for e in events)
        if not is_asset_batch or len({e.run_id for e in events}) != 1:
            super().store_event_batch(events)
            return
        rows = [self._event_to_row(e) for e in events]
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(SqlEventLogStorageTable.insert(), rows)
        with self.index_connection() as connection:
            numbered = SqlEventLogStorageTable.insert().returning(
                SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
            )
            ids = list(connection.execute(numbered, rows).scalars())
            self._store_asset_event_tags(connection, events, ids)
            # The table of assets keeps each asset's latest event only.
            latest = {e.get_dagster_event().asset_key: (e, i) for e, i in zip(events, ids, strict=True)}
            for entry, event_id in latest.values():
                self._store_asset_event(connection, entry, event_id)

    def dispose(self) -> None:
        """Close the kept connections as well."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            # In WAL mode a commit then survives a crash of the process; the last ones may be lost with the machine,
            # and the warehouse's ledger, not this log, says what is built.
            event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=NORMAL"))
            if shard not in self._initialized_dbs:
                self._initdb(engine, for_index_shard=shard == INDEX_SHARD_NAME)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        return self._engines[shard]
