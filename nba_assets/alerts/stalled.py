"""Which backfills and runs have stopped progressing, and what to say about it: once, and again when it is over.

Pure. What goes on, and when each last moved, is asked in `reading.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """A backfill or a run of its own that has not ended.

    key: `backfill <id>` or `run <id>`; what: how a person would call it.
    last_moved: time of its latest sign of life, in seconds since 1970.
    is_waiting: it has no run that was started: it is queued, or its runs are.
    """

    key: str
    what: str
    last_moved: float
    is_waiting: bool


@dataclass(frozen=True)
class Stall:
    """Something that stands still, or stood still until now.

    since: time of its last sign of life before it stood still.
    is_over: it moves again or has ended; `outcome` says which.
    """

    key: str
    what: str
    since: float
    is_over: bool = False
    outcome: str = ""


def stalled_work(going_on: Iterable[Work], now: float, limit_seconds: float) -> list[Work]:
    """What shows no progress for longer than the limit.

    What waits is not stalled while anything is started: if that one moves, waiting is right; if it does not, it is
    the one to name.
    """
    found = list(going_on)
    is_anything_started = any(not work.is_waiting for work in found)
    return [
        work
        for work in found
        if now - work.last_moved > limit_seconds and not (work.is_waiting and is_anything_started)
    ]


def changes_of(
    known: Mapping[str, Mapping[str, object]], stalled: Iterable[Work], going_on: Iterable[Work]
) -> list[Stall]:
    """What began to stand still, and what of the known stalls is over; `known` is what `remembered` gave last."""
    now_stalled = {work.key: work for work in stalled}
    alive = {work.key: work for work in going_on}
    began = [Stall(w.key, w.what, w.last_moved) for key, w in now_stalled.items() if key not in known]
    over = []
    for key, stall in known.items():
        if key in now_stalled:
            continue
        since = float(str(stall["since"]))
        outcome = "has ended"
        if key in alive:
            outcome = "moves again" if alive[key].last_moved > since else "waits for its turn now"
        over.append(Stall(key, str(stall["what"]), since, True, outcome))
    return began + over


def remembered(known: Mapping[str, Mapping[str, object]], stalled: Iterable[Work]) -> dict[str, Mapping[str, object]]:
    """What the next tick must know: each stall with the time at which it began."""
    return {work.key: known.get(work.key) or {"what": work.what, "since": work.last_moved} for work in stalled}
