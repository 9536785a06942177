"""Which responses answer for which days: those that have landed, as long as they hold, and otherwise new ones.

A response holds for a day once corrections of the day's results are no longer to be expected; before that for minutes.
So a run that was interrupted goes on from what has landed, a correction is seen, and old days are asked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from nba_assets.days import DayRange, ranges_of, season_boundary, season_year_of
from nba_assets.sources.landing.capture import Capture, Entry
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live.client import Client, Clock, Service
from nba_assets.sources.protocol import SourceError

EASTERN = ZoneInfo("America/New_York")
FRESH_FOR = timedelta(minutes=10)
"""How long a response of a day that is still going on is as good as a new one."""
CORRECTED_FOR = timedelta(days=3)
"""How long after a day its box scores are corrected, counted from noon UTC of the day after."""
MOST_DAYS = 31
"""Days in one request."""

_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)

Parsed = TypeVar("Parsed")


class ShapeError(SourceError):
    """A response has another shape than the one that is known; says what is missing."""


def text(record: Any, name: str) -> str:
    """A field that is text.

    Raises:
        ShapeError: it is something else, or not there.
    """
    try:
        value = record[name]
    except (LookupError, TypeError) as error:
        raise ShapeError(f"there is no {name} where one belongs.") from error
    if not isinstance(value, str):
        raise ShapeError(f"{name} is {str(value)[:50]!r}, which is no text.")
    return value


@dataclass(frozen=True)
class Endpoint(Generic[Parsed]):
    """A request that speaks of days.

    params: days -> its parameters. parse: payload -> what is made of it; raises ShapeError.
    is_cut: whether the service left rows out; the days are then asked for in two halves.
    of_season: one response speaks of the whole season. is_fixed: whenever it is asked, it is the same response.
    absent: statuses that say there is nothing (yet); parse is then given None.
    """

    service: Service
    path: str
    params: Callable[[DayRange], Mapping[str, str]]
    parse: Callable[[Any], Parsed]
    is_cut: Callable[[Parsed], bool] = lambda _: False
    of_season: bool = False
    is_fixed: bool = False
    variant: str = "all"
    absent: frozenset[int] = frozenset()
    label: str = ""

    @property
    def name(self) -> str:
        """Service and endpoint, as in the landing zone."""
        return f"{self.service.name}/{self.label or self.path}"


@dataclass(frozen=True)
class Found(Generic[Parsed]):
    """What a response says, the days that it was chosen for, and where and when it was captured."""

    days: frozenset[date]
    content: Parsed
    entry: Entry


@dataclass
class Desk:
    """Gets responses, for one table and range of days. Without a client nothing is asked: what has landed has to do.

    as_of: captures after it do not exist. since: captures before it do not hold, but for those that are fixed.
    """

    landing: Landing
    client: Client | None
    clock: Clock = field(default_factory=Clock)
    as_of: datetime | None = None
    since: datetime | None = None
    _listed: dict[str, list[Entry]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The time, or the time as of which captures are read."""
        return self.as_of or self.clock.now()

    @property
    def today(self) -> date:
        """The day that it is, US Eastern time."""
        return self.now.astimezone(EASTERN).date()

    def entries(self, name: str, variant: str | None = None) -> list[Entry]:
        """Captures of an endpoint, oldest first."""
        if name not in self._listed:
            self._listed[name] = self.landing.entries(name)
        known = (e for e in self._listed[name] if variant in (None, e.variant))
        return [e for e in known if self.as_of is None or e.captured_at <= self.as_of]

    def by_day(
        self, endpoint: Endpoint[Parsed], days: Iterable[date], is_optional: bool = False
    ) -> list[Found[Parsed]]:
        """Responses that answer for the days, each with the days it was chosen for: the latest capture of each day.

        is_optional: without a client, days of which nothing has landed are left out.

        Raises:
            SourceError: a response cannot be had, or has another shape; names endpoint and days.
        """
        wanted, contents = sorted(set(days)), dict[Entry, Parsed]()
        if self.client is None:
            best = self._landed(endpoint, wanted, contents, is_optional)
        else:
            best = _latest(self.entries(endpoint.name, endpoint.variant), wanted)
            due = {day for day in wanted if day not in best or not self._holds(endpoint, best[day], day)}
            due |= self._unreadable(endpoint, {day: e for day, e in best.items() if day not in due}, contents)
            for part in _parts(wanted, due, endpoint.of_season):
                for capture, content in self._fetch(endpoint, self.client, part):
                    contents[capture.entry] = content
                    best.update({day: capture.entry for day in wanted if day in capture.entry.covers and day in due})
        chosen: dict[Entry, set[date]] = {}
        for day, entry in best.items():
            chosen.setdefault(entry, set()).add(day)
        return [Found(frozenset(of), contents[entry], entry) for entry, of in chosen.items()]

    def kept(self, endpoint: Endpoint[Parsed], entry: Entry) -> Found[Parsed]:
        """What a capture says."""
        return Found(frozenset(entry.covers), self._read(endpoint, entry), entry)

    def _holds(self, endpoint: Endpoint[Parsed], entry: Entry, day: date) -> bool:
        out = datetime.combine(day + timedelta(days=1), time(12), UTC)
        is_fresh = self.now - entry.captured_at < FRESH_FOR
        if endpoint.is_fixed or self.since is None or entry.captured_at >= self.since:
            return endpoint.is_fixed or is_fresh or entry.captured_at >= out + CORRECTED_FOR
        return False

    def _landed(
        self, endpoint: Endpoint[Parsed], wanted: list[date], contents: dict[Entry, Parsed], is_optional: bool
    ) -> dict[date, Entry]:
        """Day -> its latest capture of a known shape; what it says is added to the contents."""
        entries, faults = self.entries(endpoint.name, endpoint.variant), list[ShapeError]()
        while True:
            best = _latest(entries, wanted)
            unread = set(best.values()) - contents.keys()
            for entry in unread:
                try:
                    contents[entry] = self._read(endpoint, entry)
                except ShapeError as error:
                    faults.append(error)
                    entries = [other for other in entries if other != entry]
            if unread <= contents.keys():
                break
        missing = [day for day in wanted if day not in best]
        if missing and faults:
            raise faults[-1]
        if missing and not is_optional:
            raise SourceError(
                f"The landing zone {self.landing.address} holds no capture of {endpoint.name} for "
                f"{', '.join(map(str, ranges_of(missing)))}{f' as of {self.as_of}' if self.as_of else ''}. "
                "Fetch these days with NBA_ASSETS_SOURCE=nba_api first, or compare NBA_ASSETS_LANDING."
            )
        return best

    def _unreadable(
        self, endpoint: Endpoint[Parsed], best: Mapping[date, Entry], contents: dict[Entry, Parsed]
    ) -> set[date]:
        """Days whose capture says nothing that can be used; the others' contents are kept."""
        bad: set[Entry] = set()
        for entry in set(best.values()):
            try:
                contents[entry] = self._read(endpoint, entry)
            except SourceError:
                bad.add(entry)
        return {day for day, entry in best.items() if entry in bad}

    def _read(self, endpoint: Endpoint[Parsed], entry: Entry) -> Parsed:
        return self._parsed(endpoint, self.landing.read(entry))

    def _parsed(self, endpoint: Endpoint[Parsed], capture: Capture) -> Parsed:
        try:
            try:
                return endpoint.parse(None if capture.status in endpoint.absent else capture.payload)
            except _UNREADABLE as error:
                # Of a shape that nobody thought of.
                raise ShapeError(f"it cannot be read ({type(error).__name__}: {str(error)[:200]}).") from error
        except ShapeError as error:
            raise ShapeError(
                f"{endpoint.name}, days {capture.entry.covers}: {error} The response is kept as {capture.entry.name} "
                f"in {self.landing.address}; if the service has changed its format, the source has to follow."
            ) from error

    def _fetch(self, endpoint: Endpoint[Parsed], client: Client, part: DayRange) -> list[tuple[Capture, Parsed]]:
        params = {name: str(value) for name, value in endpoint.params(part).items() if value is not None}
        answer = client.get(endpoint.service, endpoint.path, params, f"days {part}", endpoint.absent)
        entry = Entry(endpoint.name, part, endpoint.variant, self.clock.now())
        url = f"{endpoint.service.base_url}/{endpoint.path}"
        capture = Capture(entry, url, params, answer.status, answer.body)
        try:
            content = self._parsed(endpoint, capture)
        except ShapeError:
            self._land(capture)
            raise
        if not endpoint.is_cut(content):
            return [(self._land(capture), content)]
        if len(part) == 1:
            raise SourceError(f"{endpoint.name}, days {part}: the service cut the answer, and a day cannot be split.")
        middle = part.first + timedelta(days=len(part) // 2)
        halves = (DayRange(part.first, middle - timedelta(days=1)), DayRange(middle, part.last))
        return [found for half in halves for found in self._fetch(endpoint, client, half)]

    def _land(self, capture: Capture) -> Capture:
        kept = self.landing.add(capture)
        self._listed.setdefault(kept.entry.endpoint, []).append(kept.entry)
        return kept


def _latest(entries: Iterable[Entry], wanted: list[date]) -> dict[date, Entry]:
    """Day -> the latest capture that speaks of it; entries come oldest first."""
    return {day: entry for entry in entries for day in wanted if day in entry.covers}


def _parts(wanted: list[date], due: set[date], of_season: bool) -> list[DayRange]:
    """The due days as few ranges, of one season each, which go over days that nobody wants, not over days that hold."""
    if of_season:
        years = sorted({season_year_of(day) for day in due})
        return [DayRange(season_boundary(y), season_boundary(y + 1) - timedelta(days=1)) for y in years]
    parts: list[DayRange] = []
    is_open = False
    for day in wanted:
        if day not in due:
            is_open = False
        elif (
            is_open
            and season_year_of(parts[-1].first) == season_year_of(day)
            and (day - parts[-1].first).days < MOST_DAYS
        ):
            parts[-1] = DayRange(parts[-1].first, day)
        else:
            parts.append(DayRange(day, day))
            is_open = True
    return parts
