"""One response as it is kept: what was asked, when, the status, and the body as it came. Never a secret."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from nba_assets.days import DayRange
from nba_assets.sources.protocol import SourceError

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(
    r"(?P<endpoint>.+)/(?P<first>[\d-]{10})_(?P<last>[\d-]{10})/(?P<variant>[\w.-]+)/(?P<stamp>\d{8}T[^/]+)\.json\.gz"
)


@dataclass(frozen=True)
class Entry:
    """Where a capture is, as its name tells: endpoint, days that it speaks of, which variant, captured when (UTC)."""

    endpoint: str
    covers: DayRange
    variant: str
    captured_at: datetime

    @property
    def name(self) -> str:
        """The object's name below the root of the landing zone."""
        stamp = self.captured_at.astimezone(UTC).strftime(_STAMP)
        return f"{self.endpoint}/{self.covers.first}_{self.covers.last}/{self.variant}/{stamp}.json.gz"


def entry_of(name: str) -> Entry | None:
    """The entry that an object's name tells; None for a file that is no capture."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        covers = DayRange(date.fromisoformat(match["first"]), date.fromisoformat(match["last"]))
        captured_at = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        # Somebody else's file, whose name has days and a time that there are none of.
        return None
    return Entry(match["endpoint"], covers, match["variant"], captured_at)


@dataclass(frozen=True)
class Capture:
    """A kept response. params: of the request, without secrets. body: text as it came."""

    entry: Entry
    url: str
    params: Mapping[str, str]
    status: int
    body: str

    @property
    def payload(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def encoded(capture: Capture) -> bytes:
    """The capture as gzipped JSON; the same capture is the same bytes."""
    document = {
        "request": {"url": capture.url, "params": dict(capture.params)},
        "captured_utc": capture.entry.captured_at.isoformat(),
        "status": capture.status,
        "body": capture.body,
    }
    return gzip.compress(json.dumps(document, ensure_ascii=False).encode(), mtime=0)


def decoded(entry: Entry, data: bytes) -> Capture:
    """The capture in an object.

    Raises:
        SourceError: the object is damaged; names it.
    """
    try:
        document = json.loads(gzip.decompress(data))
        request, status, body = document["request"], document["status"], document["body"]
        if not isinstance(status, int) or not isinstance(body, str):
            raise TypeError("status or body")
        return Capture(entry, request["url"], request["params"], status, body)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(
            f"The object {entry.name} in the landing zone is damaged ({type(error).__name__}). Move it away; its days "
            "are then read from an earlier capture, or fetched again with NBA_ASSETS_SOURCE=nba_api."
        ) from error
