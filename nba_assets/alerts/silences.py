"""Checks of tables that a person does not want to hear about until a day: the file that remembers them.

A silence holds messages back; it forgets nothing. What it means for what is said is in `state.py`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.state import Group
from nba_assets.files import write_whole


@dataclass(frozen=True)
class Silence:
    """One silenced check of a table, up to and including a day (US Eastern)."""

    table: str
    check: str
    until: date
    reason: str = ""

    @property
    def group(self) -> Group:
        """What it silences."""
        return Group(self.table, self.check)


def eastern_today() -> date:
    """Today where the games are."""
    return datetime.now(ZoneInfo("America/New_York")).date()


def load_silences(alerts_folder: Path) -> list[Silence]:
    """Those that have not ended, by table and check.

    Raises:
        AlertsError: the file cannot be read as one of silences.
    """
    file = _file(alerts_folder)
    if not file.exists():
        return []
    try:
        stored = json.loads(file.read_text())
        found = [Silence(s["table"], s["check"], date.fromisoformat(s["until"]), s["reason"]) for s in stored]
    except (ValueError, KeyError, TypeError) as error:
        raise AlertsError(f"{file} is damaged ({error}). Remove it; nothing is silenced then.") from error
    return sorted((s for s in found if s.until >= eastern_today()), key=lambda s: s.group)


def add_silence(alerts_folder: Path, silence: Silence) -> None:
    """Silence a check, in place of an earlier silence of it."""
    kept = [s for s in load_silences(alerts_folder) if s.group != silence.group]
    _write(alerts_folder, [*kept, silence])


def remove_silence(alerts_folder: Path, group: Group) -> bool:
    """Let a check be heard again; False if it was not silenced."""
    found = load_silences(alerts_folder)
    kept = [s for s in found if s.group != group]
    _write(alerts_folder, kept)
    return len(kept) < len(found)


def _write(alerts_folder: Path, silences: list[Silence]) -> None:
    write_whole(_file(alerts_folder), json.dumps([asdict(s) for s in silences], default=str, indent=2))


def _file(alerts_folder: Path) -> Path:
    return alerts_folder / "silenced.json"
