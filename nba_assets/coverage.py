"""How much of what should be there is there: expected keys, present keys and the reason for each absent one, by day.

Coverage is counted on keys (a day's player, team or game), never on distinct players over a range nor on days that have
any row. What is expected of each table is in `expected.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.expected import EXPECTED, Reader
from nba_assets.tables import TABLES
from nba_assets.tables.record import THIS_SEASON
from nba_assets.transforms.as_of import on_days
from nba_assets.warehouse.protocol import DayState, Session

NOT_BUILT = "the day was never built"
NOT_DELIVERED = "the source delivered nothing"
UPSTREAM_NOT_BUILT = "an upstream day was never built"
LOST = "lost after it was written"
UNEXPLAINED = "no reason recorded"
CONTRACT = "contract violation"
ACCEPTED = frozenset({"did not play", "game not final"})
"""Reasons for which an absent key is no gap: nothing could be there."""


@dataclass(frozen=True)
class DayCoverage:
    """A table on a day. missing: reason -> keys; `is_built` is the ledger's word."""

    table: str
    day: date
    is_built: bool
    rows: int
    set_aside: int
    expected: int | None
    present: int | None
    missing: Mapping[str, tuple[dict[str, Any], ...]]

    @property
    def gaps(self) -> int:
        """Absent keys for which something could have been there."""
        return sum(len(keys) for reason, keys in self.missing.items() if reason not in ACCEPTED)

    @property
    def is_complete(self) -> bool:
        """Whether the day is built and nothing that could be there is absent."""
        return self.is_built and self.gaps == 0


DELIVERED_TO = {
    "player_boxscores": "player_boxscores",
    "shots": "shots",
    "game_lines": "game_lines",
    "player_game_summary": "player_boxscores",
}
"""Table -> raw table whose refused rows would have been rows of it, with the same key."""


def coverage(session: Session, days: DayRange, tables: tuple[str, ...] | None = None) -> list[DayCoverage]:
    """The coverage of every table (or those named) on every day, tables in graph order."""
    wanted = tables or tuple(TABLES)
    needed = {*wanted, *(upstream for name in wanted for upstream in TABLES[name].reads)}
    states = {(state.table, state.day): state for state in session.day_states(days, needed)}
    refusing = {DELIVERED_TO.get(name, name) for name in wanted}
    with_aside = {state.table for state in states.values() if state.set_aside} & {*wanted, *refusing}
    aside = _set_aside(session, days, with_aside) if with_aside else {}

    def read(name: str) -> ir.Table:
        table, _, scope = name.partition(":")
        return session.read(TABLES[table], THIS_SEASON.days_for(days) if scope else days)

    result = []
    for name in wanted:
        expected, absent = _keys_by_day(session, read, name, days)
        stored = _stored_rows(session, read, name) if absent else {}
        refused = _refused(session, read, name, aside)
        columns = tuple(next(iter(absent.values()))[0]) if absent else ()
        recorded = _reasons_by_key(("game_date", *columns), aside.get(name, []))
        for day in days:
            state = states.get((name, day))
            reasons: dict[str, list[dict[str, Any]]] = {}
            without_record = _without_record(name, day, states, stored)
            for key in absent.get(day, ()):
                reason = recorded.get((str(day), *(str(v) for v in key.values())), without_record)
                reasons.setdefault(NOT_BUILT if state is None else reason, []).append(key)
            for reason, key in refused.get(day, ()):
                reasons.setdefault(reason, []).append(key)
            if state is None and any((upstream, day) not in states for upstream in TABLES[name].reads):
                reasons = {UPSTREAM_NOT_BUILT: [key for keys in reasons.values() for key in keys]}
            count = expected.get(day, 0) + len(refused.get(day, ())) if name in EXPECTED else None
            missing = sum(len(keys) for keys in reasons.values())
            result.append(
                DayCoverage(
                    table=name,
                    day=day,
                    is_built=state is not None,
                    rows=state.rows if state else 0,
                    set_aside=state.set_aside if state else 0,
                    expected=count,
                    present=None if count is None else count - missing,
                    missing={reason: tuple(keys) for reason, keys in reasons.items()},
                )
            )
    return result


def _keys_by_day(
    session: Session, read: Reader, name: str, days: DayRange
) -> tuple[Counter[date], dict[date, list[dict[str, Any]]]]:
    """Expected keys counted by day, and the absent ones."""
    if name not in EXPECTED:
        return Counter(), {}
    keys = on_days(EXPECTED[name](read), days)
    columns = [c for c in keys.columns if c != "game_date"]
    present = read(name).select("game_date", *columns).distinct().mutate(is_present=True)
    rows = keys.left_join(present, ["game_date", *columns])
    rows = rows.select("game_date", *columns, "is_present")
    counts: Counter[date] = Counter()
    absent: dict[date, list[dict[str, Any]]] = {}
    totals = rows.group_by("game_date").agg(expected=rows.count(), absent=rows.is_present.isnull().sum())
    has_absent = False
    for row in session.frame(totals).to_pylist():
        counts[row["game_date"]] = row["expected"]
        has_absent |= row["absent"] > 0
    if not has_absent:
        return counts, absent
    missing = rows.filter(rows.is_present.isnull()).drop("is_present").order_by("game_date", *columns)
    for row in session.frame(missing).to_pylist():
        absent.setdefault(row.pop("game_date"), []).append(row)
    return counts, absent


def _stored_rows(session: Session, read: Reader, name: str) -> dict[date, int]:
    rows = read(name)
    counts = rows.group_by("game_date").agg(stored=rows.count())
    return {row["game_date"]: row["stored"] for row in session.frame(counts).to_pylist()}


def _refused(
    session: Session, read: Reader, name: str, aside: dict[str, list[tuple[dict[str, Any], str]]]
) -> dict[date, list[tuple[str, dict[str, Any]]]]:
    """Rows that a source delivered and the contract refused, if no other row has their key: reason and key by day."""
    source = DELIVERED_TO.get(name)
    rows = aside.get(source, []) if source else []
    if not source or not rows:
        return {}
    key = TABLES[name].key
    held = session.frame(read(name).select("game_date", *key)).to_pylist()
    present = {(str(row["game_date"]), *(str(row[c]) for c in key)) for row in held}
    found: dict[date, list[tuple[str, dict[str, Any]]]] = {}
    for row, reason in rows:
        if row.get("game_date") and (str(row["game_date"]), *(str(row.get(c)) for c in key)) not in present:
            stated = f"{CONTRACT} in {TABLES[source].full_name}: {reason}"
            found.setdefault(date.fromisoformat(row["game_date"]), []).append((stated, {c: row.get(c) for c in key}))
    return found


def _set_aside(session: Session, days: DayRange, tables: Iterable[str]) -> dict[str, list[tuple[dict[str, Any], str]]]:
    """Table -> what was set aside, with the reason."""
    kept: dict[str, list[tuple[dict[str, Any], str]]] = {}
    rows = session.set_aside(days)
    rows = rows.filter(rows.table_name.isin(tables)).select("table_name", "reason", "row")
    for row in session.frame(rows).to_pylist():
        kept.setdefault(row["table_name"], []).append((json.loads(row["row"]), row["reason"]))
    return kept


def _reasons_by_key(columns: tuple[str, ...], aside: list[tuple[dict[str, Any], str]]) -> dict[tuple[str, ...], str]:
    """Key (as text, day included) -> reason."""
    return {tuple(str(row.get(column)) for column in columns): reason for row, reason in aside}


def _without_record(
    name: str, day: date, states: Mapping[tuple[str, date], DayState], stored: Mapping[date, int]
) -> str:
    """The reason for absent keys that nobody set aside."""
    state = states.get((name, day))
    if state is not None and stored.get(day, 0) < state.rows:
        return LOST
    return NOT_DELIVERED if TABLES[name].dataset == "nba_raw" else UNEXPLAINED
