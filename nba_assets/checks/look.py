"""What the checks of one table share while they look at a range of days: each thing is read once, in bulk.

A judge (see `catalog.py`) is given a `Look`, and answers for every day of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import ibis.expr.types as ir

from nba_assets.coverage import DayCoverage, coverage
from nba_assets.days import DayRange, season_year_of
from nba_assets.history import States, ledger_of, missing_by_day
from nba_assets.tables import TABLES, LookBack, Table
from nba_assets.tables.record import SAME_DAY, THIS_SEASON
from nba_assets.warehouse.protocol import DayProfile, DayState, Session

OPENING_DAYS = 30
"""The opening phase of a season, in days from its first game: thresholds are lower while hardly anybody has played."""


@dataclass(frozen=True)
class Slate:
    """Games on a day's schedule. `to_play` counts final and scheduled ones, not those postponed."""

    final: int
    scheduled: int
    postponed: int

    @property
    def to_play(self) -> int:
        """Games that are or will be played on the day."""
        return self.final + self.scheduled


class Surroundings:
    """What looks at these tables on the same days have in common: the ledger, and the schedule of the season."""

    def __init__(self, session: Session, tables: Collection[Table], days: DayRange) -> None:
        self._session = session
        self._tables = tables
        self._days = days

    @cached_property
    def ledger(self) -> States:
        """See `history.ledger_of`; of the schedule as well."""
        return ledger_of(self._session, self._tables, self._days, "games")

    @cached_property
    def slates(self) -> dict[date, Slate]:
        """Days with games, from the season's first on."""
        games = self._session.read(TABLES["games"], THIS_SEASON.days_for(self._days))
        counts = games.group_by("game_date").agg(
            **{status: (games.status == status).sum() for status in ("final", "scheduled", "postponed")}
        )
        return {row.pop("game_date"): Slate(**row) for row in self._session.frame(counts).to_pylist()}


class Look:
    """A table on a range of days, seen through an open session.

    around: what it shares with looks at other tables on the same days.
    """

    def __init__(self, session: Session, table: Table, days: DayRange, around: Surroundings | None = None) -> None:
        self.session = session
        self.table = table
        self.days = days
        self._around = around or Surroundings(session, [table], days)

    def read(self, name: str, back: LookBack = SAME_DAY) -> ir.Table:
        """A table's rows of these days, and of the days before that a look-back adds."""
        return self.session.read(TABLES[name], back.days_for(self.days))

    @property
    def rows(self) -> ir.Table:
        """The table's own rows of these days."""
        return self.read(self.table.name)

    def by_day(self, expression: ir.Table) -> dict[date, dict[str, Any]]:
        """An expression with one row a day, by its game_date."""
        return {row.pop("game_date"): row for row in self.session.frame(expression).to_pylist()}

    def lists_by_day(self, expression: ir.Table) -> dict[date, list[dict[str, Any]]]:
        """An expression's rows, by their game_date, in their order."""
        found: dict[date, list[dict[str, Any]]] = {}
        for row in self.session.frame(expression).to_pylist():
            found.setdefault(row.pop("game_date"), []).append(row)
        return found

    @cached_property
    def built(self) -> dict[date, DayState]:
        """The ledger's word on each built day."""
        name, ledger = self.table.name, self._around.ledger
        return {day: ledger[name, day] for day in self.days if (name, day) in ledger}

    @cached_property
    def slates(self) -> dict[date, Slate]:
        """The schedule of each day for which it was built; a day that is not here is not known to be without games."""
        slates, ledger = self._around.slates, self._around.ledger
        return {day: slates.get(day, _NO_GAMES) for day in self.days if ("games", day) in ledger}

    @cached_property
    def opening_days(self) -> frozenset[date]:
        """The days that lie within OPENING_DAYS of their season's first game, and those of seasons not begun."""
        begun: dict[int, date] = {}
        for day in sorted(self._around.slates):
            begun.setdefault(season_year_of(day), day)
        opening = timedelta(days=OPENING_DAYS)
        return frozenset(d for d in self.days if d < begun.get(season_year_of(d), d) + opening)

    @cached_property
    def profile(self) -> dict[date, DayProfile]:
        """Counts, distinct keys and column statistics of each day with rows, from one scan."""
        return self.session.profile(self.table, self.days)

    @cached_property
    def coverage(self) -> dict[date, DayCoverage]:
        """Expected and present keys of each day, the absent ones by reason."""
        return {day.day: day for day in coverage(self.session, self.days, (self.table.name,), self._around.ledger)}

    @cached_property
    def missing_history(self) -> Mapping[date, Mapping[str, list[DayRange]]]:
        """See `history.missing_by_day`."""
        return missing_by_day(self._around.ledger, self.table, self.days)

    def row_count(self, day: date) -> int:
        """Rows that are stored for the day, whatever the ledger says."""
        return self.profile[day].rows if day in self.profile else 0


_NO_GAMES = Slate(final=0, scheduled=0, postponed=0)
