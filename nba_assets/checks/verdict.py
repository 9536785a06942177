"""What a check says of a day: passed or not, how bad, in a sentence, with figures and examples. No Dagster here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """WARN: something to look at. ERROR: the day must not be relied on."""

    WARN = "WARN"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Verdict:
    """A check's answer for one day.

    text: one sentence for a person. severity: of a failure; None for the check's own.
    figures: name -> count, share or text. details: rows of a small table, such as missing keys by reason.
    """

    is_passed: bool
    text: str
    severity: Severity | None = None
    figures: Mapping[str, int | float | str] = field(default_factory=dict)
    details: Sequence[Mapping[str, Any]] = ()


def passed(text: str, **figures: int | float | str) -> Verdict:
    """The check looked, and found nothing wrong."""
    return Verdict(True, text, figures=figures)


def failed(
    text: str, *, severity: Severity | None = None, details: Sequence[Mapping[str, Any]] = (), **figures: Any
) -> Verdict:
    """The check looked and found something wrong, or could not look at all."""
    return Verdict(False, text, severity, figures, details)


def counted(count: int, noun: str) -> str:
    """`1 game`, `3 games`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(items: Sequence[object], most: int = 3) -> str:
    """The first few, and how many more there are."""
    shown = ", ".join(str(item) for item in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def on_first(bad: Mapping[date, Verdict]) -> str:
    """What the first of these verdicts says, and that it is the first if there are more."""
    text = bad[min(bad)].text
    return text if len(bad) == 1 else f"on the first, {text[0].lower()}{text[1:]}"
