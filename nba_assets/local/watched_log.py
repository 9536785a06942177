"""Dagster's SQLite event log, of which an answer is remembered as long as nobody writes.

For what the web interface asks again every few seconds, check by check, while the list of assets is open. What checks
say by day is remembered beyond that, in `check_states.py`, which takes longer to work out.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from dagster import AssetKey, AssetRecordsFilter, EventRecordsResult
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SQLITE_BUSY_TIMEOUT_SECONDS,
    SqliteEventLogStorage,
)

from nba_assets.local.check_states import CheckStates, Events

_Day = tuple[AssetKey, str]


class WatchedLog(CheckStates, SqliteEventLogStorage):
    """Mixed into the storage, before the stock one."""

    _watch: sqlite3.Connection | None = None
    _counted: tuple[int, Events] | None = None
    _latest: tuple[int, dict[_Day, EventRecordsResult]] = (-1, {})

    def fetch_materializations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """As in the stock storage; the latest of a day is read once for all the checks of a table."""
        day = _one_day(records_filter)
        if day is None or (limit, cursor, ascending) != (1, None, False):
            return super().fetch_materializations(records_filter, limit, cursor, ascending)
        # Looked at first: what is written from here on is found by the next who asks.
        version = self._version()
        if self._latest[0] != version:
            self._latest = version, {}
        known = self._latest[1]
        if day not in known:
            known[day] = super().fetch_materializations(records_filter, limit, cursor, ascending)
        return known[day]

    def dispose(self) -> None:
        """Close the watching connection as well."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        super().dispose()

    def _events(self) -> Events:
        version = self._version()
        if self._counted is None or self._counted[0] != version:
            self._counted = version, super()._events()
        return self._counted[1]

    def _version(self) -> int:
        """SQLite's number of what others have committed to the index so far, as this connection sees it."""
        with self._db_lock:
            if self._watch is None:
                self._watch = sqlite3.connect(
                    self.path_for_shard(INDEX_SHARD_NAME),
                    timeout=SQLITE_BUSY_TIMEOUT_SECONDS,
                    isolation_level=None,
                    check_same_thread=False,
                )
            with closing(self._watch.execute("PRAGMA data_version")) as found:
                version: int = found.fetchone()[0]
        return version


def _one_day(asked: AssetKey | AssetRecordsFilter) -> _Day | None:
    """The asset and the day if nothing else is asked for."""
    if not isinstance(asked, AssetRecordsFilter) or asked.asset_partitions is None or len(asked.asset_partitions) != 1:
        return None
    plain = AssetRecordsFilter(asset_key=asked.asset_key, asset_partitions=asked.asset_partitions)
    return (asked.asset_key, asked.asset_partitions[0]) if asked == plain else None
