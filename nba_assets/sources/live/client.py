"""Asking a service over HTTP: politely, with patience, and without telling anybody its secrets.

What is asked, and what the answers mean, is in the modules of the feeds.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from nba_assets.sources.protocol import SourceError

ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 300.0
TIMEOUT_SECONDS = (10.0, 90.0)
"""To connect, and between two pieces of an answer. stats.nba.com takes half a minute over a month of shots."""
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_BACKOFF = wait_exponential_jitter(initial=1, max=60, jitter=2)


@dataclass(frozen=True)
class Clock:
    """Time, as something that tests can turn."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Service:
    """Whom to ask.

    name: the first part of its captures' names, and how errors call it.
    interval_seconds: between the beginnings of two requests.
    secrets: parameters that are sent but never kept, logged or shown.
    """

    name: str
    base_url: str
    interval_seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Answer:
    """Status and body of a response that is whole; the body is JSON if the status is 200."""

    status: int
    body: str


class _Passing(Exception):
    """What may be gone at the next attempt."""

    def __init__(self, fault: str, wait_seconds: float | None = None) -> None:
        super().__init__(fault)
        self.wait_seconds = wait_seconds


class Client:
    """Asks services, one request at a time."""

    def __init__(
        self,
        proxy: str | None = None,
        clock: Clock | None = None,
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._session = requests.Session()
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}
        self._clock = clock or Clock()
        self._timeout_seconds = timeout_seconds
        self._asked: dict[str, datetime] = {}
        # The library logs whole addresses at DEBUG, and a key is part of some.
        logging.getLogger("urllib3.connectionpool").addFilter(_without_query)

    def get(self, service: Service, path: str, params: Mapping[str, str], about: str, absent: frozenset[int]) -> Answer:
        """The answer to a GET: a whole JSON document, or one of the statuses in `absent`.

        about: what is asked for, for the message of an error.

        Raises:
            SourceError: the service refuses, or did not answer properly in ATTEMPTS attempts.
        """

        def ask() -> Answer:
            return self._ask(service, path, params, absent)

        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait_seconds,
            sleep=self._clock.sleep,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            return retrying(ask)
        except _Passing as fault:
            problem = (
                f"{fault}, and so it went {ATTEMPTS} times. Try again later; what has landed is not fetched again."
            )
        except _Refusal as fault:
            problem = str(fault)
        # Not chained: a library's own errors show the whole address, and the proxy's.
        raise SourceError(f"{service.name}/{path}, {about}: {problem}")

    def _ask(self, service: Service, path: str, params: Mapping[str, str], absent: frozenset[int]) -> Answer:
        self._keep_distance(service)
        try:
            response = self._session.get(
                f"{service.base_url}/{path}",
                params={**params, **service.secrets},
                headers=dict(service.headers),
                timeout=self._timeout_seconds,
            )
        except requests.exceptions.ProxyError:
            fault = "the proxy of NBA_ASSETS_PROXY could not be used"
            raise _Passing(fault) from None
        except requests.exceptions.Timeout:
            raise _Passing("no answer in time") from None
        except requests.exceptions.RequestException as error:
            raise _Passing(f"the connection failed ({type(error).__name__})") from None
        status = response.status_code
        if status in absent:
            return Answer(status, response.text)
        if status in _PASSING_STATUS:
            raise self._passing(response)
        if status != 200:
            hint = " Compare NBA_ASSETS_ODDS_API_KEY and what its plan includes." if service.secrets else ""
            raise _Refusal(f"HTTP {status} {response.reason}.{hint}")
        # These services send UTF-8; without a charset in the header the library would guess.
        response.encoding = "utf-8"
        try:
            json.loads(response.text)
        except (ValueError, RecursionError):
            raise _Passing(f"the answer of {len(response.content)} bytes is no whole JSON document") from None
        return Answer(status, response.text)

    def _passing(self, response: requests.Response) -> Exception:
        fault = f"HTTP {response.status_code} {response.reason}"
        seconds = _retry_after(response.headers.get("Retry-After"), self._clock.now())
        if seconds is not None and seconds > LONGEST_WAIT_SECONDS:
            return _Refusal(f"{fault}; it asks to be left alone for {seconds:.0f} s.")
        return _Passing(fault, seconds)

    def _keep_distance(self, service: Service) -> None:
        now, last = self._clock.now(), self._asked.get(service.name)
        if last is not None:
            ahead = service.interval_seconds - (now - last).total_seconds()
            if ahead > 0:
                self._clock.sleep(ahead)
        self._asked[service.name] = self._clock.now()


class _Refusal(Exception):
    """What another attempt would not change."""


def _wait_seconds(state: RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, _Passing) and fault.wait_seconds is not None:
        return fault.wait_seconds
    return _BACKOFF(state)


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, which may be a number or a date; None without a usable one."""
    if not header:
        return None
    if header.isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max((parsedate_to_datetime(header) - now).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(a.partition("?")[0] if isinstance(a, str) else a for a in record.args)
    return True
