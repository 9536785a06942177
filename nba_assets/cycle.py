"""The daily cycle: what is asked for in the morning and before the games, and when there is nothing to ask for.

Pure; `automation.py` gives it to Dagster as schedules. What of a request is then due is the plan's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.planning import Request
from nba_assets.sources.protocol import Source

EASTERN = ZoneInfo("America/New_York")
CORRECTION_DAYS = 7
"""Days that the morning asks the sources about again. The league reviews a game's box score mostly by the next day, and
now and then a few days later; what is corrected later still is for `nba-assets backfill --refetch`."""
LINEUPS_BEFORE_TIP = timedelta(minutes=30)
"""Teams name their active lists so long before tip-off."""
TICK = timedelta(minutes=15)
"""Between two looks at the schedule. At one of them each tip-off is LINEUPS_BEFORE_TIP away or a little less."""


def morning(now: datetime) -> Request:
    """Yesterday's results and grades, and whatever was corrected in the days before it."""
    today = now.astimezone(EASTERN).date()
    yesterday = today - timedelta(days=1)
    return Request(DayRange(max(today - timedelta(days=CORRECTION_DAYS), FIRST_DAY), yesterday), refetch=True)


def before_games(now: datetime) -> Request:
    """Forecasts of today, by what the sources say now: today's raw days are fetched again until they are over."""
    today = now.astimezone(EASTERN).date()
    return Request(DayRange(today, today), tables=("player_prop_predictions",))


def nothing_to_settle(now: datetime, source: Source) -> str | None:
    """Why the morning has nothing to do; None if it has.

    Raises:
        SourceError: the source cannot say which games there were.
    """
    days = morning(now).days
    return None if _slate(source, days) else f"No game from {days.first} to {days.last}: nothing to fetch or grade."


def nothing_to_forecast(now: datetime, source: Source) -> str | None:
    """Why there is nothing to do before the games at this tick; None if there is: on the hour until the last tip-off,
    and when line-ups have just been named.

    Raises:
        SourceError: the source cannot say which games there are.
    """
    days = before_games(now).days
    slate = _slate(source, days)
    if not slate:
        return f"No game on {days}."
    # Where no source states the start, a game counts as not begun all day.
    ahead = [tipoff for tipoff in slate if tipoff is None or tipoff > now]
    if not ahead:
        return f"All {len(slate)} games of {days} have begun."
    is_on_the_hour = now.minute < TICK.seconds // 60
    if is_on_the_hour or any(_has_new_lineups(now, tipoff) for tipoff in ahead):
        return None
    return "Between two hours, and no line-ups were named since the last look."


def _has_new_lineups(now: datetime, tipoff: datetime | None) -> bool:
    return tipoff is not None and LINEUPS_BEFORE_TIP - TICK < tipoff - now <= LINEUPS_BEFORE_TIP


def _slate(source: Source, days: DayRange) -> list[datetime | None]:
    """Start of each game that is or was to be played."""
    games: Iterable[dict[str, object]] = source.fetch("games", days).select(["status", "tipoff_utc"]).to_pylist()
    return [_utc(game["tipoff_utc"]) for game in games if game["status"] != "postponed"]


def _utc(moment: object) -> datetime | None:
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
