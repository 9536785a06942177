"""Which checks fail on which days, and what of that was said: folding evaluations, and what is left to say.

Pure. Where evaluations come from is in `reading.py`; how a change is worded, in `messages.py`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from nba_assets.alerts.errors import AlertsError
from nba_assets.days import DayRange, ranges_of

ERROR, WARN = "ERROR", "WARN"
SEVERITIES = (ERROR, WARN)

EXAMPLES = 2
"""Descriptions that a change carries along."""

Failures = dict[date | None, str]
"""Failing day -> severity. The day of a check that is not about days is None."""


class Group(NamedTuple):
    """What messages and silences are about: a check of a table, `dataset.table` in full."""

    table: str
    check: str


@dataclass(frozen=True)
class Evaluation:
    """One result of a check on one day, made by a step of a run."""

    group: Group
    day: date | None
    passed: bool
    severity: str
    is_blocking: bool = False
    description: str = ""
    step: str = ""

    @property
    def stops_a_run(self) -> bool:
        """Whether the run fails because of it, so that the message about the run tells it."""
        return not self.passed and self.is_blocking and self.severity == ERROR


@dataclass(frozen=True)
class Change:
    """What is new about a check: days that began to fail, or days that failed and pass now.

    failing_in_all: on how many days the check fails, these included.
    examples: (day, description) of the first few.
    """

    group: Group
    severity: str
    is_recovery: bool
    days: tuple[date | None, ...]
    failing_in_all: int
    examples: tuple[tuple[date | None, str], ...] = ()


@dataclass
class _Memory:
    """A group's failing days now, those that were said (with the worst severity said), and why, for this tick only."""

    failing: Failures = field(default_factory=dict)
    said: Failures = field(default_factory=dict)
    descriptions: dict[date | None, str] = field(default_factory=dict)

    @property
    def news(self) -> Failures:
        """Days whose failing was not said, or was said as a warning and is an error now."""
        return {d: s for d, s in self.failing.items() if d not in self.said or (s, self.said[d]) == (ERROR, WARN)}

    @property
    def recovered(self) -> Failures:
        return {d: s for d, s in self.said.items() if d not in self.failing}


class CheckState:
    """What is remembered between ticks. Only the state at the end of a tick matters: what failed and passed again
    within one is not news."""

    def __init__(self) -> None:
        self._memories: dict[Group, _Memory] = {}

    def fold(self, evaluations: Iterable[Evaluation], is_run_failed: bool) -> None:
        """Take in the results of one ended run, in the order in which they were made.

        What stopped a failed run was said by the message about that run.
        """
        for evaluation in evaluations:
            if evaluation.passed and evaluation.group not in self._memories:
                continue
            memory = self._memories.setdefault(evaluation.group, _Memory())
            if evaluation.passed:
                memory.failing.pop(evaluation.day, None)
                continue
            memory.failing[evaluation.day] = evaluation.severity
            memory.descriptions[evaluation.day] = evaluation.description
            if is_run_failed and evaluation.stops_a_run:
                memory.said[evaluation.day] = evaluation.severity

    def take_changes(self, silenced: Collection[Group] = ()) -> list[Change]:
        """What is left to say, which counts as said from now on. Of silenced groups nothing is said or forgotten."""
        changes = []
        for group, memory in sorted(self._memories.items()):
            if group in silenced:
                continue
            for is_recovery, found in ((False, memory.news), (True, memory.recovered)):
                for severity in SEVERITIES:
                    days = tuple(sorted((d for d, s in found.items() if s == severity), key=_first_without_day))
                    if days:
                        examples = [(d, memory.descriptions[d]) for d in days if memory.descriptions.get(d)]
                        shown = () if is_recovery else tuple(examples[:EXAMPLES])
                        changes.append(Change(group, severity, is_recovery, days, len(memory.failing), shown))
            memory.said.update(memory.news)
            for day in memory.recovered:
                del memory.said[day]
        return changes

    def as_cursor(self, position: int) -> str:
        """State and position as a cursor. Compressed: Dagster keeps one with each tick, and there are 2,880 a day."""
        text = json.dumps({"position": position, "checks": self.as_json()}, separators=(",", ":"))
        return base64.b85encode(zlib.compress(text.encode())).decode()

    @classmethod
    def from_cursor(cls, cursor: str) -> tuple[CheckState, int]:
        """What `as_cursor` made.

        Raises:
            AlertsError: it made no such thing.
        """
        try:
            stored = json.loads(zlib.decompress(base64.b85decode(cursor)))
            return cls.from_json(stored["checks"]), int(stored["position"])
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise AlertsError("The cursor is not one of this sensor. Clear it in the UI to begin anew.") from error

    def as_json(self) -> dict[str, Any]:
        """A small form: days as ranges, groups about which nothing is to be remembered left out."""
        return {
            table_and_check: {"failing": _packed(memory.failing), "said": _packed(memory.said)}
            for table_and_check, memory in ((f"{g.table} {g.check}", m) for g, m in sorted(self._memories.items()))
            if memory.failing or memory.said
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CheckState:
        """What `as_json` made."""
        state = cls()
        for table_and_check, memory in stored.items():
            table, _, check = table_and_check.partition(" ")
            state._memories[Group(table, check)] = _Memory(_unpacked(memory["failing"]), _unpacked(memory["said"]))
        return state


def _first_without_day(day: date | None) -> date:
    return day or date.min


def _packed(failures: Failures) -> dict[str, str]:
    packed = {}
    for severity in SEVERITIES:
        days = [day for day, s in failures.items() if s == severity]
        words = ["-"] * (None in days) + [str(r) for r in ranges_of(day for day in days if day is not None)]
        if words:
            packed[severity] = " ".join(words)
    return packed


def _unpacked(packed: Mapping[str, str]) -> Failures:
    failures: Failures = {}
    for severity, text in packed.items():
        for word in text.split():
            if word == "-":
                failures[None] = severity
                continue
            first, _, last = word.partition("..")
            days = DayRange(date.fromisoformat(first), date.fromisoformat(last or first))
            failures.update(dict.fromkeys(days, severity))
    return failures
