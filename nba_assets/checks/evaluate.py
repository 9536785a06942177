"""Running a table's checks over a range of days: every day gets a verdict from every check, no pass without looking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from nba_assets.checks.check import Check
from nba_assets.checks.look import Look, Surroundings
from nba_assets.checks.schedule import games_due
from nba_assets.checks.verdict import Severity, Verdict, counted, failed, passed
from nba_assets.days import DayRange
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import Session

Results = Mapping[str, Mapping[date, Verdict]]
"""Check name -> day -> verdict."""


class CheckError(Exception):
    """A check did not answer for a day: a mistake in the check, never a pass."""


def evaluate(
    session: Session, table: Table, days: DayRange, checks: Iterable[Check], around: Surroundings | None = None
) -> Results:
    """The verdict of each check on each day. around: where several tables are looked at on the same days.

    Raises:
        CheckError: a check has nothing to say of a day that it should have looked at.
        WarehouseError: the table cannot be read.
    """
    return judge(Look(session, table, days, around), checks)


def judge(look: Look, checks: Iterable[Check]) -> Results:
    """`evaluate` on a look that the caller goes on to use."""
    days = look.days
    idle = {day for day in days if _is_idle(look, day)}
    results = {}
    for check in checks:
        blind = {day: verdict for day in days if (verdict := _cannot_look(look, check, day)) is not None}
        open_days = [d for d in days if d not in blind and (check.sees_absence or d not in idle)]
        answers = check.judge(look) if open_days else {}
        silent = [day for day in open_days if day not in answers]
        if silent:
            raise CheckError(f"{look.table.full_name}: the check {check.name} says nothing of {silent[0]}.")
        results[check.name] = {
            day: blind.get(day) or (answers[day] if day in answers and day in open_days else _NO_GAMES) for day in days
        }
    return results


_NO_GAMES = passed("No game on this day's schedule, and no rows.")


def _cannot_look(look: Look, check: Check, day: date) -> Verdict | None:
    """The failure of a check that finds nothing to look at: no day, no schedule, no rows where there should be some."""
    if day not in look.built:
        return _unbuilt(look.table)
    if check.needs_schedule and day not in look.slates:
        return _unbuilt(TABLES["games"])
    if check.sees_absence or look.row_count(day):
        return None
    if look.built[day].rows:
        return failed(f"Could not look: {counted(look.built[day].rows, 'row')} were written, and none is there.")
    due = games_due(look, day)
    if due:
        # row_count and coverage say the same as an error; here it is only that nothing could be judged.
        return failed(f"Could not look: no rows on a day with {counted(due, 'game')}.", severity=Severity.WARN)
    return None


def _unbuilt(table: Table) -> Verdict:
    return failed(f"Could not look: {table.full_name} was never built for this day.", severity=Severity.ERROR)


def _is_idle(look: Look, day: date) -> bool:
    """Nobody plays, and nothing was written or is there."""
    slate, state = look.slates.get(day), look.built.get(day)
    return slate is not None and slate.to_play == 0 and state is not None and state.rows == look.row_count(day) == 0
