"""The embedded warehouse: one DuckDB file, opened for as long as a session lasts. What a session does is in
`duckdb_session.py`, what the file holds in `duckdb_schema.py`."""

from __future__ import annotations

import math
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from nba_assets.warehouse.duckdb_engine import engine_of
from nba_assets.warehouse.duckdb_schema import Columns, check, prepare
from nba_assets.warehouse.duckdb_session import DuckDBSession
from nba_assets.warehouse.duckdb_sql import COMPILER, compiled
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets.warehouse.statements import Statements

_OF_THE_FILE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
"""What DuckDB raises where the file, and not a statement, is at fault."""
_MEMORY = "500MB"
"""What DuckDB keeps in memory before it puts staged rows on disk, beside the file. Left alone it would take most of the
machine's; what less than 700 MB costs is in decision 34 in docs/decisions."""
_RETRY_SECONDS = 0.2
_SAY_AFTER_SECONDS = 2.0
_SAY_AGAIN_SECONDS = 60.0


class DuckDBWarehouse:
    """Tables in one DuckDB file, made on first use.

    file: the database file. say: is told for whom it waits. wait_seconds: how long it waits while another process has
        the file open: a run that has its turn must not fail because of someone who reads.
    """

    def __init__(self, file: Path, say: Callable[[str], None] | None = None, wait_seconds: float = math.inf) -> None:
        self._file = file
        self._say = say
        self._wait_seconds = wait_seconds
        self._known: tuple[tuple[int, int, int] | None, Columns | None] = (None, None)
        """The file as the last session left it, and its columns."""
        self._engine = engine_of(file, _MEMORY)
        self._statements = Statements(file.parent / "statements", compiled, COMPILER)

    engine = "duckdb"
    session_type = DuckDBSession
    """Of the sessions that it opens."""

    def exists(self) -> bool:
        """See `protocol.Warehouse`."""
        return self._file.exists()

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[DuckDBSession]:
        """Open the file, and close it at the end.

        Raises:
            WarehouseError: the file does not exist (read_only), is no database, is damaged, has no room to grow, has
                columns of other types, is held by another process for longer than wait_seconds, or what is asked of it
                takes more memory than it has.
        """
        if read_only and not self._file.exists():
            raise WarehouseError(
                f"There is no warehouse at {self._file}. Build some days first: nba-assets backfill START END."
            )
        try:
            with ExitStack() as opened:
                connection = self._connect(read_only, opened)
                state, columns = self._known
                if columns is None or state != self._state():
                    columns = check(connection) if read_only else prepare(connection)
                yield self.session_type(connection, columns, self._statements.of, _MEMORY)
        except duckdb.OutOfMemoryException as error:
            raise WarehouseError(
                f"This takes more than the {_MEMORY} of memory that DuckDB has here, and cannot be done on disk: "
                f"{str(error).splitlines()[0]}. Ask for fewer days at once. Nothing was written."
            ) from error
        except duckdb.Error as error:
            # A block whose checksum does not match is an error without a kind.
            if isinstance(error, _OF_THE_FILE) or type(error) is duckdb.Error:
                raise self._unusable(error) from error
            raise
        # No session changes columns but by `prepare`.
        self._known = self._state(), columns

    def _state(self) -> tuple[int, int, int] | None:
        """The file as it is: another process, or a backup in its place, makes it another; None if it is gone."""
        with suppress(FileNotFoundError):
            found = self._file.stat()
            return found.st_ino, found.st_size, found.st_mtime_ns
        return None

    def _connect(self, read_only: bool, opened: ExitStack) -> duckdb.DuckDBPyConnection:
        """A connection that `opened` closes."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(f"The folder {self._file.parent} cannot be made: {error}.") from error
        if not read_only and not self._file.exists():
            self._make()
        begun = time.monotonic()
        say_at = begun + _SAY_AFTER_SECONDS
        while True:
            try:
                return opened.enter_context(self._engine.opened(read_only))
            except duckdb.Error as error:
                if "could not set lock" not in str(error).lower():
                    raise self._unusable(error) from error
                now = time.monotonic()
                if now - begun > self._wait_seconds:
                    raise WarehouseError(
                        f"The warehouse {self._file} is in use by another process, still after "
                        f"{self._wait_seconds:.0f} s: {str(error).splitlines()[0]} Wait for it to end, or stop it."
                    ) from error
                if self._say is not None and now >= say_at:
                    self._say(f"Waiting for {_holder(error)}, which has the warehouse {self._file} open.")
                    say_at = now + _SAY_AGAIN_SECONDS
            time.sleep(_RETRY_SECONDS)

    def _make(self) -> None:
        """Make the file, whole or not at all: a process that is killed at that leaves nothing that cannot be opened."""
        try:
            with tempfile.TemporaryDirectory(dir=self._file.parent, prefix=".part-") as folder:
                part = Path(folder) / self._file.name
                duckdb.connect(str(part)).close()
                # Unlike a renamed file it takes no other's place, made meanwhile.
                with suppress(FileExistsError):
                    os.link(part, self._file)
        except (OSError, duckdb.Error) as error:
            raise WarehouseError(f"The warehouse {self._file} cannot be made: {error}.") from error

    def _unusable(self, error: Exception) -> WarehouseError:
        return WarehouseError(
            f"The warehouse {self._file} cannot be opened, read or written: {str(error).splitlines()[0]} Is there room "
            "on its disk, and may it be written? If it is damaged, restore a backup, or move it away and build again."
        )


def _holder(error: Exception) -> str:
    """The process that DuckDB names, or what it says if it names none."""
    found = re.search(r"held in (\S+) \(PID (\d+)\)", str(error))
    return f"process {found[2]} ({found[1]})" if found else str(error).splitlines()[0]
