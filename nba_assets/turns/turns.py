"""Taking turns: who builds days holds them, from before it plans until its last step, and who comes later waits.

Rows of a run rest on what its plan and its earlier steps saw. Were two runs to build the same days step by step between
each other, a table would hold rows of the one made from rows of the other. Where a turn is kept (a file, a database) is
in the modules beside this one; each of them lets a turn go that belongs to a process that is no more.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime

from nba_assets.days import DayRange

ALL_DAYS = DayRange(date.min, date.max)
POLL_SECONDS = 1.0
REPEAT_SECONDS = 60.0
"""How often one who waits says so again."""

Say = Callable[[str], None]


class TurnError(Exception):
    """A turn was lost, or was never taken: what was about to be written is not."""


@dataclass(frozen=True)
class Holder:
    """Who has a turn, or waits for one. process: its number and host; since: when it asked for the turn, UTC."""

    what: str
    process: str
    since: datetime

    @classmethod
    def this_process(cls, what: str) -> Holder:
        """This process, from now on."""
        return cls(what, f"process {os.getpid()} on {socket.gethostname()}", datetime.now(UTC).replace(microsecond=0))

    def __str__(self) -> str:
        return f"{self.what} ({self.process}, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


Ahead = Callable[[], Holder | None]
"""Who is to be waited for now; None, once and for all, when the turn has come."""


class Turns:
    """The turns of one warehouse as one process takes them. This one asks nobody: for a process that is alone."""

    def __init__(self) -> None:
        self._held: DayRange | None = None

    @contextmanager
    def taken(self, days: DayRange, what: str, say: Say) -> Iterator[DayRange]:
        """Wait until the days are free, and hold them; gives the days that are held, which may be more.

        what: how others are told of the holder. say: is told for whom is waited, at once and every REPEAT_SECONDS.
        Within a turn, a turn on days of it is part of it.

        Raises:
            TurnError: within a turn, days beyond it are asked for; two who did so would wait for each other.
        """
        if self._held is not None:
            if days.first not in self._held or days.last not in self._held:
                raise TurnError(f"{what} asks for {days} within a turn on {self._held}.")
            yield self._held
            return
        with self._queue(days, Holder.this_process(what)) as ahead:
            _wait(ahead, say)
            self._held = self._granted(days)
            try:
                yield self._held
            finally:
                self._held = None

    def confirm(self, days: DayRange) -> None:
        """Make sure, before days are written, that they are still held.

        Raises:
            TurnError: they are not.
        """
        if self._held is None or days.first not in self._held or days.last not in self._held:
            raise TurnError(f"{days} would be written without a turn on these days.")

    def _queue(self, days: DayRange, me: Holder) -> AbstractContextManager[Ahead]:
        """Join the queue; leaving it lets the turn go."""
        return nullcontext(lambda: None)

    def _granted(self, days: DayRange) -> DayRange:
        """The days that a turn on these days holds."""
        return ALL_DAYS


def _wait(ahead: Ahead, say: Say) -> None:
    begun = time.monotonic()
    said_at, said_of = -REPEAT_SECONDS, None
    while (holder := ahead()) is not None:
        now = time.monotonic()
        if holder != said_of or now - said_at >= REPEAT_SECONDS:
            say(f"Waiting for {holder}.")
            said_at, said_of = now, holder
        time.sleep(POLL_SECONDS)
    if said_of is not None:
        say(f"It is this run's turn, after {time.monotonic() - begun:,.0f} s.")
