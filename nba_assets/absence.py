"""Why an expected key is not there: the reasons, and how the one that holds is found out.

Which keys are absent is `coverage.py`'s to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nba_assets.days import DayRange
from nba_assets.expected import Reader
from nba_assets.tables import TABLES
from nba_assets.tables.record import SAME_DAY
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

Key = dict[str, Any]
Gaps = Callable[[], Mapping[date, Mapping[str, tuple[Key, ...]]]]
"""The gaps of the box scores, reason -> keys by day; asked only if something has to be explained by them."""


@dataclass
class Reasons:
    """What is known of a table's absent keys on a range of days. states: the ledger, the table's upstreams included."""

    session: Session
    read: Reader
    table: str
    days: DayRange
    states: Mapping[tuple[str, date], DayState]
    box_score_gaps: Gaps

    def of(self, absent: Mapping[date, list[Key]]) -> dict[date, dict[str, list[Key]]]:
        """Reason -> keys, by day."""
        if not absent:
            return {}
        columns = tuple(next(iter(absent.values()))[0])
        recorded = {_text(("game_date", *columns), row): reason for row, reason in self._set_aside(self.table)}
        stored, partial = self._stored_rows(), self._with_some_rows(columns)
        found: dict[date, dict[str, list[Key]]] = {}
        for day, keys in absent.items():
            state = self.states.get((self.table, day))
            for key in keys:
                text = _text(("game_date", *columns), {"game_date": day, **key})
                if state is None:
                    reason = NOT_BUILT
                elif stored.get(day, 0) < state.rows:
                    reason = LOST
                elif text in partial:
                    reason = INCOMPLETE
                else:
                    reason = recorded.get(text) or self._of_the_source(day, key)
                found.setdefault(day, {}).setdefault(reason, []).append(key)
        return found

    def refused(self) -> dict[date, dict[str, list[Key]]]:
        """Rows that a source delivered and the contract refused, if no other row has their key."""
        source, key = DELIVERED_TO.get(self.table), TABLES[self.table].key
        rows = self._set_aside(source) if source else []
        if not rows:
            return {}
        held = self.session.frame(self.read(self.table).select("game_date", *key)).to_pylist()
        present = {_text(("game_date", *key), row) for row in held}
        found: dict[date, dict[str, list[Key]]] = {}
        for row, reason in rows:
            if row.get("game_date") and _text(("game_date", *key), row) not in present:
                stated = f"{CONTRACT} in {TABLES[str(source)].full_name}: {reason}"
                of_day = found.setdefault(date.fromisoformat(row["game_date"]), {})
                of_day.setdefault(stated, []).append({column: row.get(column) for column in key})
        return found

    def is_upstream_missing(self, day: date) -> bool:
        """Whether the day lacks an upstream of the same day."""
        return any((upstream, day) not in self.states for upstream in TABLES[self.table].reads)

    def _of_the_source(self, day: date, key: Key) -> str:
        """What nobody recorded: nothing came, or the box scores that the key rests on are not there."""
        if TABLES[self.table].dataset == "nba_raw":
            return NOT_DELIVERED
        if "player_boxscores" in _same_day_upstreams(self.table):
            for reason, gaps in self.box_score_gaps().get(day, {}).items():
                for gap in gaps:
                    shared = [column for column in gap if column in key]
                    if shared and all(gap[column] == key[column] for column in shared):
                        return f"{reason} in {TABLES['player_boxscores'].full_name}"
        return UNEXPLAINED

    def _set_aside(self, table: str) -> list[tuple[Key, str]]:
        """What was set aside of a table, with the reason; the ledger says whether there is any."""
        if not any(state.set_aside for (name, _), state in self.states.items() if name == table):
            return []
        rows = self.session.set_aside(self.days)
        rows = rows.filter(rows.table_name == table).select("reason", "row")
        return [(json.loads(row["row"]), row["reason"]) for row in self.session.frame(rows).to_pylist()]

    def _stored_rows(self) -> dict[date, int]:
        rows = self.read(self.table)
        counts = self.session.frame(rows.group_by("game_date").agg(stored=rows.count()))
        return {row["game_date"]: row["stored"] for row in counts.to_pylist()}

    def _with_some_rows(self, columns: tuple[str, ...]) -> set[tuple[str, ...]]:
        """Sides whose box scores are there in part."""
        if self.table != "player_boxscores":
            return set()
        some = self.session.frame(self.read(self.table).select("game_date", *columns).distinct()).to_pylist()
        return {_text(("game_date", *columns), row) for row in some}


def _text(columns: tuple[str, ...], row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(column)) for column in columns)


def _same_day_upstreams(table: str) -> set[str]:
    """Everything that the table's rows of a day are made of on the same day, directly or through others."""
    direct = {name for name, back in TABLES[table].reads.items() if back == SAME_DAY}
    return direct.union(*(_same_day_upstreams(name) for name in direct)) if direct else direct
