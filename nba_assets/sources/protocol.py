"""What every source of raw rows offers: rows of a raw table for a range of days.

A source maps what it reads to the raw tables' column names (`tables/raw.py`). It does not judge rows: types, keys and
the row contract are enforced where rows are written, so that no source can be lenient on its own.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol

import pyarrow as pa

from nba_assets.days import DayRange


class SourceError(Exception):
    """A source could not deliver: says which source, table, file or address, and what to do."""


class Source(Protocol):
    """A source of raw rows. `name` is written into each row's `source` column."""

    @property
    def name(self) -> str:
        """The name in the rows' `source` column."""
        ...

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        """Rows of nba_raw.<table> whose game_date is in `days`, with that record's columns.

        A day on which nothing happened yields no rows. A game that was postponed is a row of its first day until
        its new one is known, and then of that day only. Raises SourceError when it cannot say.
        """
        ...


def player_lookup(name: str) -> str:
    """Lower-case ASCII name without punctuation or spaces: 'Nikola Jokić' -> 'nikolajokic'."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(character for character in ascii_name.lower() if character.isalnum())
