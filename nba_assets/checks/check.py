"""The form of a check: its name, the question it answers, how bad a failure is, and the function that judges.

Which checks there are, and for which tables, is in `catalog.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Severity, Verdict

Judge = Callable[[Look], Mapping[date, Verdict]]
"""Answers for every day of the look that has rows or games."""


@dataclass(frozen=True)
class Check:
    """A check, of as many tables as it makes sense for.

    question: what a pass answers with yes. why: the reason for the severity, and for blocking where it does.
    severity: of a failure, unless the verdict says less.
    is_blocking: a failure stops everything downstream of the table in the same run, on all its days; for what would
        make all of them wrong.
    sees_absence: whether it has something to say of a day without rows. Others could not look at such a day.
    needs_schedule: whether it cannot look at a day whose schedule was never built.
    """

    name: str
    question: str
    why: str
    severity: Severity
    judge: Judge
    tables: frozenset[str]
    is_blocking: bool = False
    sees_absence: bool = False
    needs_schedule: bool = False


def worst(check: Check, bad: Mapping[date, Verdict]) -> Severity:
    """The worst severity of these failures."""
    is_error = any((verdict.severity or check.severity) is Severity.ERROR for verdict in bad.values())
    return Severity.ERROR if is_error else Severity.WARN
