"""The backfill that the tests disturb, once undisturbed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets_tests.reliability.trials import Setting, undisturbed

REQUEST = Request(DayRange(date(2019, 10, 24), date(2019, 10, 25)), ("upcoming_team_game_context",))
"""Two steps from nothing: sources with two days of history, and a table that rests on them."""


@pytest.fixture(scope="package")
def calm(tmp_path_factory) -> tuple[Setting, Path]:
    """The setting, and a home in which everything is built, which is not to be changed."""
    return undisturbed(REQUEST, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="package")
def setting(calm) -> Setting:
    return calm[0]


@pytest.fixture(scope="package")
def built(calm) -> Path:
    return calm[1]
