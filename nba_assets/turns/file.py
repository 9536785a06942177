"""Turns kept in a locked file: one process at a time, whatever days it builds. For a DuckDB file, which has one writer.

The system lets the lock go when its process ends, however it ends. The file stays, and says who has the turn.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TextIO

from nba_assets.days import DayRange
from nba_assets.turns.turns import Ahead, Holder, Turns


class FileTurns(Turns):
    """The turns of all processes that see this file; on a network's file system, only if it keeps locks."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    @contextmanager
    def _queue(self, days: DayRange, me: Holder) -> Iterator[Ahead]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+", encoding="utf-8") as file:

            def ahead() -> Holder | None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return _read(file)
                _write(file, me)
                return None

            # Closing the file lets the lock go.
            yield ahead


def _write(file: TextIO, holder: Holder) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(asdict(holder) | {"since": holder.since.isoformat()}))
    file.flush()


def _read(file: TextIO) -> Holder:
    file.seek(0)
    try:
        found = json.loads(file.read())
        return Holder(found["what"], found["process"], datetime.fromisoformat(found["since"]))
    except (ValueError, KeyError):
        # It has the lock already, and has not written yet.
        return Holder.this_process("another process that has just begun")
