"""Which upstream days a table needs, and which of them are not built. Dagster's partition statuses are not asked: the
warehouse's ledger is written with the rows and cannot disagree with them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from datetime import date

from nba_assets.days import DayRange, ranges_of
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import DayState, Session


class UpstreamMissingError(Exception):
    """A day's upstream was never built; says which table and days, and how to build them."""


States = Mapping[tuple[str, date], DayState]
"""What is built: by table and day."""


def ledger_of(session: Session, tables: Collection[Table], days: DayRange, *others: str) -> States:
    """The ledger of tables on these days, and of their upstreams and others on those of their look-backs as well."""
    backs = [back.days_for(days).first for table in tables for back in table.reads.values()]
    names = {name for table in tables for name in (table.name, *table.reads)}
    reach = DayRange(min(backs, default=days.first), days.last)
    return {(state.table, state.day): state for state in session.day_states(reach, {*names, *others})}


def missing_days(states: States, table: Table, days: DayRange) -> dict[str, list[date]]:
    """Upstream table -> days within its look-back, and the days themselves, that are not built."""
    absent = {
        name: [day for day in back.days_for(days) if (name, day) not in states] for name, back in table.reads.items()
    }
    return {name: missing for name, missing in absent.items() if missing}


def missing_by_day(states: States, table: Table, days: DayRange) -> dict[date, dict[str, list[DayRange]]]:
    """Day -> upstream table -> ranges of days within that day's own look-back that are not built."""
    found: dict[date, dict[str, list[DayRange]]] = {day: {} for day in days}
    for name, absent in missing_days(states, table, days).items():
        for day in days:
            first = table.reads[name].days_for(DayRange(day, day)).first
            within = absent[bisect_left(absent, first) : bisect_right(absent, day)]
            if within:
                found[day][name] = ranges_of(within)
    return found


def require_same_days(table: Table, days: DayRange, missing: dict[str, list[date]]) -> None:
    """Refuse to build a day whose upstream of the same day is not there: it would be empty and look done.

    Raises:
        UpstreamMissingError: naming upstream tables and days.
    """
    lacking = {name: ranges_of(day for day in absent if day in days) for name, absent in missing.items()}
    lacking = {name: ranges for name, ranges in lacking.items() if ranges}
    if lacking:
        detail = "; ".join(
            f"{TABLES[name].full_name} on {', '.join(str(r) for r in ranges)}" for name, ranges in lacking.items()
        )
        raise UpstreamMissingError(
            f"{table.full_name} cannot be built for {days}: not built yet: {detail}. "
            f"Materialize those first, or run: nba-assets backfill {days.first} {days.last}"
        )
