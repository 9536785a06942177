"""Sending what is in the outbox through Apprise, to each destination once, and again later where it failed.

What is a message, and what waits, is decided elsewhere; so is the schedule (`sensors.py`).
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.messages import Message
from nba_assets.alerts.outbox import Attempts, Letter, Outbox
from nba_assets.alerts.state import ERROR, WARN
from nba_assets.settings import Settings

FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 3_600
TIMEOUT_SECONDS = 15
"""For one message to one destination."""
TICK_SECONDS = 30
"""No delivery begins later than this in a tick: Dagster gives a tick a minute."""


@dataclass(frozen=True)
class Destination:
    """Where messages go. `key` and `name` may be written down; the URL is secret."""

    url: str

    @property
    def key(self) -> str:
        """Tells destinations apart."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """What people see: service and host, without the parts that are secret."""
        service = _instantiate(self.url)
        shown = urlsplit(service.url(privacy=True))
        # The library masks what it knows to be a token, but not the path of a webhook, which often is one.
        return f"{shown.scheme}://{shown.netloc.rpartition('@')[2]}"


@dataclass(frozen=True)
class Outcome:
    """What a round of delivery did: deliveries made, and what is undelivered and why, a line each."""

    delivered: int
    failures: tuple[str, ...]
    without_destination: int


def destinations_of(settings: Settings, severity: str) -> list[Destination]:
    """Where messages of a severity go."""
    urls = {ERROR: settings.alerts_error, WARN: settings.alerts_warn}[severity]
    return [Destination(url) for url in urls]


def send(message: Message, destination: Destination) -> str:
    """Send now; returns why it failed, empty if it did not."""
    import apprise

    service = _instantiate(destination.url)
    if "overflow=" not in urlsplit(destination.url).query.lower():
        # Services with room for less than a message get it in parts instead of refusing it.
        service.overflow_mode = apprise.OverflowMode.SPLIT
    sender = apprise.Apprise([service])
    kind = apprise.NotifyType.FAILURE if message.severity == ERROR else apprise.NotifyType.WARNING
    result = sender.notify(
        title=message.title,
        body=message.body if message.link in message.body else f"{message.body}\n\n{message.link}",
        notify_type=kind,
        body_format=apprise.NotifyFormat.TEXT,
        timeout=TIMEOUT_SECONDS,
    )
    if result:
        return ""
    reasons = dict.fromkeys(entry.message for entry in result.logs())
    return _without_secrets(" ".join(reasons) or f"no answer ({result.status.name.lower()})", destination.url)


def deliver(settings: Settings, clock: Callable[[], float] = time.time) -> Outcome:
    """Try what is due. Each delivery is written down as it is made; a message that all have leaves the outbox.

    A destination that fails is not tried again in the same round. One that works gets all that waits for it, whenever
    that would have been due.
    """
    outbox = Outbox(settings.alerts_folder)
    begun, delivered, without_destination = clock(), 0, 0
    works: dict[str, bool] = {}
    with _only_one(outbox):
        letters = outbox.letters()
        for letter in [*letters, *letters]:
            # The second pass is for what was not due yet when its destination turned out to work.
            for destination in destinations_of(settings, letter.message.severity):
                if destination.key not in letter.attempts:
                    letter.attempts[destination.key] = Attempts(destination.name)
                attempts = letter.attempts[destination.key]
                is_due = attempts.next_attempt <= clock() or works.get(destination.key, False)
                is_refused = works.get(destination.key) is False
                if attempts.delivered is not None or not is_due or is_refused or clock() - begun > TICK_SECONDS:
                    continue
                error = send(letter.message, destination)
                works[destination.key] = not error
                attempts.count += 1
                if error:
                    wait = min(FIRST_WAIT_SECONDS * 2 ** min(attempts.count - 1, 10), LONGEST_WAIT_SECONDS)
                    attempts.last_error, attempts.next_attempt = error, clock() + wait
                else:
                    attempts.delivered = clock()
                    delivered += 1
                outbox.save(letter)
        for letter in letters:
            targets = destinations_of(settings, letter.message.severity)
            without_destination += not targets
            if targets and all(letter.attempts[target.key].delivered is not None for target in targets):
                outbox.finish(letter)
        return Outcome(delivered, tuple(_failures(outbox.letters(), settings)), without_destination)


def _failures(letters: list[Letter], settings: Settings) -> Iterator[str]:
    for letter in letters:
        current = {destination.key for destination in destinations_of(settings, letter.message.severity)}
        for key, attempts in letter.attempts.items():
            if key in current and attempts.is_failing:
                tried = f"tried {attempts.count} times" if attempts.count > 1 else "tried once"
                yield f"{letter.message.title!r} to {attempts.destination}, {tried}: {attempts.last_error}"


def _instantiate(url: str) -> Any:
    import apprise

    service = apprise.Apprise.instantiate(url)
    if service is None:
        raise AlertsError(f"Apprise no longer understands a URL ({url.partition('://')[0]}://...) of the settings.")
    return service


def _without_secrets(text: str, url: str) -> str:
    parts = urlsplit(url)
    for secret in [parts.password or "", *parts.path.split("/"), *parts.query.split("&")]:
        for spelled in {secret, unquote(secret)}:
            if len(spelled) >= 8:  # Shorter ones would blot out common words.
                text = text.replace(spelled, "***")
    return text


@contextmanager
def _only_one(outbox: Outbox) -> Iterator[None]:
    """Hold the outbox: a tick that outlived its minute and the next one would send the same message twice."""
    outbox.folder.mkdir(parents=True, exist_ok=True)
    with (outbox.folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlertsError("Another process is delivering; this one does nothing.") from error
        yield
