"""The way a person goes: fetched tables built again by the command, from settings alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nba_assets.days import DayRange
from nba_assets.local.home import BATCH_SIZE_VARIABLE
from nba_assets_tests.cli.command import run
from nba_assets_tests.sources.live.world import ATL, DAY, box, game, shots_of

TABLES = "games,player_boxscores,shots"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NBA_ASSETS_SOURCE", "landing")
    monkeypatch.setenv("NBA_ASSETS_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "1000")


@pytest.fixture
def fetched(world, source):
    one = game()
    world.games = [one]
    world.boxes = [box(one, 1), box(one, 2, is_home=False)]
    world.shots = [shot for score in world.boxes for shot in shots_of(score)]
    world.players = [(ATL, 1, "A Player")]
    for table in TABLES.split(","):
        source.fetch(table, DayRange(DAY, DAY))


def test_fetched_tables_are_built_by_the_command(fetched):
    assert run("backfill", str(DAY), str(DAY), "--tables", TABLES, "--no-history").status == 0
    records = {line["table"]: line["records"] for line in run("status", str(DAY), str(DAY), "--json").json}
    assert [records[f"nba_raw.{name}"] for name in TABLES.split(",")] == [1, 2, 4]


def test_what_never_landed_is_one_message_that_says_what_to_do(fetched):
    summer = str(DAY - timedelta(days=200))
    outcome = run("backfill", summer, summer, "--tables", "games", "--no-history")
    assert outcome.status == 1
    assert "holds no capture of stats.nba.com/scheduleleaguev2 for 2023-06-29" in outcome.text
    assert "NBA_ASSETS_SOURCE=nba_api" in outcome.text
