"""nba-assets status, validate and predictions on built days: what they print, as JSON and as exit status."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from nba_assets.markets import MARKETS
from nba_assets.tables import TABLES
from nba_assets.teams import TEAMS
from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run


@pytest.fixture
def damaged_home(built_home, tmp_path, monkeypatch):
    """A copy from which one player's summary of the full day was deleted behind the ledger's back."""
    copy = tmp_path / "damaged"
    copy.mkdir()
    shutil.copy(built_home / "warehouse.duckdb", copy)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(copy))
    with duckdb.connect(str(copy / "warehouse.duckdb")) as connection:
        table = TABLES["player_game_summary"].full_name
        (player,) = connection.execute(f"SELECT min(player_id) FROM {table} WHERE game_date = ?", [FULL]).fetchone()
        connection.execute(f"DELETE FROM {table} WHERE player_id = ?", [player])
    return player


def test_status_of_built_days_exits_with_0_and_shows_every_table(built_home):
    outcome = run("status", EVE, HOLIDAY)
    assert outcome.status == 0
    assert f"Tables, {EVE}..{HOLIDAY}" in outcome.text
    assert all(table.full_name in outcome.text for table in TABLES.values())
    assert "3/3" in outcome.text


def test_status_exits_with_1_if_a_day_is_not_built(built_home):
    outcome = run("status", FULL, "2019-11-29")
    assert outcome.status == 1
    assert "2/3" in outcome.text


def test_status_as_json_counts_days_records_and_coverage(built_home):
    lines = {line["table"]: line for line in run("status", EVE, HOLIDAY, "--json").json}
    assert list(lines) == [table.full_name for table in TABLES.values()]
    with duckdb.connect(str(built_home / "warehouse.duckdb"), read_only=True) as connection:
        for name, line in lines.items():
            (records,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            assert (line["days"], line["days_built"], line["records"]) == (3, 3, records)
    assert lines["nba_raw.games"]["coverage_pct"] is None
    assert lines["nba_precompute.team_defense_zone_analysis"]["coverage_pct"] == 1.0
    accuracy = lines["nba_predictions.prediction_accuracy"]
    assert accuracy["expected"] == accuracy["present"] == accuracy["records"]


def test_status_reads_only(built_home):
    before = (built_home / "warehouse.duckdb").stat().st_mtime_ns
    run("status", FULL, HOLIDAY)
    run("validate", FULL, HOLIDAY)
    run("predictions", FULL)
    assert (built_home / "warehouse.duckdb").stat().st_mtime_ns == before


def test_validate_exits_with_0_where_nothing_is_missing(built_home):
    outcome = run("validate", HOLIDAY, HOLIDAY)
    assert (outcome.status, outcome.stdout) == (0, f"{HOLIDAY}: complete.\n")


def test_validate_lists_whom_no_system_could_forecast(built_home):
    outcome = run("validate", FULL, FULL, "--json")
    assert outcome.status == 1
    assert outcome.json["complete"] is False
    gaps = outcome.json["missing"]
    assert {(gap["table"], gap["day"]) for gap in gaps} == {("player_prop_predictions", FULL)}
    assert all(gap["reason"].startswith("no system spoke: no earlier game") for gap in gaps)
    assert 0 < sum(gap["keys"] for gap in gaps) <= gaps[0]["expected"]
    assert {"player_id", "market", "system_id", "information_set"} == set(gaps[0]["examples"][0])


def test_validate_names_a_lost_row_and_exits_with_1(damaged_home):
    outcome = run("validate", FULL, FULL)
    assert outcome.status == 1
    assert f"player_game_summary {FULL}: 1 of " in outcome.text
    assert f"player_id={damaged_home}" in outcome.text
    assert "something is missing" in outcome.text
    gaps = {gap["table"]: gap for gap in run("validate", FULL, FULL, "--json").json["missing"]}
    assert gaps["player_game_summary"]["examples"][0]["player_id"] == damaged_home


def test_status_shows_the_lost_row_but_exits_with_0_since_the_day_is_built(damaged_home):
    outcome = run("status", FULL, FULL, "--json")
    assert outcome.status == 0
    line = next(line for line in outcome.json if line["table"] == TABLES["player_game_summary"].full_name)
    assert line["present"] == line["expected"] - 1
    assert line["coverage_pct"] < 1
    assert line["missing"] == {"lost after it was written": 1}


def test_validate_names_whole_days_that_were_never_built(built_home):
    outcome = run("validate", "2019-11-29", "2019-11-29")
    assert outcome.status == 1
    sources = [table for table in TABLES.values() if not table.reads]
    assert outcome.stdout.count("2019-11-29: whole day: the day was never built") == len(sources)
    upstream = outcome.stdout.count("2019-11-29: whole day: an upstream day was never built")
    assert upstream == len(TABLES) - len(sources)


def test_predictions_of_a_built_day_are_a_table_of_players(built_home):
    outcome = run("predictions", FULL, "--limit", "5")
    assert outcome.status == 0
    assert f"Points predictions for {FULL}" in outcome.text
    best = run("predictions", FULL, "--json").json
    assert all(row["player_name"] in outcome.stdout for row in best[:5])
    assert not any(row["player_name"] in outcome.stdout for row in best[5:])
    assert f"{len(best) - 5} more players; see --limit." in outcome.text


def test_predictions_of_a_team_are_its_players_only(built_home):
    best = run("predictions", FULL, "--json").json[0]
    rows = run("predictions", FULL, "--json", "--team", best["team"].lower()).json
    assert rows[0] == best
    assert {row["team"] for row in rows} == {best["team"]}


def test_a_team_that_does_not_play_has_no_predictions_and_the_message_says_the_day_is_built(built_home):
    playing = {row[side] for row in run("predictions", FULL, "--json").json for side in ("team", "opponent")}
    idle = next(team.abbreviation for team in TEAMS if team.abbreviation not in playing)
    outcome = run("predictions", FULL, "--team", idle)
    assert outcome.status == 1
    assert f"There are no pregame points predictions of {idle} for {FULL}. The day is built." in outcome.text


def test_predictions_as_json_are_sorted_and_carry_every_system(built_home):
    rows = run("predictions", FULL, "--json").json
    assert rows
    values = [row["predicted_value"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert all("ensemble" in row["systems"] for row in rows)


@pytest.mark.parametrize("information_set", ["pregame", "lineup"])
@pytest.mark.parametrize("market", [market.name for market in MARKETS])
def test_predictions_are_of_one_market_and_one_information_set(built_home, market, information_set):
    rows = run("predictions", FULL, "--json", "--market", market, "--set", information_set).json
    assert {(row["market"], row["information_set"]) for row in rows} == {(market, information_set)}
    assert len({row["player_id"] for row in rows}) == len(rows) > 30
    shown = run("predictions", FULL, "--market", market, "--set", information_set)
    assert f"{market.capitalize()} predictions for {FULL}, {information_set}" in shown.text


def test_predictions_can_be_held_against_any_line(built_home):
    rows = run("predictions", FULL, "--json", "--line", "14.5").json
    assert {(row["line"], row["line_source"]) for row in rows} == {(14.5, "asked")}
    assert all(row["edge"] == pytest.approx(row["predicted_value"] - 14.5) for row in rows)
    # Built without history there is no distribution, and so no probability to advise anything by.
    assert {(row["over_probability"], row["recommendation"]) for row in rows} == {(None, "PASS")}


def test_predictions_are_those_before_tipoff_unless_asked_otherwise(built_home):
    assert {row["information_set"] for row in run("predictions", FULL, "--json").json} == {"pregame"}


def test_an_information_set_that_is_none_is_a_usage_error(built_home):
    outcome = run("predictions", FULL, "--set", "hindsight")
    assert outcome.status == 2
    assert "'pregame', 'lineup'" in outcome.text


def test_predictions_of_a_day_that_is_not_built_exit_with_1_and_say_what_to_run(built_home):
    outcome = run("predictions", "2019-11-29")
    assert outcome.status == 1
    assert "There are no pregame points predictions for 2019-11-29." in outcome.stderr
    assert "Build them with: nba-assets backfill 2019-11-29 2019-11-29" in outcome.stderr
    empty = run("predictions", "2019-11-29", "--json")
    assert (empty.status, empty.json) == (1, [])


def test_predictions_of_a_built_day_without_games_do_not_ask_to_build_it(built_home):
    outcome = run("predictions", HOLIDAY)
    assert outcome.status == 1
    assert f"There are no pregame points predictions for {HOLIDAY}. The day is built." in outcome.text
