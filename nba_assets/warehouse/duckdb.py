"""The embedded warehouse: one DuckDB file, opened for as long as a session lasts. What a session does is in
`duckdb_session.py`, what the file holds in `duckdb_schema.py`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis

from nba_assets.warehouse.duckdb_schema import check, prepare
from nba_assets.warehouse.duckdb_session import DuckDBSession
from nba_assets.warehouse.protocol import WarehouseError

_RETRY_SECONDS = 0.2


class DuckDBWarehouse:
    """Tables in one DuckDB file, made on first use.

    file: the database file. wait_seconds: how long to wait while another process holds it.
    """

    def __init__(self, file: Path, wait_seconds: float = 60.0) -> None:
        self._file = file
        self._wait_seconds = wait_seconds

    engine = "duckdb"

    def exists(self) -> bool:
        """See `protocol.Warehouse`."""
        return self._file.exists()

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[DuckDBSession]:
        """Open the file, and close it at the end.

        Raises:
            WarehouseError: the file does not exist (read_only), is no database, has columns of other types, or is held
                by another process for longer than wait_seconds.
        """
        if read_only and not self._file.exists():
            raise WarehouseError(
                f"There is no warehouse at {self._file}. Build some days first: nba-assets backfill START END."
            )
        backend = self._connect(read_only)
        try:
            if read_only:
                check(backend.con)
            else:
                prepare(backend.con)
            yield DuckDBSession(backend)
        finally:
            backend.disconnect()

    def _connect(self, read_only: bool) -> Any:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(f"The folder {self._file.parent} cannot be made: {error}.") from error
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                return ibis.duckdb.connect(str(self._file), read_only=read_only)
            except duckdb.Error as error:
                if "could not set lock" not in str(error).lower():
                    raise WarehouseError(f"The warehouse {self._file} cannot be opened: {error}") from error
                if time.monotonic() > deadline:
                    raise WarehouseError(
                        f"The warehouse {self._file} is in use by another process, still after "
                        f"{self._wait_seconds:.0f} s: {str(error).splitlines()[0]} Wait for it to end, or stop it."
                    ) from error
            time.sleep(_RETRY_SECONDS)
