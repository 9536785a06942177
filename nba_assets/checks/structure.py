"""Is the table what its record says: columns and types, required values, one row per key. From the profile alone."""

from __future__ import annotations

from datetime import date

import ibis

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Verdict, counted, failed, listed, passed

_EXAMPLES = 5


def schema(look: Look) -> dict[date, Verdict]:
    """The stored columns and types are the record's, and no required value is unknown or no number."""
    found = look.session.columns(look.table)
    declared = {column.name: column.type for column in look.table.columns}
    wrong = [f"{name} is missing" for name in declared if name not in found]
    wrong += [f"{name} is no column of the record" for name in found if name not in declared]
    wrong += [f"{n} is {found[n]}, not {t}" for n, t in declared.items() if n in found and found[n] != t]
    return {day: _schema_of(look, day, wrong) for day in look.days}


def _schema_of(look: Look, day: date, wrong: list[str]) -> Verdict:
    profile = look.profile.get(day)
    faults = list(wrong)
    if profile is not None:
        required = [c.name for c in look.table.columns if c.required and profile.unknown[c.name]]
        faults += [f"{name} is unknown in {counted(profile.unknown[name], 'row')}" for name in required]
        faults += [f"{name} is not always a finite number" for name in profile.not_finite]
    columns = len(look.table.columns)
    if faults:
        return failed(f"The table is not what its record says: {listed(faults, 5)}.", columns=columns)
    return passed(f"All {columns} columns are as declared.", columns=columns)


def unique_key(look: Look) -> dict[date, Verdict]:
    """No key stands twice on a day."""
    doubled = {day: p.rows - p.keys for day, p in look.profile.items() if p.rows != p.keys}
    examples = _duplicates(look) if doubled else {}
    verdicts = {}
    for day in look.days:
        rows = look.row_count(day)
        if day in doubled:
            verdicts[day] = failed(
                f"{counted(doubled[day], 'row')} of {rows:,} repeat a key ({', '.join(look.table.key)}).",
                details=examples.get(day, [])[:_EXAMPLES],
                rows=rows,
                duplicates=doubled[day],
            )
        else:
            verdicts[day] = passed(f"Each of {counted(rows, 'row')} has its own key.", rows=rows, duplicates=0)
    return verdicts


def _duplicates(look: Look) -> dict[date, list[dict[str, object]]]:
    rows = look.rows
    key = list(dict.fromkeys(("game_date", *look.table.key)))
    times = rows.group_by(key).agg(times=rows.count())
    return look.lists_by_day(times.filter(times.times > 1).order_by(*key, ibis.desc("times")))
