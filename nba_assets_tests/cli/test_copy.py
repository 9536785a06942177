"""nba-assets copy: days go to BigQuery and come back, said in lines or as JSON."""

from __future__ import annotations

import os

import pytest

from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run
from nba_assets_tests.warehouse.server import VARIABLE, started

SERVER = os.environ.get(VARIABLE)
TABLES = ("--tables", "games,player_boxscores")


def test_copy_asks_for_a_project(built_home):
    outcome = run("copy", EVE, HOLIDAY, "--to", "bigquery")
    assert outcome.status == 1
    assert "set NBA_ASSETS_WAREHOUSE=bigquery" in outcome.text


@pytest.mark.bigquery
def test_days_go_to_bigquery_and_come_back(built_home, tmp_path, monkeypatch):
    if SERVER:
        monkeypatch.setenv(VARIABLE, SERVER)
    with started(tmp_path / "server") as server:
        monkeypatch.setenv("NBA_ASSETS_WAREHOUSE", "bigquery")
        monkeypatch.setenv("NBA_ASSETS_BIGQUERY_PROJECT", "copied")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
        sent = run("copy", EVE, FULL, "--to", "bigquery", *TABLES, "--json")
        assert sent.status == 0
        assert [(one["table"], one["days"], one["out_of_date"]) for one in sent.json] == [
            ("nba_raw.games", 2, []),
            ("nba_raw.player_boxscores", 2, []),
        ]
        assert all(one["rows"] > 0 for one in sent.json)
        monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "other"))
        back = run("copy", EVE, FULL, "--to", "duckdb", *TABLES, "--json")
        assert (back.status, back.json) == (0, sent.json)
        told = {one["table"]: one for one in run("status", EVE, FULL, "--json").json}
        assert told["nba_raw.games"]["days_built"] == 2
