"""Processes of their own that wait for a turn and hold it until they are told to let it go, or are killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nba_assets.days import DayRange
from nba_assets.turns.turns import Turns

CODE = """
import sys
from datetime import date
from pathlib import Path
from nba_assets.days import DayRange
from nba_assets.turns import turns
turns.POLL_SECONDS = 0.05
place, first, last, what = sys.argv[1:]
made = make(place)
with made.taken(DayRange(date.fromisoformat(first), date.fromisoformat(last)), what, lambda t: print(t, flush=True)):
    print("held", flush=True)
    sys.stdin.readline()
"""


LIMIT_SECONDS = 300


class Holding:
    """A process that takes a turn."""

    def __init__(self, place: str, days: DayRange, what: str) -> None:
        is_database = place.startswith("postgresql:")
        kind = "postgres import PostgresTurns as make" if is_database else "file import FileTurns"
        code = (
            f"from nba_assets.turns.{kind}\n" + ("" if is_database else "make = lambda p: FileTurns(Path(p))\n") + CODE
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, place, str(days.first), str(days.last), what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        # Nobody waits for it for ever: with it ends what it says.
        self._limit = threading.Timer(LIMIT_SECONDS, self.process.kill)
        self._limit.start()

    def says(self) -> str:
        """Its next line: `held`, or for whom it waits; nothing once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def let_go(self) -> None:
        self.process.communicate("\n")
        assert self.process.returncode == 0

    def kill(self) -> None:
        self._limit.cancel()
        self.process.kill()
        self.process.communicate()


@contextmanager
def holding(place: str, days: DayRange, what: str = "the first") -> Iterator[Holding]:
    """A process that takes a turn; it does not outlive the block."""
    one = Holding(place, days, what)
    try:
        yield one
    finally:
        one.kill()


def turns_of(place: str) -> Turns:
    if place.startswith("postgresql:"):
        from nba_assets.turns.postgres import PostgresTurns

        return PostgresTurns(place)
    from nba_assets.turns.file import FileTurns

    return FileTurns(Path(place))


def wait_for(file: Path, text: str, seconds: float = 150) -> str:
    """What a file holds as soon as it has the text in it."""
    deadline = time.monotonic() + seconds
    while text not in file.read_text():
        assert time.monotonic() < deadline, f"no {text!r} in: {file.read_text()[-3000:]}"
        time.sleep(0.1)
    return file.read_text()
