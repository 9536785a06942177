"""The real seasons up to the eve of a January week, built once by the command for all tests that go on from there."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nba_assets.days import DayRange
from nba_assets_tests.shared import made_once
from nba_assets_tests.ui.server import Place

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
EVE = "2021-12-31"


def home_on_the_eve(factory: pytest.TempPathFactory, archive: Path, to: Path) -> Path:
    """A home of one's own, put there, with all that the week looks back at.

    archive: the folder of real seasons, or a copy of it.
    """

    def build(folder: Path) -> None:
        place = Place(folder / "home", archive, folder / "working_directory", folder / "user_home")
        for elsewhere in (place.working_directory, place.user_home):
            elsewhere.mkdir()
        place.run("backfill", EVE, EVE)
        left = [*place.working_directory.iterdir(), *place.user_home.iterdir()]
        assert not left, f"A backfill leaves files outside of its home: {left}"

    return Path(shutil.copytree(made_once(factory, "eve", build) / "home", to))
