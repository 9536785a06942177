"""The whole graph on both engines: the same rows and verdicts, and no statement that GoogleSQL's analyzer refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nba_assets.checks.catalog import checks_of
from nba_assets.checks.evaluate import evaluate
from nba_assets.checks.look import Surroundings
from nba_assets.copying import copy_days
from nba_assets.days import DayRange
from nba_assets.platform import Platform
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import Warehouse
from nba_assets_tests.cli.command import run
from nba_assets_tests.graph import OPENING, contents, differing, materialize, opening_month
from nba_assets_tests.warehouse.analyzer import analysing
from nba_assets_tests.warehouse.server import BigQueryServer

pytestmark = pytest.mark.bigquery

TONIGHT = DayRange(date(2019, 12, 1), OPENING.last)
BEFORE = DayRange(OPENING.first, date(2019, 11, 30))


@pytest.fixture(scope="module")
def here(server: BigQueryServer, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Opening month in DuckDB."""
    return opening_month(tmp_path_factory)


@pytest.fixture(scope="module")
def folder(here: Platform) -> Path:
    """The home that it is in."""
    return here.models_folder.parent


@pytest.fixture(scope="module")
def there(server: BigQueryServer, here: Platform, folder: Path) -> Iterator[tuple[Platform, list[str]]]:
    """Its November copied to BigQuery, December built there; and the statements that this took."""
    warehouse = BigQueryWarehouse(server.client("graph"), server.storage(), needs_filter=False)
    platform = Platform(warehouse, SimulatedSource(seed=7), folder / "there" / "models")
    with analysing(server.client("graph")) as statements:
        _copy(here.warehouse, warehouse, BEFORE)
        materialize(platform, TONIGHT)
        yield platform, statements


def _copy(source: Warehouse, target: Warehouse, days: DayRange) -> dict[str, Any]:
    with source.session(read_only=True) as reading, target.session() as writing:
        return {one.table.name: one for one in copy_days(reading, writing, days)}


def test_the_same_rows_come_of_both(here, there):
    assert differing(contents(here, OPENING), contents(there[0], OPENING)) == {}


def test_the_forecasts_are_of_a_trained_model(here):
    assert {row[0] for row in contents(here, TONIGHT)["prop_model"]} == set(TONIGHT)


def test_the_same_verdicts_come_of_both(here, there):
    verdicts = []
    for platform in (here, there[0]):
        with platform.warehouse.session(read_only=True) as session:
            around = Surroundings(session, TABLES.values(), TONIGHT)
            verdicts.append(
                {
                    (name, check, day): (verdict.is_passed, verdict.text)
                    for name, table in TABLES.items()
                    for check, by_day in evaluate(session, table, TONIGHT, checks_of(table), around).items()
                    for day, verdict in by_day.items()
                }
            )
    assert verdicts[0]
    assert verdicts[0] == verdicts[1]


LAST = str(TONIGHT.last)
COMMANDS = {
    "status": ("status", str(TONIGHT.first), LAST, "--json"),
    "validate": ("validate", str(TONIGHT.first), LAST, "--json"),
    "predictions": ("predictions", LAST, "--why", "--set", "lineup", "--json"),
    "evaluate": ("evaluate", str(OPENING.first), LAST, "--json"),
    "evaluate by confidence": ("evaluate", str(OPENING.first), LAST, "--by", "confidence", "--json"),
    "backtest": ("backtest", str(OPENING.first), LAST, "--json"),
    "unmatched": ("unmatched", str(OPENING.first), LAST, "--json"),
    "report": ("report", LAST, LAST, "--output", "report.html", "--json"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_say_the_same_on_both(server, here, there, folder, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(folder))
    said = [run(*COMMANDS[name])]
    monkeypatch.setenv("NBA_ASSETS_HOME", str(folder / "there"))
    monkeypatch.setenv("NBA_ASSETS_WAREHOUSE", "bigquery")
    monkeypatch.setenv("NBA_ASSETS_BIGQUERY_PROJECT", "graph")
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
    said.append(run(*COMMANDS[name]))
    assert said[0].stdout
    answers = [_lasting(one.json) for one in said]
    assert (said[0].status, _near(answers[0])) == (said[1].status, answers[1])


def _lasting(value: Any) -> Any:
    """The value without what says when it was written."""
    if isinstance(value, dict):
        return {key: _lasting(one) for key, one in value.items() if key not in ("written", "created_at")}
    return [_lasting(one) for one in value] if isinstance(value, list) else value


def _near(value: Any) -> Any:
    """The value, equal to what differs in the last digits of a sum: engines add up in orders of their own."""
    if isinstance(value, dict):
        return {key: _near(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_near(one) for one in value]
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value


def test_every_statement_was_analysed(there):
    kinds = {statement.split()[0] for statement in there[1]}
    assert kinds == {"SELECT", "WITH", "CREATE", "MERGE"}
    assert len(there[1]) > 10 * len(TABLES)


def test_building_again_changes_nothing(there):
    with there[0].warehouse.session(read_only=True) as session:
        before = {(s.table, s.day): s.changed for s in session.day_states(TONIGHT)}
    materialize(there[0], TONIGHT, ["games", "player_game_summary", "player_daily_cache"])
    with there[0].warehouse.session(read_only=True) as session:
        assert {(s.table, s.day): s.changed for s in session.day_states(TONIGHT)} == before


def test_what_is_copied_back_is_what_was_sent(here, there, tmp_path):
    back = DuckDBWarehouse(tmp_path / "back.duckdb")
    copied = _copy(there[0].warehouse, back, OPENING)
    assert all(len(one.days) == len(OPENING) and one.left == () for one in copied.values())
    platform = Platform(back, here.source, tmp_path)
    assert differing(contents(here, OPENING), contents(platform, OPENING)) == {}
    with back.session(read_only=True) as session, here.warehouse.session(read_only=True) as original:
        aside, before = (
            sorted((r["table_name"], r["game_date"], r["reason"]) for r in s.frame(s.set_aside(OPENING)).to_pylist())
            for s in (session, original)
        )
    assert aside == before


def test_days_that_are_out_of_date_stay_behind(here, tmp_path):
    source = DuckDBWarehouse(tmp_path / "source.duckdb")
    _copy(here.warehouse, source, BEFORE)
    with source.session() as session:
        last = DayRange(BEFORE.last, BEFORE.last)
        session.ingest(TABLES["games"], last, here.source.fetch("games", last).slice(1))
    copied = _copy(source, DuckDBWarehouse(tmp_path / "target.duckdb"), last)
    assert copied["games"].days == (BEFORE.last,)
    assert copied["player_game_summary"].left == (BEFORE.last,)
    assert copied["player_game_summary"].days == ()


def test_what_a_run_cost_is_in_its_metadata(there):
    result = materialize(there[0], TONIGHT, ["injuries"])
    event = next(e for e in result.all_events if e.is_step_materialization)
    metadata = event.step_materialization_data.materialization.metadata
    assert metadata["bytes_billed"].value >= 0
    jobs = metadata["queries"].value
    assert len({job["job"] for job in jobs}) == len(jobs) > 3
