"""Dagster's SQLite event log, written in batches through kept connections.

A range run records a planned and a materialized event for each day of each table, and a verdict for each day of each
check. The stock storage opens a connection
for every event, about 20 ms each, so that a season of nineteen tables would take minutes to write down. Here the events
are the same, in the same tables; only connections are kept, and a batch is one transaction. It leans on private methods
of the pinned Dagster release; `nba_assets_tests/local/` characterizes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, select
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
        """The table of check executions: a row is planned for each partition, and filled in by its evaluation."""
        if not stored:
            return
        table = AssetCheckExecutionsTable
        planned = [
            {**execution, "partition": partition}
            for entry, event_id, row in stored
            if entry.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
            for execution, partitions in [_planned(entry, event_id, row)]
            for partition in partitions
        ]
        if planned:
            connection.execute(table.insert(), planned)
        evaluated = [
            _evaluated(entry, event_id, row)
            for entry, event_id, row in stored
            if entry.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION
        ]
        if not evaluated:
            return
        identity = ("asset_key", "check_name", "partition")
        waiting = {
            tuple(row)
            for row in connection.execute(
                select(*(table.c[name] for name in identity)).where(
                    table.c.run_id == stored[0][0].run_id,
                    table.c.check_name.in_({e["check_name"] for e in evaluated}),
                    table.c.asset_key.in_({e["asset_key"] for e in evaluated}),
                )
            ).all()
        }
        updates = [e for e in evaluated if tuple(e[name] for name in identity) in waiting]
        inserts = [e for e in evaluated if tuple(e[name] for name in identity) not in waiting]
        if updates:
            # IS, not =: the partition of a check without partitions is NULL.
            same = [table.c[name].is_not_distinct_from(bindparam(f"_{name}")) for name in (*identity, "run_id")]
            values: dict[str, Any] = {name: bindparam(name) for name in updates[0] if name not in (*identity, "run_id")}
            keyed = [{**e, **{f"_{name}": e[name] for name in (*identity, "run_id")}} for e in updates]
            connection.execute(table.update().where(*same).values(values), keyed)
        if inserts:
            connection.execute(table.insert(), inserts)

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


def _execution(entry: EventLogEntry, event_id: int, row: dict[str, Any]) -> dict[str, Any]:
    data: Any = entry.get_dagster_event().event_specific_data
    return {
        "asset_key": data.asset_key.to_string(),
        "check_name": data.check_name,
        "run_id": entry.run_id,
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": event_id,
    }


def _planned(entry: EventLogEntry, event_id: int, row: dict[str, Any]) -> tuple[dict[str, Any], Sequence[str | None]]:
    """The row, and the partitions that it stands for."""
    subset = entry.get_dagster_event().event_specific_data.partitions_subset  # type: ignore[union-attr]
    status = AssetCheckExecutionRecordStatus.PLANNED.value
    partitions = list(subset.get_partition_keys()) if subset else [None]
    return {**_execution(entry, event_id, row), "execution_status": status}, partitions


def _evaluated(entry: EventLogEntry, event_id: int, row: dict[str, Any]) -> dict[str, Any]:
    evaluation: Any = entry.get_dagster_event().event_specific_data
    status = AssetCheckExecutionRecordStatus.SUCCEEDED if evaluation.passed else AssetCheckExecutionRecordStatus.FAILED
    target = evaluation.target_materialization_data
    return {
        **_execution(entry, event_id, row),
        "partition": evaluation.partition,
        "execution_status": status.value,
        "materialization_event_storage_id": target.storage_id if target else None,
    }
