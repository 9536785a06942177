"""A backfill that is killed, at each stage and at any moment, and given again: nothing in part, and the same tables."""

from __future__ import annotations

import random
import time
from datetime import date
from functools import partial as bound
from pathlib import Path

import pytest

from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets_tests.reliability import seen
from nba_assets_tests.reliability.process import KILLED, Command, run
from nba_assets_tests.reliability.seen import NOTHING, Seen, see
from nba_assets_tests.reliability.stages import die_at

REQUEST = Request(DayRange(date(2019, 10, 24), date(2019, 10, 25)), ("upcoming_team_game_context",))
"""Two steps from nothing: sources with two days of history, and a table that rests on them."""
ASK = ("backfill", "2019-10-24", "2019-10-25", "--tables", "upcoming_team_game_context")
AT = [("planned", 1), ("turn", 1), ("run", 2), ("deleted", 1), ("rows", 3), ("committed", 4), ("events", 5)]
"""Stages, and at which time of coming to it; `benchmarks/reliability.py` has all of them, many times."""
SEED, MOMENTS = 20191022, 2


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[Seen, float]:
    """What a backfill that nothing happens to builds, and the seconds that it takes."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    run(home, "--version")  # the first waits until everything is loaded
    begun = time.monotonic()
    command = run(home, *ASK)
    assert command.ended() == 0, command.text
    return see(home, REQUEST.reach), time.monotonic() - begun


def assert_resumed(home: Path, whole: Seen) -> None:
    """Nothing in part; given again, it says that it skips what was built, and ends with what it would have built."""
    left = see(home, REQUEST.reach)
    assert seen.partial(REQUEST, NOTHING, left, whole) == []
    again = run(home, *ASK)
    assert again.ended() == 0, again.text
    assert "Traceback" not in again.text
    assert seen.counts_said(again.text) == seen.counts_due(REQUEST, left)
    result = see(home, REQUEST.reach)
    assert seen.unequal(result, whole) == []
    assert seen.dagster_lacks(home, result) == []


@pytest.mark.parametrize(("stage", "nth"), AT)
def test_killed_at_a_stage_it_leaves_nothing_in_part_and_goes_on_from_there(tmp_path, undisturbed, stage, nth):
    home = tmp_path / "home"
    killed = run(home, *ASK, before=bound(die_at, stage, nth))
    assert killed.ended() == KILLED, killed.text
    assert_resumed(home, undisturbed[0])


@pytest.mark.parametrize("moment", [random.Random(SEED + n).random() for n in range(MOMENTS)])  # noqa: S311
def test_killed_at_any_moment_it_leaves_nothing_in_part_and_goes_on_from_there(tmp_path, undisturbed, moment):
    home = tmp_path / "home"
    whole, seconds = undisturbed
    Command(home, *ASK).ended(moment * seconds)
    assert_resumed(home, whole)
