"""Which upstream days a table lacks, and the refusal to build a day on nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.history import UpstreamMissingError, ledger_of, missing_days, require_same_days
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import DayState

DAYS = DayRange(date(2019, 10, 24), date(2019, 10, 25))
PAST = [FIRST_DAY, date(2019, 10, 23)]
CACHE = TABLES["player_daily_cache"]


class Ledger:
    """The part of a session that is asked: which days are built."""

    def __init__(self, built: Iterable[tuple[str, date]]) -> None:
        self._built = set(built)

    def day_states(self, days: DayRange, tables: Iterable[str]) -> list[DayState]:
        return [DayState(n, d, 0, 0, 1, 1) for n, d in self._built if n in set(tables) and d in days]


def built(days: Iterable[date], but: Iterable[tuple[str, date]] = ()) -> Ledger:
    return Ledger({(name, day) for name in TABLES for day in days} - set(but))


def missing(ledger: Any) -> dict[str, list[date]]:
    return missing_days(ledger_of(ledger, [CACHE], DAYS), CACHE, DAYS)


def test_nothing_is_missing_once_the_look_back_is_built():
    assert missing(built([*PAST, *DAYS])) == {}


def test_what_is_missing_is_named_by_upstream_and_day():
    ledger = built([*PAST, *DAYS], but=[("player_game_summary", PAST[1]), ("player_shot_zone_analysis", DAYS.last)])
    assert missing(ledger) == {
        "player_game_summary": [PAST[1]],
        "player_shot_zone_analysis": [DAYS.last],
    }


def test_days_before_the_first_partition_are_never_missing():
    found = missing(built([]))
    assert found["player_game_summary"] == [*PAST, *DAYS]
    assert found["player_shot_zone_analysis"] == list(DAYS)


def test_missing_history_alone_is_no_reason_to_refuse():
    require_same_days(CACHE, DAYS, {"player_game_summary": PAST})


def test_a_missing_upstream_of_the_day_itself_is_refused_and_the_message_says_what_to_run():
    with pytest.raises(UpstreamMissingError) as caught:
        require_same_days(CACHE, DAYS, {"player_game_summary": [*PAST, DAYS.last]})
    message = str(caught.value)
    assert "nba_analytics.player_game_summary on 2019-10-25." in message
    assert "nba_precompute.player_daily_cache" in message
    assert "nba-assets backfill 2019-10-24 2019-10-25" in message
