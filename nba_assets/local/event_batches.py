"""Writing Dagster's events in batches, whichever database they go to.

A range run records a planned and a materialized event for each day of each table, and a verdict for each day of each
check. The stock storages write many of them one by one, through a connection each, so that a season of all tables would
take minutes to write down; that of PostgreSQL refuses a batch of verdicts. Here the events are the same, in the same
tables, and a batch is one transaction. It leans on private methods of the pinned Dagster release;
`nba_assets_tests/local/` characterizes them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from sqlalchemy import Connection

from nba_assets.local.verdict_text import texts

_INDEXED = (ASSET_EVENTS | ASSET_CHECK_EVENTS) - {DagsterEventType.ASSET_FAILED_TO_MATERIALIZE}
"""Kinds of event that are kept across runs. Of failures to materialize the stock storages keep none."""

Row = dict[str, Any]
_Stored = tuple[EventLogEntry, int, Row]
"""An event, its number in the index, and its row there."""


class BatchedEvents(SqlEventLogStorage):
    """Mixed into a stock storage: a batch of the events of one run is one transaction."""

    @abstractmethod
    def store_rows(self, events: Sequence[EventLogEntry], rows: Sequence[Row]) -> None:
        """Store events of one run with `store_indexed`, in a transaction, and wherever else this storage keeps them."""

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events; batches of other kinds of event, or of several runs, as in the stock storage."""
        kinds = {e.dagster_event_type if e.is_dagster_event else None for e in events}
        if not kinds <= _INDEXED or len({e.run_id for e in events}) != 1:
            super().store_event_batch(events)
            return
        if kinds == {DagsterEventType.ASSET_CHECK_EVALUATION}:
            rows = [self._evaluation_to_row(e, text) for e, text in zip(events, texts(events), strict=True)]
        else:
            rows = [self._event_to_row(e) for e in events]
        self.store_rows(events, rows)

    def _evaluation_to_row(self, entry: EventLogEntry, text: str) -> Row:
        """What `_event_to_row` makes of it."""
        event = entry.get_dagster_event()
        return {
            "run_id": entry.run_id,
            "event": text,
            "dagster_event_type": event.event_type_value,
            "timestamp": self._event_insert_timestamp(entry),
            "step_key": event.step_key,
            # These are of materializations and observations.
            "asset_key": None,
            "partition": None,
        }

    def store_indexed(self, connection: Connection, events: Sequence[EventLogEntry], rows: Sequence[Row]) -> None:
        """Store the events in the index, and what the tables of assets and checks say of them."""
        stored = list(zip(events, self.insert_numbered(connection, rows), rows, strict=True))
        self._store_asset_events(connection, [s for s in stored if s[0].dagster_event_type in ASSET_EVENTS])
        self._store_check_events(connection, [s for s in stored if s[0].dagster_event_type in ASSET_CHECK_EVENTS])

    def insert_numbered(self, connection: Connection, rows: Sequence[Row]) -> Sequence[int]:
        """Insert rows into the log of events; returns the number of each."""
        number = SqlEventLogStorageTable.c.id
        numbered = SqlEventLogStorageTable.insert().returning(number, sort_by_parameter_order=True)
        return list(connection.execute(numbered, list(rows)).scalars())

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
