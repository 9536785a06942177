"""How a process that builds uses memory: little of it, and without searching it again and again.

How much DuckDB takes is in `warehouse/duckdb.py`; how few rows are held at once is each body's own.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MOST_ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h."""
_APART_FROM = -3
"""M_MMAP_THRESHOLD."""
_APART = 4 << 20
"""Pieces of so many bytes lie apart and go back when they are freed. Unless it is told, glibc raises this to whatever
was freed before, up to 32 MB, and the next ones lie among what stays."""


def give_back() -> None:
    """Give the system back what was freed, now: for one who has let go of much, before DuckDB takes as much.

    glibc gives back of its own accord only what lies at the end of an arena.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


@contextmanager
def garbage_seldom() -> Iterator[None]:
    """For a time, garbage is looked for seldom.

    Every few hundred objects, as is the habit, takes a tenth of a short run, and a quarter of loading the libraries.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@contextmanager
def sparing_memory() -> Iterator[None]:
    """While a run goes on: what was freed goes back to the system, and garbage is looked for seldom.

    Arrow's pool and the arenas that glibc keeps for each thread would hold a sixth of a season's peak for later.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux":
        # Another C library than glibc lacks it, and the arenas.
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(_MOST_ARENAS, 1)
            set_option(_APART_FROM, _APART)
    with garbage_seldom():
        yield
