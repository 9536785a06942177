"""Failing checks of a range: one entry per table and check, with its days, its worst severity and what it says first.

How checks judge is in `nba_assets/checks/`; here their verdicts are only sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from nba_assets.checks.check import Check, worst
from nba_assets.checks.evaluate import Results
from nba_assets.checks.verdict import Severity
from nba_assets.tables import Table


@dataclass(frozen=True)
class Failing:
    """A check that does not pass on some days.

    checks: its name; of a table's days that were never built, the names of all that could not look at them.
    text: what it says of its first day. days: in order. is_unbuilt: whether this is about days never built.
    """

    table: Table
    checks: tuple[str, ...]
    severity: Severity
    days: tuple[date, ...]
    text: str
    is_unbuilt: bool = False


def failing_checks(table: Table, checks: Sequence[Check], results: Results, built: Iterable[date]) -> list[Failing]:
    """A table's failing checks, errors first; days that were never built are one entry for all of its checks."""
    known = set(built)
    entries = []
    unbuilt = sorted({day for verdicts in results.values() for day in verdicts} - known)
    if unbuilt:
        blind = [c for c in checks if c.name in results]
        text = results[blind[0].name][unbuilt[0]].text
        entries.append(Failing(table, tuple(c.name for c in blind), Severity.ERROR, tuple(unbuilt), text, True))
    for check in checks:
        bad = {d: v for d, v in results.get(check.name, {}).items() if not v.is_passed and d in known}
        if bad:
            entries.append(Failing(table, (check.name,), worst(check, bad), tuple(sorted(bad)), bad[min(bad)].text))
    return sorted(entries, key=lambda entry: entry.severity is not Severity.ERROR)


def by_severity(failing: Iterable[Failing]) -> dict[Severity, int]:
    """How many checks (each of a table) fail on days that are built, by the worst that they say."""
    counts = Counter(entry.severity for entry in failing if not entry.is_unbuilt)
    return {severity: counts[severity] for severity in (Severity.ERROR, Severity.WARN)}
