"""A home of its own for each test, and one with three days built that all tests may read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from nba_assets.local.home import BATCH_SIZE_VARIABLE
from nba_assets_tests.cli.command import EVE, HOLIDAY, Outcome, run
from nba_assets_tests.shared import made_once


def set_up(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [n for n in os.environ if n.startswith("NBA_ASSETS_")]:
        patch.delenv(name)
    patch.setenv("NBA_ASSETS_HOME", str(home))
    # The command sets it for its process; here that process goes on.
    patch.setenv(BATCH_SIZE_VARIABLE, "1000")


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty home that the command works in."""
    set_up(monkeypatch, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def first_backfill(tmp_path_factory) -> tuple[Path, Outcome]:
    """A home in which three days were built without history, and what the backfill said. Not to be changed."""

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            set_up(patch, folder / "home")
            (folder / "said.json").write_text(json.dumps(asdict(run("backfill", EVE, HOLIDAY, "--no-history"))))

    made = made_once(tmp_path_factory, "first_backfill", build)
    return made / "home", Outcome(**json.loads((made / "said.json").read_text()))


@pytest.fixture
def built_home(first_backfill, monkeypatch) -> Path:
    """The home of `first_backfill`, which the command works in."""
    set_up(monkeypatch, first_backfill[0])
    return first_backfill[0]
