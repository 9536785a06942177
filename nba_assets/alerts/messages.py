"""How changes of checks, failed runs and stalls are worded, and where their links lead.

Pure. What is worth a message is decided in `state.py` and `stalled.py`; sending is the business of `delivery.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote

from nba_assets.alerts.stalled import Stall
from nba_assets.alerts.state import ERROR, Change, Evaluation, Group
from nba_assets.days import ranges_of

BODY_LENGTH = 3_000
"""Characters of a body, about what a chat shows without folding; what does not fit is counted."""
RANGES = 8
"""Ranges of days that a line lists."""
REASON_LENGTH = 300
RUNS_APART = 3
"""Failed runs that get a message each; more of them at once are listed in one."""


@dataclass(frozen=True)
class Message:
    """What goes out.

    The id is made of what is said and of where the sensor's cursor stood: a tick that is repeated after a crash makes
    the same message, and the same words on another occasion are another one.
    """

    id: str
    severity: str
    title: str
    body: str
    link: str


@dataclass(frozen=True)
class FailedRun:
    """A run that failed. `reasons`: (step, why); `stopped_by`: the evaluations that stopped it."""

    run_id: str
    job: str
    days: str
    reasons: tuple[tuple[str, str], ...]
    stopped_by: tuple[Evaluation, ...] = ()


def run_link(ui_url: str, run_id: str) -> str:
    """The page of a run."""
    return f"{ui_url}/runs/{run_id}"


def backfill_link(ui_url: str, backfill_id: str) -> str:
    """The page of a backfill."""
    return f"{ui_url}/runs/b/{backfill_id}"


def check_link(ui_url: str, group: Group) -> str:
    """The page of a table's check, with its result on each day."""
    table = "/".join(quote(part, safe="") for part in group.table.split("."))
    return f"{ui_url}/assets/{table}?view=checks&checkDetail={quote(group.check, safe='')}"


def check_messages(changes: Iterable[Change], ui_url: str, occasion: str) -> list[Message]:
    """One message per severity that lists every check with news."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.severity, []).append(change)
    return [_check_message(severity, of_severity, ui_url, occasion) for severity, of_severity in sorted(found.items())]


def run_messages(runs: Sequence[FailedRun], ui_url: str, occasion: str) -> list[Message]:
    """A message per failed run, or one that lists them if there are many."""
    if len(runs) > RUNS_APART:
        title = f"{len(runs)} runs failed"
        blocks = ["\n".join([f"- {_run_line(run)}", f"  {run_link(ui_url, run.run_id)}"]) for run in runs]
        return [_message("runs-failed", ERROR, title, _capped(blocks, "runs"), f"{ui_url}/runs", occasion)]
    return [_run_message(run, ui_url) for run in runs]


def stall_messages(stalls: Iterable[Stall], stalled_after_minutes: int, ui_url: str, occasion: str) -> list[Message]:
    """A message per backfill or run that stands still, or no longer does."""
    messages = []
    for stall in stalls:
        since = datetime.fromtimestamp(stall.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        kind, _, identity = stall.key.partition(" ")
        link = backfill_link(ui_url, identity) if kind == "backfill" else run_link(ui_url, identity)
        if stall.is_over:
            title = f"{stall.what} {stall.outcome}"
            body = f"It had shown no progress since {since}."
        else:
            title = f"{stall.what} has stopped progressing"
            body = f"It has shown no progress since {since}; more than {stalled_after_minutes} minutes is too long."
        messages.append(_message(f"stall-{identity}", ERROR, title, body, link, occasion))
    return messages


def example_message(severity: str, ui_url: str) -> Message:
    """What `nba-assets alerts test` sends; a new one at each call."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    body = f"Sent {now} by nba-assets alerts test. Messages of severity {severity} arrive here."
    return _message("test", severity, "test", body, ui_url, now)


def days_text(days: Iterable[date | None]) -> str:
    """Days as ranges, such as `2022-01-03..2022-01-05, 2022-01-07 (4 days)`."""
    given = list(days)
    dated = [day for day in given if day is not None]
    ranges = [str(r) for r in ranges_of(dated)]
    hidden = len(ranges) - RANGES
    text = ", ".join(ranges[:RANGES]) + (f" and {hidden} more ranges" if hidden > 0 else "")
    if len(dated) > 1:
        text += f" ({len(dated)} days)"
    # A check without partitions has one result for the whole table.
    return ", ".join(filter(None, ["the table as a whole" if None in given else "", text]))


def _check_message(severity: str, changes: Sequence[Change], ui_url: str, occasion: str) -> Message:
    failing = [change for change in changes if not change.is_recovery]
    recovered = [change for change in changes if change.is_recovery]
    counted = [
        f"{_count(len(found), 'check')} {word}"
        for found, word in ((failing, "failed"), (recovered, "recovered"))
        if found
    ]
    blocks = [_check_block(change, ui_url) for change in (*failing, *recovered)]
    title = ", ".join(counted)
    if len(changes) == 1:
        group = changes[0].group
        title = f"{group.table} {group.check} {'recovered' if recovered else 'failed'}"
    link = check_link(ui_url, changes[0].group)
    return _message("checks", severity, title, _capped(blocks, "checks"), link, occasion)


def _check_block(change: Change, ui_url: str) -> str:
    others = change.failing_in_all - (0 if change.is_recovery else len(change.days))
    word = "passes again on" if change.is_recovery else "fails on"
    still = f"; {'still' if change.is_recovery else 'as before'} on {_count(others, 'other day')}" if others else ""
    lines = [f"- {change.group.table} {change.group.check} {word} {days_text(change.days)}{still}"]
    lines += [f"  {f'{day}: ' if day else ''}{_one_line(text)}" for day, text in change.examples]
    return "\n".join([*lines, f"  {check_link(ui_url, change.group)}"])


def _run_message(run: FailedRun, ui_url: str) -> Message:
    blocks = [f"- {step}: {_one_line(reason)}" if step else f"- {_one_line(reason)}" for step, reason in run.reasons]
    groups: dict[Group, list[Evaluation]] = {}
    for evaluation in run.stopped_by:
        groups.setdefault(evaluation.group, []).append(evaluation)
    for group, evaluations in sorted(groups.items()):
        days = days_text(dict.fromkeys(e.day for e in evaluations))
        examples = [e for e in evaluations if e.description][:2]
        lines = [f"- stopped by {group.table} {group.check}, which failed on {days}"]
        lines += [f"  {f'{e.day}: ' if e.day else ''}{_one_line(e.description)}" for e in examples]
        blocks.append("\n".join([*lines, f"  {check_link(ui_url, group)}"]))
    title = f"Run {run.run_id[:8]} failed{f', {run.days}' if run.days else ''}"
    return _message(f"run-{run.run_id}", ERROR, title, _capped(blocks, "reasons"), run_link(ui_url, run.run_id), "")


def _run_line(run: FailedRun) -> str:
    by = sorted({f"{e.group.table} {e.group.check}" for e in run.stopped_by})
    steps = [step for step, _ in run.reasons if step]
    why = f"stopped by {', '.join(by)}" if by else f"failed in {', '.join(steps)}" if steps else "failed"
    return " ".join(filter(None, [run.run_id[:8], run.days, _one_line(why)]))


def _message(kind: str, severity: str, title: str, body: str, link: str, occasion: str) -> Message:
    said = hashlib.sha256("\n".join([occasion, severity, title, body, link]).encode()).hexdigest()[:16]
    return Message(f"{kind}-{said}", severity, f"nba-assets {severity}: {title}", body, link)


def _capped(blocks: Sequence[str], what: str) -> str:
    """As many blocks as fit, and how many there are besides."""
    shown: list[str] = []
    for block in blocks:
        if shown and sum(map(len, shown)) + len(block) > BODY_LENGTH:
            return "\n".join([*shown, f"- and {len(blocks) - len(shown)} more {what}"])
        shown.append(block)
    return "\n".join(shown)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 3] + "..."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
