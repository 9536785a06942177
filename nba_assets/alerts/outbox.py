"""The messages that wait for delivery, as files: written before a sensor forgets why, removed when all have them.

What is sent where, and when it is tried again, is decided in `delivery.py`. Files hold no URL: those are secrets.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.messages import Message
from nba_assets.files import write_whole

SENT_KEPT = 500
"""Delivered messages that are kept, the latest: a tick repeated after a crash does not send them again."""


@dataclass
class Attempts:
    """How far the delivery of a message to one destination has come. Times are in seconds since 1970."""

    destination: str
    count: int = 0
    last_error: str = ""
    next_attempt: float = 0.0
    delivered: float | None = None

    @property
    def is_failing(self) -> bool:
        """Whether it was tried in vain so far."""
        return self.delivered is None and bool(self.last_error)


@dataclass
class Letter:
    """A message in the outbox. `attempts`: key of a destination -> how far its delivery has come."""

    message: Message
    queued: float
    attempts: dict[str, Attempts] = field(default_factory=dict)


class Outbox:
    """The folders `outbox/` and `sent/` under the alerts folder."""

    def __init__(self, alerts_folder: Path) -> None:
        self.folder = alerts_folder / "outbox"
        self._sent = alerts_folder / "sent"

    def put(self, message: Message) -> bool:
        """Queue a message; False if it is queued already or was sent."""
        # In this order: between the two looks, a delivery may move it from the first to the second.
        if self._waiting(message.id).exists() or (self._sent / f"{message.id}.json").exists():
            return False
        self.save(Letter(message, time.time()))
        return True

    def letters(self) -> list[Letter]:
        """What waits, the oldest first.

        Raises:
            AlertsError: a file cannot be read; it names the file.
        """
        found = []
        for file in sorted(self.folder.glob("[!.]*.json")):
            try:
                stored = json.loads(file.read_text())
                attempts = {key: Attempts(**a) for key, a in stored["attempts"].items()}
                found.append(Letter(Message(**stored["message"]), stored["queued"], attempts))
            except FileNotFoundError:
                continue  # Delivered meanwhile.
            except (ValueError, KeyError, TypeError) as error:
                raise AlertsError(f"{file} is damaged ({error}). Read what it says, then remove it.") from error
        return sorted(found, key=lambda letter: (letter.queued, letter.message.id))

    def save(self, letter: Letter) -> None:
        """Write what is known about a letter."""
        write_whole(self._waiting(letter.message.id), json.dumps(asdict(letter), indent=2))

    def finish(self, letter: Letter) -> None:
        """Everyone has it: out of the outbox, into what was sent."""
        self._sent.mkdir(parents=True, exist_ok=True)
        self._waiting(letter.message.id).replace(self._sent / f"{letter.message.id}.json")
        by_age = sorted(self._sent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in by_age[:-SENT_KEPT]:
            file.unlink()

    def _waiting(self, message_id: str) -> Path:
        return self.folder / f"{message_id}.json"
