"""nba-assets backtest: what it prints of a warehouse's graded bets, as a table, as JSON and as exit status."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from nba_assets.cli.main import cli
from nba_assets.days import DayRange
from nba_assets.tables import TABLES, predictions
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.record import Column
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.backtest.graded import FIRST, SCHEMA, bet
from nba_assets_tests.factories import rows

LAST = FIRST + timedelta(days=3)
DAYS = DayRange(FIRST, LAST)


@pytest.fixture
def record(monkeypatch):
    """prediction_accuracy with every column that a backtest reads."""
    table = predictions.PREDICTION_ACCURACY
    lacking = (Column(name, kind, "") for name, kind in SCHEMA.items() if name not in table.column_names)
    table = replace(table, columns=(*table.columns, *lacking))
    monkeypatch.setattr(predictions, "PREDICTION_ACCURACY", table)
    monkeypatch.setitem(TABLES, table.name, table)
    return table


@pytest.fixture
def graded(home, record):
    """Grades the days as these bets, and those of `aside` as not to be settled."""

    def write(*bets, aside=()):
        warehouse = DuckDBWarehouse(home / "warehouse.duckdb")
        keys = pa.Table.from_pylist(
            [{k: one[k] for k in (*record.key, "reason")} for one in aside],
            schema=pa.schema([*(arrow_schema(record).field(k) for k in record.key), ("reason", pa.string())]),
        )
        with warehouse.session() as session:
            given = session.attach("bets", rows(record, bets))
            session.replace_days(record, DAYS, given, session.attach("left_out", keys))

    return write


def run(*options: str, last=LAST) -> Result:
    return CliRunner().invoke(cli, ["backtest", str(FIRST), str(last), *options])


def bets():
    return [
        bet(),
        bet("UNDER", "OVER", day=2, player_id=2, closing_line=21.5),
        bet(day=3, player_id=3, over_price_american=None),
        bet(day=3, player_id=3, system_id="lightgbm", expected_value=0.3),
        bet("PASS", day=3, player_id=4),
    ]


def test_bets_are_shown_by_strategy_month_and_expected_value(graded):
    graded(*bets())
    result = run()
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert f"points, pregame, ensemble: bets of one unit, {DAYS}" in text
    assert f"points, pregame, lightgbm: bets of one unit, {DAYS}" in text
    assert all(strategy in text for strategy in ("recommended", "always over", "always under", "opposite"))
    assert all(shown in text for shown in ("2022-01", "2022-02", "value 5 to 10 %", "value 20 % and more"))
    assert "2-1-0" in text
    assert "66.7 % (20.8 to 93.9)" in text
    assert "+0.8" in text
    assert "-1.00 (n 1)" in text
    assert "1 of 4 recommended bets have no quoted price and are settled at -110." in text


def test_as_json_every_group_has_its_strategies_and_figures(graded):
    graded(*bets())
    found = json.loads(run("--json").stdout, parse_constant=pytest.fail)
    assert (found["complete"], found["ungraded"], found["unsettled"]) == (True, [], {})
    first = found["total"][0]
    assert (first["system_id"], first["strategy"], first["bets"], first["wins"]) == ("ensemble", "recommended", 3, 2)
    assert first["profit"] == pytest.approx(200 / 110 - 1)
    assert len(found["total"]) == 2 * 4
    recommended = [row for row in found["by_month"] if row["strategy"] == "recommended"]
    assert [(row["month"], row["bets"]) for row in recommended] == [("2022-01", 1), ("2022-02", 2), ("2022-02", 1)]


@pytest.mark.parametrize(
    ("options", "counts"),
    [(("--system", "lightgbm"), 1), (("--market", "points"), 4), (("--set", "pregame"), 4)],
)
def test_only_what_is_asked_for_is_counted(graded, options, counts):
    graded(*bets())
    found = json.loads(run(*options, "--json").stdout)
    assert sum(row["bets"] for row in found["total"] if row["strategy"] == "recommended") == counts


def test_without_a_graded_bet_the_message_says_so_and_the_status_is_1(graded):
    graded(bet("PASS"))
    result = run()
    assert result.exit_code == 1
    assert result.stderr == (
        f"There is no graded bet on {DAYS}. Every day is graded: nothing was recommended against a line.\n"
    )
    assert json.loads(run("--json").stdout)["total"] == []


def test_what_was_asked_for_is_named_where_there_is_no_bet_of_it(graded):
    graded(*bets())
    assert f"There is no graded points lineup bet on {DAYS}." in run("--set", "lineup", "--market", "points").stderr


def test_days_that_are_not_graded_are_named_and_the_status_is_1(graded):
    graded(*bets())
    last = LAST + timedelta(days=2)
    result = run(last=last)
    assert result.exit_code == 1
    assert "always over" in result.stdout
    assert result.stderr == (
        f"Not graded with results: {DayRange(LAST + timedelta(days=1), last)}. "
        f"Grade them with: nba-assets backfill {FIRST} {last}\n"
    )
    assert json.loads(run("--json", last=last).stdout)["complete"] is False


def test_forecasts_that_cannot_be_settled_are_counted_and_those_of_players_who_did_not_play_are_not(graded):
    voided = {**bet(player_id=8), "reason": "did not play"}
    lost = {**bet(player_id=9), "reason": "the game's box score is missing or does not add up"}
    graded(*bets(), aside=[voided])
    assert run().exit_code == 0
    graded(*bets(), aside=[voided, lost])
    result = run()
    assert result.exit_code == 1
    assert (
        result.stderr == "Forecasts that cannot be settled, as the game's box score is missing or does not add up: 1.\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--market", "dunks"), "'dunks' is not one of 'points', 'rebounds'"),
        (("--system", "oracle"), "'oracle' is not one of 'moving_average', "),
        (("--set", "later"), "'later' is not one of 'pregame', 'lineup'"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_that_lists_what_does(home, options, message):
    result = run(*options)
    assert result.exit_code == 2
    assert message in result.output


def test_an_end_before_the_start_is_a_usage_error(home):
    result = run(last=FIRST - timedelta(days=1))
    assert result.exit_code == 2
    assert "is before START" in result.output
