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
from itertools import islice
from typing import Any, NamedTuple

from nba_assets.alerts.errors import AlertsError
from nba_assets.days import DayRange, ranges_of

ERROR, WARN = "ERROR", "WARN"
SEVERITIES = (ERROR, WARN)

EXAMPLES = 2
"""Descriptions that a change carries along."""
_NO_DAY = "-"

Failures = dict[date | None, str]
"""Failing day -> severity. The day of a check that is not about days is None."""
Descriptions = dict[date | None, str]
"""Failing day -> what the check said of it."""


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


class Progress(NamedTuple):
    """How far the runs were read: all that ended up to a position, and of the next one maybe a part."""

    position: int
    run_id: str | None = None
    read: str | None = None
    """Of that run: what marks the end of the part."""

    def read_of(self, run_id: str) -> str | None:
        """What marks the end of what was read of this run."""
        return self.read if run_id == self.run_id else None


@dataclass
class _Memory:
    """A group's failing days now, those that were said (with the worst severity said), and why they fail."""

    failing: Failures = field(default_factory=dict)
    said: Failures = field(default_factory=dict)
    descriptions: Descriptions = field(default_factory=dict)

    @property
    def news(self) -> Failures:
        """Days whose failing was not said, or was said as a warning and is an error now."""
        return {d: s for d, s in self.failing.items() if d not in self.said or (s, self.said[d]) == (ERROR, WARN)}

    @property
    def recovered(self) -> Failures:
        return {d: s for d, s in self.said.items() if d not in self.failing}

    def examples(self, days: Iterable[date | None]) -> Descriptions:
        """Why the first few of them fail of which it is known."""
        known = (day for day in sorted(days, key=_first_without_day) if self.descriptions.get(day))
        return {day: self.descriptions[day] for day in islice(known, EXAMPLES)}

    @property
    def examples_of_news(self) -> Descriptions:
        """What is needed of the descriptions to say the news later."""
        news = self.news
        return {d: t for severity in SEVERITIES for d, t in self.examples(_of(severity, news)).items()}


class CheckState:
    """What is remembered between ticks. Only the state at the end of a tick matters: what failed and passed again
    within one is not news."""

    def __init__(self) -> None:
        self._memories: dict[Group, _Memory] = {}

    def fold(self, evaluations: Iterable[Evaluation], is_run_failed: bool) -> None:
        """Take in results of one ended run, in the order in which they were made.

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
                    days = tuple(sorted(_of(severity, found), key=_first_without_day))
                    if days:
                        shown = () if is_recovery else tuple(memory.examples(days).items())
                        changes.append(Change(group, severity, is_recovery, days, len(memory.failing), shown))
            memory.said.update(memory.news)
            for day in memory.recovered:
                del memory.said[day]
        return changes

    def as_cursor(self, progress: Progress) -> str:
        """State and progress as a cursor. Compressed: Dagster keeps one with each tick, and there are 2,880 a day."""
        stored = {name: value for name, value in progress._asdict().items() if value is not None}
        text = json.dumps({**stored, "checks": self.as_json()}, separators=(",", ":"))
        return base64.b85encode(zlib.compress(text.encode())).decode()

    @classmethod
    def from_cursor(cls, cursor: str) -> tuple[CheckState, Progress]:
        """What `as_cursor` made.

        Raises:
            AlertsError: it made no such thing.
        """
        try:
            stored = json.loads(zlib.decompress(base64.b85decode(cursor)))
            progress = Progress(int(stored["position"]), stored.get("run_id"), stored.get("read"))
            return cls.from_json(stored["checks"]), progress
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise AlertsError("The cursor is not one of this sensor. Clear it in the UI to begin anew.") from error

    def as_json(self) -> dict[str, Any]:
        """A small form: days as ranges, groups about which nothing is to be remembered left out."""
        return {
            table_and_check: {
                "failing": _packed(memory.failing),
                "said": _packed(memory.said),
                "why": {_word(day): text for day, text in memory.examples_of_news.items()},
            }
            for table_and_check, memory in ((f"{g.table} {g.check}", m) for g, m in sorted(self._memories.items()))
            if memory.failing or memory.said
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CheckState:
        """What `as_json` made."""
        state = cls()
        for table_and_check, memory in stored.items():
            table, _, check = table_and_check.partition(" ")
            # Cursors of older versions do not say why.
            why = {_day(word): text for word, text in memory.get("why", {}).items()}
            state._memories[Group(table, check)] = _Memory(_unpacked(memory["failing"]), _unpacked(memory["said"]), why)
        return state


def _first_without_day(day: date | None) -> date:
    return day or date.min


def _of(severity: str, failures: Failures) -> list[date | None]:
    return [day for day, s in failures.items() if s == severity]


def _word(day: date | None) -> str:
    return _NO_DAY if day is None else day.isoformat()


def _day(word: str) -> date | None:
    return None if word == _NO_DAY else date.fromisoformat(word)


def _packed(failures: Failures) -> dict[str, str]:
    packed = {}
    for severity in SEVERITIES:
        days = _of(severity, failures)
        words = [_NO_DAY] * (None in days) + [str(r) for r in ranges_of(day for day in days if day is not None)]
        if words:
            packed[severity] = " ".join(words)
    return packed


def _unpacked(packed: Mapping[str, str]) -> Failures:
    failures: Failures = {}
    for severity, text in packed.items():
        for word in text.split():
            if word == _NO_DAY:
                failures[None] = severity
                continue
            first, _, last = word.partition("..")
            days = DayRange(date.fromisoformat(first), date.fromisoformat(last or first))
            failures.update(dict.fromkeys(days, severity))
    return failures
