"""The ledger of built days: its shape, and how the days of a write compare with what is there.

Statements of any dialect; putting rows in place is each engine's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from nba_assets.days import DayRange
from nba_assets.tables import Column, Table
from nba_assets.warehouse.dialect import Dialect
from nba_assets.warehouse.protocol import DayState

SYSTEM = "nba_assets"
"""The dataset of what the platform knows about the tables."""

_WHOSE = (
    Column("dataset", "string", "The table's dataset", required=True),
    Column("table_name", "string", "The table", required=True),
    Column("game_date", "date", "The day", required=True),
)

DAY_LEDGER = Table(
    dataset=SYSTEM,
    name="day_ledger",
    grain="one row per table and built day",
    description="Which days of which table are built, with what rows, and when they last differed.",
    key=("table_name", "game_date"),
    columns=(
        *_WHOSE,
        Column("row_count", "int64", "Rows of the day", required=True),
        Column("set_aside_count", "int64", "Rows that were set aside", required=True),
        Column("checksum", "string", "Of the rows, in any order; NULL without rows"),
        Column("built_version", "int64", "Grows with every write: what the rows rest on is older", required=True),
        Column("changed_version", "int64", "The last at which the rows differed", required=True),
        Column("built_at", "timestamp", "When the day was written, UTC", required=True),
    ),
)
SET_ASIDE = Table(
    dataset=SYSTEM,
    name="set_aside",
    grain="one row per row that was not taken, or key that has no row",
    description="Rows of sources that break their contract, and keys that were expected and are not there.",
    key=("table_name", "game_date"),
    columns=(
        *_WHOSE,
        Column("reason", "string", "Why", required=True),
        Column("row", "string", "The row or key as JSON", required=True),
    ),
)
SYSTEM_TABLES = (DAY_LEDGER, SET_ASIDE)


@dataclass(frozen=True)
class Day:
    """A day of a write. checksum, old, recorded: of the staged rows, of those in the table, and the ledger's."""

    rows: int
    set_aside: int
    checksum: str | None
    old: str | None
    is_recorded: bool
    recorded: str | None
    recorded_change: int | None

    @property
    def is_different(self) -> bool:
        """Whether the table's rows have to be replaced."""
        return self.checksum != self.old

    @property
    def is_change(self) -> bool:
        """Whether what is built on the day is out of date: a write that died before the ledger counts as never made."""
        return self.is_different or (self.is_recorded and self.recorded != self.checksum)

    @property
    def kept_version(self) -> int | None:
        """The version at which the rows last differed, None if that is this write's."""
        return self.recorded_change if self.is_recorded and not self.is_change else None


def compare(table: Table, staged: str, aside: str | None, present: str, ledger: str, dialect: Dialect) -> str:
    """What is staged, set aside, in the table and in the ledger, by day.

    kind (new, aside, old, recorded), game_date, n (rows; of recorded the version of the last change), text (checksum;
    of aside the reason). Parameters: name, first, last.
    """
    days = f"game_date BETWEEN {dialect.value('first')} AND {dialect.value('last')}"
    text = dialect.types["string"]
    columns = [c for c in table.column_names if c not in table.volatile]
    checksum = f"CAST(BIT_XOR({dialect.fingerprint_of(columns)}) AS {text})"
    parts = [
        f"SELECT '{kind}' AS kind, game_date, COUNT(*) AS n, {checksum} AS text FROM {relation} WHERE {days} GROUP BY 2"
        for kind, relation in (("new", staged), ("old", present))
    ]
    parts.append(
        f"SELECT 'recorded' AS kind, game_date, changed_version AS n, checksum AS text FROM {ledger} "
        f"WHERE table_name = {dialect.value('name')} AND {days}"
    )
    if aside is not None:
        parts.append(f"SELECT 'aside' AS kind, game_date, COUNT(*) AS n, reason AS text FROM {aside} GROUP BY 2, 4")
    return " UNION ALL ".join(parts)


def compared(days: DayRange, rows: Iterable[Mapping[str, Any]]) -> tuple[dict[date, Day], dict[str, int]]:
    """The rows of `compare` as days, and how many rows were set aside by reason, most frequent first."""
    found: dict[str, dict[date, tuple[int, str | None]]] = {"new": {}, "old": {}, "recorded": {}}
    aside = dict.fromkeys(days, 0)
    reasons: dict[str, int] = {}
    for row in rows:
        if row["kind"] == "aside":
            aside[row["game_date"]] += row["n"]
            reasons[row["text"]] = reasons.get(row["text"], 0) + row["n"]
        else:
            found[row["kind"]][row["game_date"]] = (row["n"], row["text"])

    def checksum(kind: str, day: date) -> str | None:
        return ":".join(map(str, found[kind][day])) if day in found[kind] else None

    states = {
        day: Day(
            rows=found["new"].get(day, (0, None))[0],
            set_aside=aside[day],
            checksum=checksum("new", day),
            old=checksum("old", day),
            is_recorded=day in found["recorded"],
            recorded=found["recorded"].get(day, (0, None))[1],
            recorded_change=found["recorded"].get(day, (None, None))[0],
        )
        for day in days
    }
    return states, dict(sorted(reasons.items(), key=lambda pair: -pair[1]))


def state(row: Mapping[str, Any]) -> DayState:
    """A row of the ledger as the state of a day; its results are out by noon UTC of the day after."""
    out = datetime.combine(row["game_date"], time(12)) + timedelta(days=1)
    return DayState(
        table=row["table_name"],
        day=row["game_date"],
        rows=row["row_count"],
        set_aside=row["set_aside_count"],
        built=row["built_version"],
        changed=row["changed_version"],
        is_settled=row["built_at"] >= out,
    )


def read_back(path: str, dialect: Dialect) -> str:
    """Rows by day, as the table has them. Parameters: first, last."""
    return (
        f"SELECT game_date, COUNT(*) AS n FROM {path} "
        f"WHERE game_date BETWEEN {dialect.value('first')} AND {dialect.value('last')} GROUP BY 1"
    )
