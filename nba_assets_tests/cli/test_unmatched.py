"""nba-assets unmatched: names that no player was found for."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.cli.command import run

DAY, NEXT = date(2022, 1, 1), date(2022, 1, 2)


def prop(name, player_id=None, day=DAY, side="over", **given):
    common = {"game_id": "0022100001", "season_year": 2021, "market": "points", "bookmaker": "b", "line": 9.5}
    return {
        **common,
        "game_date": day,
        "player_id": player_id,
        "player_name": name,
        "side": side,
        "source": "x",
        **given,
    }


def injury(name, day=DAY):
    return {"game_date": day, "season_year": 2021, "player_name": name, "status": "out", "source": "x"}


@pytest.fixture
def kept(home):
    home.mkdir()
    rows = {
        "player_props": [
            *(prop("Herb Jonez", side=side) for side in ("over", "under")),
            prop("Herb Jonez", day=NEXT),
            prop("A Rookie"),
            prop("Known", 1),
            prop("Known", 1, side="under", line=1e9),
        ],
        "injuries": [injury("Herb Jonez")],
    }
    with DuckDBWarehouse(home / "warehouse.duckdb").session() as session:
        for name, records in rows.items():
            table = TABLES[name]
            session.ingest(table, DayRange(DAY, NEXT), pa.Table.from_pylist(records, schema=arrow_schema(table)))


def test_names_are_listed_by_table_with_rows_and_days_most_rows_first(kept):
    outcome = run("unmatched", "2022-01-01", "2022-01-07", "--json")
    assert outcome.status == 0
    assert outcome.json == [
        {"name": "Herb Jonez", "table": "player_props", "rows": 3, "days": 2, "last": "2022-01-02"},
        {"name": "A Rookie", "table": "player_props", "rows": 1, "days": 1, "last": "2022-01-01"},
        {"name": "Herb Jonez", "table": "injuries", "rows": 1, "days": 1, "last": "2022-01-01"},
    ]


def test_only_the_days_asked_for_are_looked_at(kept):
    assert [line["rows"] for line in run("unmatched", "2022-01-02", "2022-01-02", "--json").json] == [1]


def test_the_table_says_the_same(kept):
    words = run("unmatched", "2022-01-01", "2022-01-07").text.replace("│", "").split()
    assert "Herb Jonez player_props 3 2 2022-01-02" in " ".join(words)


def test_nothing_to_list_is_said(kept):
    assert run("unmatched", "2022-01-03", "2022-01-03").text == "2022-01-03: every name was matched."
