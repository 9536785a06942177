"""DuckDB in this process, with a file attached to it for as long as anyone has the file open.

To make DuckDB takes ten times as long as to attach a file to it, and a week's build opens its file some fifty times.
What a session does with the file is in `duckdb_session.py`; how one waits for it, and what errors mean, in `duckdb.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakValueDictionary

import duckdb

_NAME = "warehouse"
"""The file's, among what is attached."""
_ATTACH = {False: f"ATTACH $file AS {_NAME}", True: f"ATTACH $file AS {_NAME} (READ_ONLY)"}
"""Whether it is for reading only -> how."""


class DuckDBEngine:
    """One file's: there must be one in a process, which `engine_of` sees to.

    The file is let go by the last who has it open, and after an error DuckDB too: what it can still do then depends on
    the error. Of no use in a process that was forked from this one.
    """

    def __init__(self, file: Path, memory: str) -> None:
        """memory: what DuckDB keeps in memory before it puts staged rows on disk, beside the file."""
        self.file = file
        self._memory = memory
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._users = 0
        self._is_read_only = False
        self._has_failed = False

    @contextmanager
    def opened(self, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for which the file's tables are those that a statement means.

        Raises:
            duckdb.Error: the file cannot be opened, or this process has it open in the other mode.
        """
        root = self._enter(read_only)
        try:
            with root.cursor() as connection:
                connection.execute(f"USE {_NAME}")
                # Its own bar would be drawn into the output of commands.
                connection.execute("SET enable_progress_bar = false")
                yield connection
        except BaseException:
            self._has_failed = True
            raise
        finally:
            self._leave()

    def _enter(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._users and self._is_read_only != read_only:
                raise duckdb.ConnectionException("This process has the file open already, in the other mode.")
            root = self._root = self._root or self._made()
            if not self._users:
                try:
                    root.execute(_ATTACH[read_only], {"file": str(self.file)})
                except duckdb.Error:
                    self._let_go()
                    raise
                self._is_read_only = read_only
            self._users += 1
            return root

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users or self._root is None:
                return
            if not self._has_failed:
                # What was committed is in the write-ahead log if it cannot be put into the file.
                with suppress(duckdb.Error):
                    self._root.execute(f"DETACH {_NAME}")
                    return
            self._let_go()

    def _let_go(self) -> None:
        if self._root is not None:
            self._root.close()
        self._root, self._has_failed = None, False

    def _made(self) -> duckdb.DuckDBPyConnection:
        root = duckdb.connect(config={"memory_limit": self._memory, "temp_directory": f"{self.file}.tmp"})
        # No time that is computed depends on where this runs.
        root.execute("SET GLOBAL TimeZone = 'UTC'")
        # A name in a statement is a table's, never a variable's of the code that runs it.
        root.execute("SET GLOBAL python_enable_replacements = false")
        return root


_engines: WeakValueDictionary[Path, DuckDBEngine] = WeakValueDictionary()
_making = threading.Lock()


def engine_of(file: Path, memory: str) -> DuckDBEngine:
    """The file's, as long as somebody keeps it. A second would take the first one's lock on the file away."""
    place = file.resolve()
    with _making:
        return _engines.setdefault(place, DuckDBEngine(place, memory))
