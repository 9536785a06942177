"""Seeded generators and the few array helpers that every part of the simulation uses.

Nothing about basketball belongs here.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]


def generator(seed: int, season_year: int, purpose: str) -> np.random.Generator:
    """The random numbers of one purpose in one season.

    Each purpose has its own stream, so that what is fetched first, or never, changes nothing else.
    """
    return np.random.default_rng([abs(seed), int(seed < 0), season_year, zlib.crc32(purpose.encode())])


def sigmoid(x: Floats) -> Floats:
    """Logistic function; minus infinity gives 0."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def whole_numbers(values: Floats) -> Ints:
    """Rows rounded to whole numbers that keep each row's (whole) sum; a zero stays zero.

    Rounding the running total instead of each value is what keeps the sum.
    """
    running = np.rint(np.cumsum(values, axis=-1) + 1e-9)
    return np.asarray(np.diff(running, axis=-1, prepend=0.0), dtype=np.int64)
