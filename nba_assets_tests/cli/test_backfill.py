"""nba-assets backfill: plans, what is built, what is skipped the second time, and what a failure leaves behind."""

from __future__ import annotations

from contextlib import contextmanager

import pyarrow as pa
import pytest

from nba_assets import platform
from nba_assets.sources.protocol import SourceError
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.turns.turns import Turns
from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run

OPENING = "2019-10-22"


def tables_built(home, day: str) -> set[str]:
    """Names of the tables that the ledger has on the day."""
    lines = run("status", day, day, "--json").json
    return {line["table"].rpartition(".")[2] for line in lines if line["days_built"]}


@pytest.fixture
def break_source(monkeypatch):
    """Make the source treat one table otherwise: a function of the rows it would have delivered."""

    def install(table, change):
        fetch = SimulatedSource.fetch

        def changed(self, name, days):
            rows = fetch(self, name, days)
            return change(rows) if name == table else rows

        monkeypatch.setattr(SimulatedSource, "fetch", changed)

    return install


def one_point_more(rows: pa.Table) -> pa.Table:
    """The first box score's points no longer add up."""
    points = rows["points"].to_pylist()
    return rows.set_column(rows.schema.get_field_index("points"), "points", pa.array([points[0] + 1, *points[1:]]))


def fail(_rows: pa.Table) -> pa.Table:
    raise SourceError("The simulated league is on strike.")


def test_a_dry_run_prints_the_plan_and_builds_nothing(home):
    outcome = run("backfill", OPENING, "2019-10-23", "--dry-run")
    assert outcome.status == 0
    assert "To build for 2019-10-22..2019-10-23" in outcome.text
    assert "prediction_accuracy" in outcome.text
    assert f"{len(TABLES) * 2} table-days to build, 0 of them history; 0 are up to date and skipped." in outcome.text
    assert not home.exists()


def test_a_dry_run_tells_history_from_the_days_asked_for(home):
    outcome = run("backfill", "2019-10-24", "2019-10-24", "--tables", "player_shot_zone_analysis", "--dry-run")
    # Five tables of three days, and the analysis of one.
    assert "16 table-days to build, 10 of them history" in outcome.text


def test_the_plan_as_json_has_tables_and_days_of_each_run(home):
    plan = run(
        "backfill", "2019-10-24", "2019-10-25", "--tables", "nba_raw.games, injuries", "--json", "--dry-run"
    ).json
    assert plan == [{"tables": ["games", "injuries"], "first_day": "2019-10-24", "last_day": "2019-10-25"}]


def test_a_plan_says_why_and_builds_nothing(home):
    outcome = run("plan", OPENING, "2019-10-23", "--tables", "player_game_summary")
    assert outcome.status == 0
    assert "Due for 2019-10-22..2019-10-23" in outcome.text
    assert outcome.text.count("never built") == 5
    assert "10 table-days to build, 0 of them history; 0 are up to date and skipped." in outcome.text
    assert not home.exists()


def test_a_plan_tells_what_is_due_from_what_may_be(built_home):
    outcome = run("plan", FULL, FULL, "--tables", "games,upcoming_team_game_context", "--refetch", "--no-history")
    assert outcome.status == 0
    assert "asked for" in outcome.text
    assert "if nba_raw.games changes on" in outcome.text
    assert "1 only if what they rest on turns out different" in " ".join(outcome.text.split())


def test_a_plan_as_json_has_a_reason_for_each_range_of_days(built_home):
    asked = ("--tables", "games,upcoming_team_game_context", "--refetch", "--no-history", "--json")
    games, context = run("plan", FULL, FULL, *asked).json
    assert games == {
        "table": "nba_raw.games",
        "first_day": FULL,
        "last_day": FULL,
        "reason": "asked for",
        "is_certain": True,
        "upstream": None,
        "upstream_day": None,
        "version": None,
    }
    assert (context["reason"], context["is_certain"]) == ("may change", False)
    assert (context["upstream"], context["upstream_day"]) == ("nba_raw.games", FULL)


def test_a_plan_says_when_there_is_nothing_to_do(built_home):
    outcome = run("plan", FULL, FULL, "--no-history")
    assert (outcome.status, outcome.text.strip()) == (0, f"Every table is built and up to date for {FULL}.")


def test_a_refetch_that_brings_nothing_new_builds_nothing_downstream(home):
    only = ("--tables", "player_game_summary")
    run("backfill", OPENING, OPENING, *only)
    outcome = run("backfill", OPENING, OPENING, *only, "--refetch")
    assert outcome.status == 0
    assert "nba_raw.games" in outcome.text
    assert "nba_analytics.player_game_summary " not in outcome.text


def test_the_first_backfill_builds_every_table_of_every_day(first_backfill, built_home):
    _, outcome = first_backfill
    assert outcome.status == 0
    assert f"{len(TABLES) * 3} table-days to build" in outcome.text
    assert all(f"{table.full_name} " in outcome.stderr for table in TABLES.values())
    assert tables_built(built_home, EVE) == tables_built(built_home, HOLIDAY) == set(TABLES)


def test_a_second_backfill_says_that_all_is_up_to_date(built_home):
    outcome = run("backfill", EVE, HOLIDAY, "--no-history")
    assert outcome.status == 0
    assert f"Every table is built and up to date for {EVE}..{HOLIDAY}." in outcome.text
    assert run("backfill", FULL, HOLIDAY, "--no-history", "--json").json == []


def test_rebuild_plans_days_that_are_up_to_date(built_home):
    plan = run("backfill", FULL, FULL, "--no-history", "--rebuild", "--dry-run", "--json").json
    assert plan == [{"tables": list(TABLES), "first_day": FULL, "last_day": FULL}]


def test_history_that_is_not_built_is_planned_though_the_days_are_there(built_home):
    plan = run("backfill", EVE, HOLIDAY, "--tables", "injuries,player_shot_zone_analysis", "--dry-run", "--json").json
    raw = [step for step in plan if "player_boxscores" in step["tables"]]
    assert [(step["first_day"], step["last_day"]) for step in raw] == [(OPENING, "2019-11-25")]
    assert plan[-1] == {"tables": ["player_shot_zone_analysis"], "first_day": EVE, "last_day": HOLIDAY}
    assert not any("injuries" in step["tables"] for step in plan)


class Narrow(Turns):
    """Grants the days that are asked for and no others, as turns in a database do."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    @contextmanager
    def _queue(self, days, me):
        self.asked.append(str(days))
        yield lambda: None

    def _granted(self, days):
        return days


def test_a_turn_on_the_days_asked_for_is_let_go_and_taken_again_with_the_history_that_is_due(home, monkeypatch):
    turns = Narrow()
    monkeypatch.setattr(platform, "build_turns", lambda _settings: turns)
    assert run("backfill", "2019-10-24", "2019-10-24", "--tables", "player_shot_zone_analysis").status == 0
    assert turns.asked == ["2019-10-24", "2019-10-22..2019-10-24"]
    assert tables_built(home, "2019-10-24") >= {"games", "player_shot_zone_analysis"}


def test_json_keeps_progress_off_both_streams(home):
    outcome = run("backfill", OPENING, OPENING, "--tables", "games", "--json")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert outcome.json == [{"tables": ["games"], "first_day": OPENING, "last_day": OPENING}]
    assert tables_built(home, OPENING) == {"games"}


def test_a_source_that_fails_is_one_message_and_the_next_backfill_goes_on_from_there(home, break_source, monkeypatch):
    whole = SimulatedSource.fetch
    break_source("shots", fail)
    outcome = run("backfill", OPENING, OPENING, "--tables", "player_game_summary")
    assert outcome.status == 1
    (message,) = [line for line in outcome.stderr.splitlines() if "strike" in line]
    assert message.startswith("Error: nba_raw.shots: The simulated league is on strike. (run ")
    assert tables_built(home, OPENING) == {"games", "player_boxscores", "player_props"}

    monkeypatch.setattr(SimulatedSource, "fetch", whole)
    outcome = run("backfill", OPENING, OPENING, "--tables", "player_game_summary", "--json")
    assert outcome.status == 0
    assert [step["tables"] for step in outcome.json] == [["shots", "player_game_summary"]]
    assert "player_game_summary" in tables_built(home, OPENING)


def test_a_row_that_breaks_the_contract_is_set_aside_and_counted(home, break_source):
    break_source("player_boxscores", one_point_more)
    outcome = run("backfill", OPENING, OPENING, "--tables", "player_boxscores", "--no-history")
    assert outcome.status == 0
    assert ", 1 set aside" in outcome.stderr


def test_with_strict_it_is_an_error_that_names_rule_and_row_and_writes_nothing(home, break_source):
    break_source("player_boxscores", one_point_more)
    outcome = run("backfill", OPENING, OPENING, "--tables", "player_boxscores", "--no-history", "--strict")
    assert outcome.status == 1
    assert "nba_raw.player_boxscores, days 2019-10-22: 1 rows break the contract: points add up" in outcome.text
    assert '"team_id":' in outcome.stderr
    assert outcome.stderr.count("Error") == 1
    assert tables_built(home, OPENING) == set()


def test_without_history_a_missing_upstream_of_the_day_is_refused_with_what_to_run(home):
    outcome = run("backfill", OPENING, OPENING, "--tables", "player_game_summary", "--no-history")
    assert outcome.status == 1
    assert "nba_analytics.player_game_summary cannot be built for 2019-10-22: not built yet:" in outcome.text
    assert "run: nba-assets backfill 2019-10-22 2019-10-22" in outcome.text


def test_an_archive_file_that_cannot_be_read_is_named(home, tmp_path, monkeypatch):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "games_2019-20.parquet").write_text("not parquet")
    monkeypatch.setenv("NBA_ASSETS_ARCHIVE", str(tmp_path / "archive"))
    outcome = run("backfill", OPENING, OPENING, "--tables", "games")
    assert outcome.status == 1
    assert "Error: nba_raw.games: The archive file games_2019-20.parquet" in outcome.stderr
