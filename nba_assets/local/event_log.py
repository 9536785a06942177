"""Dagster's SQLite event log, written in batches through kept connections.

A range run records a planned and a materialized event for each day of each table, and a verdict for each day of each
check. The stock storage opens a connection
for every event, about 20 ms each, so that a season of all tables would take minutes to write down. Here the events
are the same, in the same tables; only connections are kept, and a batch is one transaction. It leans on private methods
of the pinned Dagster release; `nba_assets_tests/local/` characterizes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from dagster._core.event_api import EventLogRecord, EventRecordsFilter
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SQLITE_BUSY_TIMEOUT_SECONDS,
    SqliteEventLogStorage,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_INDEXED = ASSET_EVENTS | ASSET_CHECK_EVENTS
"""Kinds of event that are kept across runs, besides in their run's own file."""

_Stored = tuple[EventLogEntry, int, dict[str, Any]]
"""An event, its number in the index, and its row there."""


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
        kinds = {e.dagster_event_type if e.is_dagster_event else None for e in events}
        if not kinds <= _INDEXED or len({e.run_id for e in events}) != 1:
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
            stored = list(zip(events, ids, rows, strict=True))
            self._store_asset_events(connection, [s for s in stored if s[0].dagster_event_type in ASSET_EVENTS])
            self._store_check_events(connection, [s for s in stored if s[0].dagster_event_type in ASSET_CHECK_EVENTS])

    def get_event_records(
        self, event_records_filter: EventRecordsFilter, limit: int | None = None, ascending: bool = False
    ) -> Sequence[EventLogRecord]:
        """As in the stock storage; check evaluations are read from the index, numbered across runs.

        The stock storage walks through the files of all runs for them, with numbers that start anew in each.
        """
        if event_records_filter.event_type in ASSET_CHECK_EVENTS:
            return self._get_event_records(event_records_filter, limit, ascending)
        return super().get_event_records(event_records_filter, limit, ascending)

    def _store_asset_events(self, connection: Connection, stored: Sequence[_Stored]) -> None:
        if not stored:
            return
        self._store_asset_event_tags(connection, [e for e, _, _ in stored], [i for _, i, _ in stored])
        # The table of assets keeps each asset's latest event only.
        latest = {e.get_dagster_event().asset_key: (e, i) for e, i, _ in stored}
        for entry, event_id in latest.values():
            self._store_asset_event(connection, entry, event_id)

    def _store_check_events(self, connection: Connection, stored: Sequence[_Stored]) -> None:
        """The table of check executions: a row is planned for each partition, and its evaluation takes its place."""
        if not stored:
            return
        table = AssetCheckExecutionsTable
        planned = [
            row
            for entry, event_id, _ in stored
            if entry.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
            for row in _planned(entry, event_id)
        ]
        if planned:
            connection.execute(table.insert(), planned)
        evaluated = [
            _evaluated(entry, event_id, row)
            for entry, event_id, row in stored
            if entry.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION
        ]
        partitions: dict[tuple[str, str], list[str | None]] = {}
        for row in evaluated:
            partitions.setdefault((row["asset_key"], row["check_name"]), []).append(row["partition"])
        for (asset_key, check_name), of_check in partitions.items():
            named = [partition for partition in of_check if partition is not None]
            is_same = table.c.partition.in_(named) if named else table.c.partition.is_(None)
            of_run = (table.c.run_id == stored[0][0].run_id, table.c.asset_key == asset_key)
            connection.execute(table.delete().where(*of_run, table.c.check_name == check_name, is_same))
        if evaluated:
            connection.execute(table.insert(), evaluated)

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
            event.listen(engine, "connect", _tune)
            if shard not in self._initialized_dbs:
                self._initdb(engine, for_index_shard=shard == INDEX_SHARD_NAME)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        return self._engines[shard]


def _execution(entry: EventLogEntry, event_id: int) -> dict[str, Any]:
    data: Any = entry.get_dagster_event().event_specific_data
    return {
        "asset_key": data.asset_key.to_string(),
        "check_name": data.check_name,
        "run_id": entry.run_id,
        "evaluation_event_timestamp": datetime.fromtimestamp(entry.timestamp, UTC).replace(tzinfo=None),
        "evaluation_event_storage_id": event_id,
    }


def _planned(entry: EventLogEntry, event_id: int) -> list[dict[str, Any]]:
    """A row for each partition. The plan itself, the same for all of them, stays in the log of events."""
    subset = entry.get_dagster_event().event_specific_data.partitions_subset  # type: ignore[union-attr]
    partitions = list(subset.get_partition_keys()) if subset else [None]
    row = _execution(entry, event_id) | {"execution_status": AssetCheckExecutionRecordStatus.PLANNED.value}
    return [{**row, "partition": partition} for partition in partitions]


def _evaluated(entry: EventLogEntry, event_id: int, row: dict[str, Any]) -> dict[str, Any]:
    evaluation: Any = entry.get_dagster_event().event_specific_data
    status = AssetCheckExecutionRecordStatus.SUCCEEDED if evaluation.passed else AssetCheckExecutionRecordStatus.FAILED
    target = evaluation.target_materialization_data
    return {
        **_execution(entry, event_id),
        "evaluation_event": row["event"],
        "partition": evaluation.partition,
        "execution_status": status.value,
        "materialization_event_storage_id": target.storage_id if target else None,
    }


def _tune(raw: Any, _record: Any) -> None:
    # In WAL mode a commit then survives a crash of the process; the last ones may be lost with the machine, and the
    # warehouse's ledger, not this log, says what is built.
    raw.execute("PRAGMA synchronous=NORMAL")
    # A season writes tens of thousands of events: fewer copies from the write-ahead log, more of the index in memory.
    raw.execute("PRAGMA wal_autocheckpoint=10000")
    raw.execute("PRAGMA cache_size=-32000")
