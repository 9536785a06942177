"""Why an expected key is not there: the reasons, and how the one that holds is found out.

Which keys are absent is `coverage.py`'s to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.expected import Reader
from nba_assets.tables import TABLES, Table
from nba_assets.tables.record import SAME_DAY
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.predictions.standing import STANDS
from nba_assets.warehouse.protocol import DayState, Session

NOT_BUILT = "the day was never built"
UPSTREAM_NOT_BUILT = "an upstream day was never built"
NOT_DELIVERED = "the source delivered nothing"
INCOMPLETE = "the box score does not add up to the result"
CONTRACT = "contract violation"
LOST = "lost after it was written"
UNEXPLAINED = "no reason recorded"
"""Nobody knows: a fault of the platform."""
ACCEPTED = frozenset({"did not play", "game not final", STANDS})
"""Reasons for which an absent key is no gap: nothing could be there."""

DELIVERED_TO = {
    "player_boxscores": "player_boxscores",
    "shots": "shots",
    "game_lines": "game_lines",
    "player_game_summary": "player_boxscores",
}
"""Table -> raw table whose refused rows would have been rows of it, with the same key."""

EXAMPLES = 3
"""So many absent keys of a day and reason are told where there may be very many."""

Key = dict[str, Any]


@dataclass(frozen=True)
class Absent:
    """Keys that are absent on a day for one reason. first: the first of them by key, EXAMPLES at least if there are as
    many; all of the box scores'."""

    count: int
    first: tuple[Key, ...]

    def __add__(self, other: Absent) -> Absent:
        """Both together."""
        return Absent(self.count + other.count, (*self.first, *other.first))


ByReason = dict[str, Absent]
_Found = dict[date, dict[str, tuple[int, list[Key]]]]
"""How many keys are absent by day and reason, and those that are told."""
Gaps = Callable[[], Mapping[date, Mapping[str, Absent]]]
"""The gaps of the box scores by day; asked only if something has to be explained by them."""


@dataclass
class Reasons:
    """What is known of a table's absent keys on a range of days. states: the ledger, the table's upstreams included."""

    session: Session
    read: Reader
    table: str
    days: DayRange
    states: Mapping[tuple[str, date], DayState]
    box_score_gaps: Gaps

    def of(self, absent: ir.Table) -> dict[date, ByReason]:
        """The reasons by day. absent: game_date and the other columns of the keys that are not there."""
        columns = [c for c in absent.columns if c != "game_date"]
        if {"game_date", *columns} == {"game_date", *TABLES[self.table].key}:
            return self._of_rows(absent, columns)
        return self._of_parts(absent, tuple(columns))

    def _of_rows(self, absent: ir.Table, columns: list[str]) -> dict[date, ByReason]:
        """Of a table with one row per key. They are as many as a market's players: of those with a reason on record,
        and those of days that explain all of theirs, only some leave the warehouse."""
        lost, keys = self._lost_days(), ["game_date", *columns]
        if self._has_asides(self.table):
            on_record = recorded(self.session, TABLES[self.table], self.days)
            rows = absent.left_join(on_record, keys).select(*keys, "reason")
        else:
            rows = absent.mutate(reason=ibis.null("string"))
        same = ibis.window(group_by=("game_date", "reason"))
        in_order = ibis.window(group_by=("game_date", "reason"), order_by=columns)
        some = rows.mutate(_count=ibis._.count().over(same), _place=ibis.row_number().over(in_order))
        some = some.filter(some["_place"] < EXAMPLES).order_by("game_date", "reason", "_place")
        found: _Found = {}
        unexplained: set[date] = set()
        for row in self.session.frame(some).to_pylist():
            day, reason, count, place = (row.pop(c) for c in ("game_date", "reason", "_count", "_place"))
            if (self.table, day) not in self.states:
                reason = NOT_BUILT
            elif reason is None and day in lost:
                reason = LOST
            if reason is None:
                unexplained.add(day)
            else:
                # A group's count stands in each of its rows.
                _add(found, day, reason, row, 0 if place else count)
        if unexplained:
            silent = on_days(rows, DayRange(min(unexplained), max(unexplained))).filter(ibis._.reason.isnull())
            for row in self.session.frame(silent.drop("reason").order_by(*keys)).to_pylist():
                if (day := row.pop("game_date")) in unexplained:
                    _add(found, day, self._of_the_source(day, row), row)
        return _told(found)

    def _of_parts(self, absent: ir.Table, columns: tuple[str, ...]) -> dict[date, ByReason]:
        """Of a table with several rows per key, such as a team's box scores: all keys, which are few."""
        rows = self.session.frame(absent.order_by("game_date", *columns)).to_pylist()
        on_record = {_text(("game_date", *columns), row): reason for row, reason in self._set_aside(self.table)}
        lost, partial = self._lost_days(), self._with_some_rows(columns)
        found: _Found = {}
        for key in rows:
            text = _text(("game_date", *columns), key)
            day = key.pop("game_date")
            if (self.table, day) not in self.states:
                reason = NOT_BUILT
            elif day in lost:
                reason = LOST
            elif text in partial:
                reason = INCOMPLETE
            else:
                reason = on_record.get(text) or self._of_the_source(day, key)
            _add(found, day, reason, key)
        return _told(found)

    def refused(self) -> dict[date, ByReason]:
        """Rows that a source delivered and the contract refused, if no other row has their key."""
        source, key = DELIVERED_TO.get(self.table), TABLES[self.table].key
        rows = self._set_aside(source) if source else []
        if not rows:
            return {}
        held = self.session.frame(self.read(self.table).select("game_date", *key)).to_pylist()
        present = {_text(("game_date", *key), row) for row in held}
        found: _Found = {}
        for row, reason in rows:
            if row.get("game_date") and _text(("game_date", *key), row) not in present:
                stated = f"{CONTRACT} in {TABLES[str(source)].full_name}: {reason}"
                _add(found, date.fromisoformat(row["game_date"]), stated, {column: row.get(column) for column in key})
        return _told(found)

    def is_upstream_missing(self, day: date) -> bool:
        """Whether the day lacks an upstream of the same day."""
        return any((upstream, day) not in self.states for upstream in TABLES[self.table].reads)

    def _of_the_source(self, day: date, key: Key) -> str:
        """What nobody recorded: nothing came, or the box scores that the key rests on are not there."""
        if TABLES[self.table].dataset == "nba_raw":
            return NOT_DELIVERED
        if "player_boxscores" in _same_day_upstreams(self.table):
            for reason, gaps in self.box_score_gaps().get(day, {}).items():
                for gap in gaps.first:
                    shared = [column for column in gap if column in key]
                    if shared and all(gap[column] == key[column] for column in shared):
                        return f"{reason} in {TABLES['player_boxscores'].full_name}"
        return UNEXPLAINED

    def _has_asides(self, table: str) -> bool:
        """Whether anything of a table was set aside; the ledger says so."""
        return any(state.set_aside for (name, _), state in self.states.items() if name == table)

    def _set_aside(self, table: str) -> list[tuple[Key, str]]:
        if not self._has_asides(table):
            return []
        rows = self.session.set_aside(self.days)
        rows = self.session.frame(rows.filter(rows.table_name == table).select("reason", "row"))
        return [(json.loads(row["row"]), row["reason"]) for row in rows.to_pylist()]

    def _lost_days(self) -> set[date]:
        """Built days that have fewer rows than were written."""
        rows = self.read(self.table)
        counts = self.session.frame(rows.group_by("game_date").agg(stored=rows.count())).to_pylist()
        stored = {row["game_date"]: row["stored"] for row in counts}
        return {
            day for (name, day), state in self.states.items() if name == self.table and stored.get(day, 0) < state.rows
        }

    def _with_some_rows(self, columns: tuple[str, ...]) -> set[tuple[str, ...]]:
        """Sides whose box scores are there in part."""
        if self.table != "player_boxscores":
            return set()
        some = self.session.frame(self.read(self.table).select("game_date", *columns).distinct()).to_pylist()
        return {_text(("game_date", *columns), row) for row in some}


def recorded(session: Session, table: Table, days: DayRange) -> ir.Table:
    """Keys of the table that were set aside, each once with its day and a reason.

    NULL is what was set aside with another type than the record's.
    """
    rows = session.set_aside(days)
    told = rows["row"].cast("json")
    fields = {c: told[c].int if table.column(c).type == "int64" else told[c].str for c in table.key if c != "game_date"}
    rows = rows.filter(rows.table_name == table.name).select("game_date", "reason", **fields)
    return rows.group_by(["game_date", *fields]).agg(reason=rows.reason.max())


def _add(found: _Found, day: date, reason: str, key: Key, count: int = 1) -> None:
    counted, keys = found.setdefault(day, {}).get(reason, (0, []))
    keys.append(key)
    found[day][reason] = counted + count, keys


def _told(found: _Found) -> dict[date, ByReason]:
    return {
        day: {reason: Absent(count, tuple(keys)) for reason, (count, keys) in of_day.items()}
        for day, of_day in found.items()
    }


def _text(columns: tuple[str, ...], row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(column)) for column in columns)


def _same_day_upstreams(table: str) -> set[str]:
    """Everything that the table's rows of a day are made of on the same day, directly or through others."""
    direct = {name for name, back in TABLES[table].reads.items() if back == SAME_DAY}
    return direct.union(*(_same_day_upstreams(name) for name in direct)) if direct else direct
