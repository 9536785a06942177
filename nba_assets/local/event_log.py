"""Dagster's SQLite event log, written in batches through kept connections.

The stock storage opens a connection for every event, about 20 ms each. Here connections are kept, and a batch is one
transaction (`event_batches.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dagster._core.event_api import EventLogRecord, EventRecordsFilter
from dagster._core.events import ASSET_CHECK_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SQLITE_BUSY_TIMEOUT_SECONDS,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from nba_assets.local.event_batches import BatchedEvents, Row
from nba_assets.local.watched_log import WatchedLog


class BatchedSqliteEventLogStorage(BatchedEvents, WatchedLog):
    """The stock storage with kept connections, a batch per transaction, and remembered states of checks."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> BatchedSqliteEventLogStorage:
        """Called by Dagster with what dagster.yaml says."""
        return cls(inst_data=inst_data, **config_value)

    def store_rows(self, events: Sequence[EventLogEntry], rows: Sequence[Row]) -> None:
        """In the run's own file as well."""
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(SqlEventLogStorageTable.insert(), list(rows))
        with self.index_connection() as connection:
            self.store_indexed(connection, events, rows)

    def insert_numbered(self, connection: Connection, rows: Sequence[Row]) -> Sequence[int]:
        """SQLite numbers a statement's rows one after another, and nobody writes meanwhile: the last number says all.

        SQLAlchemy does not rely on it, and inserts row by row to learn the numbers.
        """
        connection.execute(SqlEventLogStorageTable.insert(), list(rows))
        last = connection.execute(text("SELECT last_insert_rowid()")).scalar_one()
        return range(last - len(rows) + 1, last + 1)

    def get_event_records(
        self, event_records_filter: EventRecordsFilter, limit: int | None = None, ascending: bool = False
    ) -> Sequence[EventLogRecord]:
        """As in the stock storage; check evaluations are read from the index, numbered across runs.

        The stock storage walks through the files of all runs for them, with numbers that start anew in each.
        """
        if event_records_filter.event_type in ASSET_CHECK_EVENTS:
            return self._get_event_records(event_records_filter, limit, ascending)
        return super().get_event_records(event_records_filter, limit, ascending)

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
            _tune(engine)
            if shard not in self._initialized_dbs:
                self._initdb(engine, for_index_shard=shard == INDEX_SHARD_NAME)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        return self._engines[shard]

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        # The stock storage makes a new index through an engine of its own.
        _tune(engine)
        super()._initdb(engine, for_index_shard)


def _tune(engine: Engine) -> None:
    if not event.contains(engine, "connect", _tuned):
        event.listen(engine, "connect", _tuned)


def _tuned(raw: Any, _record: Any) -> None:
    # Of a file that is made now. Of most events, which take more than a quarter of SQLite's usual page, few would fill
    # one, and leave the rest of it empty.
    raw.execute("PRAGMA page_size=16384")
    # In WAL mode a commit then survives a crash of the process; the last ones may be lost with the machine, and the
    # warehouse's ledger, not this log, says what is built.
    raw.execute("PRAGMA synchronous=NORMAL")
    # A season writes tens of thousands of events: fewer copies from the write-ahead log, more of the index in memory.
    raw.execute("PRAGMA wal_autocheckpoint=2500")
    raw.execute("PRAGMA cache_size=-32000")
