"""How much of what should be there is there: expected keys, present keys and the reason for each absent one, by day.

Coverage is counted on keys (a day's player, team or game), never on distinct players over a range nor on days that have
any row. What is expected of each table is in `expected.py`, reasons are in `absence.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import ibis.expr.types as ir

from nba_assets.absence import ACCEPTED, UPSTREAM_NOT_BUILT, Absent, Reasons
from nba_assets.days import DayRange
from nba_assets.expected import EXPECTED, Reader, whole_box_scores
from nba_assets.history import States
from nba_assets.tables import TABLES
from nba_assets.tables.record import THIS_SEASON
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.warehouse.protocol import Session


@dataclass(frozen=True)
class DayCoverage:
    """A table on a day. missing: by reason; `is_built` is the ledger's word."""

    table: str
    day: date
    is_built: bool
    rows: int
    set_aside: int
    expected: int | None
    present: int | None
    missing: Mapping[str, Absent]

    @property
    def gaps(self) -> int:
        """Absent keys for which something could have been there."""
        return sum(absent.count for reason, absent in self.missing.items() if reason not in ACCEPTED)

    @property
    def is_complete(self) -> bool:
        """Whether the day is built and nothing that could be there is absent."""
        return self.is_built and self.gaps == 0


def coverage(
    session: Session, days: DayRange, tables: tuple[str, ...] | None = None, ledger: States | None = None
) -> list[DayCoverage]:
    """The coverage of every table (or those named) on every day, tables in graph order.

    ledger: of at least these tables and their upstreams on these days, where it was read already.
    """
    wanted = tables or tuple(TABLES)
    if ledger is None:
        needed = {*wanted, *(upstream for name in wanted for upstream in TABLES[name].reads)}
        ledger = {(state.table, state.day): state for state in session.day_states(days, needed)}
    states = {(name, day): state for (name, day), state in ledger.items() if day in days}

    def read(name: str) -> ir.Table:
        table, _, scope = name.partition(":")
        return session.read(TABLES[table], THIS_SEASON.days_for(days) if scope else days)

    @cache
    def box_score_gaps() -> Mapping[date, Mapping[str, Absent]]:
        return {day.day: day.missing for day in coverage(session, days, ("player_boxscores",))}

    result = []
    for name in wanted:
        reasons = Reasons(session, read, name, days, states, box_score_gaps)
        expected, absent = _keys_by_day(session, read, name, days)
        explained = {} if absent is None else reasons.of(absent)
        refused = reasons.refused()
        for day in days:
            state = states.get((name, day))
            missing = _joined(explained.get(day, {}), refused.get(day, {}))
            if state is None and reasons.is_upstream_missing(day):
                missing = {UPSTREAM_NOT_BUILT: sum(missing.values(), Absent(0, ()))}
            beyond = sum(keys.count for keys in refused.get(day, {}).values())
            count = expected[day] + beyond if name in EXPECTED else None
            result.append(
                DayCoverage(
                    table=name,
                    day=day,
                    is_built=state is not None,
                    rows=state.rows if state else 0,
                    set_aside=state.set_aside if state else 0,
                    expected=count,
                    present=None if count is None else count - sum(keys.count for keys in missing.values()),
                    missing=missing,
                )
            )
    return result


def _joined(*parts: Mapping[str, Absent]) -> dict[str, Absent]:
    found: dict[str, Absent] = {}
    for part in parts:
        for reason, absent in part.items():
            found[reason] = found[reason] + absent if reason in found else absent
    return found


def _keys_by_day(session: Session, read: Reader, name: str, days: DayRange) -> tuple[Counter[date], ir.Table | None]:
    """Expected keys counted by day, and those that are absent; None if none is."""
    if name not in EXPECTED:
        return Counter(), None
    keys = on_days(EXPECTED[name](read), days)
    columns = [c for c in keys.columns if c != "game_date"]
    held = whole_box_scores(read) if name == "player_boxscores" else read(name)
    present = held.select("game_date", *columns).distinct().mutate(is_present=True)
    rows = add_columns(keys, present, "game_date", *columns)
    totals = rows.group_by("game_date").agg(expected=rows.count(), absent=rows.is_present.isnull().sum())
    counted = session.frame(totals).to_pylist()
    expected = Counter({row["game_date"]: row["expected"] for row in counted})
    if not any(row["absent"] for row in counted):
        return expected, None
    return expected, rows.filter(rows.is_present.isnull()).drop("is_present")
