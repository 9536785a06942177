"""The web interface as people use it: a week launched from the asset graph in a real browser, and through its API."""

from __future__ import annotations

import pytest

from nba_assets.tables import TABLES
from nba_assets_tests.real_history import WEEK
from nba_assets_tests.ui.conftest import DAYS
from nba_assets_tests.ui.faults import FAULTS, STORED_FAULTS, plant, plant_in
from nba_assets_tests.ui.seasons import rows_by_day

WEEK_AS_TYPED = f"[{DAYS[0]}...{DAYS[-1]}]"
SHOTS = "/assets/nba_raw/shots"
WITH_ALL_SHOTS, WITHOUT = DAYS[:5], DAYS[5:]
"""The real shots end on 5 January 2022: those of a game on the 6th and of all on the 7th are missing."""
BOX_SCORES = "nba_raw.player_boxscores"
MINUTES = 5 * 60


@pytest.fixture(scope="module")
def launched_in_browser(browser, api):
    """A backfill of the week over the whole graph, launched by hand and waited for."""
    before = set(api.backfills())
    browser.open("/asset-groups")
    browser.see("Global asset lineage", "nba_raw", "nba_analytics", "nba_precompute", "nba_predictions")
    browser.see_no("fetching statuses")
    browser.screenshot("asset-graph")
    browser.click("button", "Materialize all…")
    browser.see("Launch runs to materialize 24 assets", "Showing the last 90 days")
    browser.screenshot("dialog-opens-on-the-last-90-days")
    browser.click_text("Show all partitions")
    browser.enter("ex: 2019-10-22", WEEK_AS_TYPED)
    browser.see("\n7 partitions\n")
    browser.screenshot("dialog-with-the-week")
    browser.click("button", "Launch backfill")
    browser.see_no("Launch runs to materialize")
    (backfill_id,) = set(api.backfills()) - before
    ended = api.wait_for_backfill(backfill_id, MINUTES)
    return backfill_id, ended


@pytest.fixture(scope="module")
def run_on_faults(api, archive):
    """The run of a backfill launched through the API, on files with every planted fault."""
    plant(FAULTS, archive)
    ended = api.wait_for_backfill(api.launch(DAYS), MINUTES)
    (run_id,) = ended.runs
    return run_id, ended


@pytest.fixture(scope="module")
def answers(api, run_on_faults):
    """(table, check, day) -> what the checks said of the files with the planted faults."""
    return api.answers(run_on_faults[0])


def _failures(answers, table, severity):
    return {
        (check, day)
        for (of, check, day), said in answers.items()
        if of == table and not said.is_passed and said.severity == severity
    }


def test_the_server_is_reached_from_this_machine_only(server):
    assert server.listening_addresses() == {("127.0.0.1", server.port)}


@pytest.mark.browser
def test_a_week_launched_from_the_asset_graph_is_one_run_that_succeeds(browser, launched_in_browser):
    backfill_id, ended = launched_in_browser
    assert (ended.status, list(ended.runs.values())) == ("COMPLETED_SUCCESS", ["SUCCESS"])
    browser.open("/asset-groups")
    browser.see("Global asset lineage", "nba_predictions")
    browser.see_no("fetching statuses")
    browser.screenshot("asset-graph-after-the-backfill")
    browser.open("/runs")
    browser.see(backfill_id, "7 partitions", "Success")
    browser.screenshot("runs")
    browser.open(f"/runs/b/{backfill_id}")
    browser.see(backfill_id, "nba_raw / shots", "nba_predictions / prediction_accuracy", "100% completed")
    browser.screenshot("backfill")


@pytest.mark.browser
def test_the_asset_shows_its_columns_with_their_meanings(browser, launched_in_browser):
    browser.open(f"{SHOTS}?view=overview")
    browser.see("Description", "one row per field goal attempt", "Columns", "2022-01-07")
    browser.screenshot("shots-overview")
    columns = TABLES["shots"].columns

    def are_there(rows):
        shown = [row for row in rows if len(row) == 3]
        return all(
            any(
                name == c.name and type_.startswith(c.type) and text.startswith(c.meaning)
                for name, type_, text in shown
            )
            for c in columns
        )

    browser.see_rows(are_there, "columns as in the table's record")


@pytest.mark.browser
def test_the_asset_shows_seven_materialized_days_each_with_its_rows(browser, launched_in_browser, archive):
    rows = rows_by_day(archive, "shots", WEEK)
    browser.open(f"{SHOTS}?view=overview")
    browser.click("a", "Partitions")
    browser.enter("ex: 2019-10-22", WEEK_AS_TYPED)
    browser.see("7 Partitions Selected", "Materialized (7)", "Missing (0)", "Failed (0)")
    for day in DAYS:
        browser.click_text(day)
        browser.see_metadata("dagster/partition_row_count", str(rows[day]))
        if day in (DAYS[0], DAYS[-1]):
            browser.screenshot(f"shots-rows-of-{day}")
    assert [rows[day] > 0 for day in DAYS] == [True] * 6 + [False]


@pytest.mark.browser
def test_the_coverage_check_is_passed_on_five_days_and_failed_on_two(browser, launched_in_browser):
    browser.open(f"{SHOTS}?view=checks&checkDetail=coverage")
    browser.see("Are enough of the expected keys there", "Latest execution", "the source delivered nothing")
    browser.screenshot("shots-coverage")
    browser.click("button", "Execution history")
    expected = {**dict.fromkeys(WITH_ALL_SHOTS, "Passed"), **dict.fromkeys(WITHOUT, "Failed")}

    def latest(rows):
        by_day = {}
        for row in rows:
            if len(row) > 3 and row[3] in DAYS:
                by_day.setdefault(row[3], row[0])
        return by_day

    browser.see_rows(lambda rows: latest(rows) == expected, "the outcome of each day")
    browser.screenshot("shots-coverage-by-day")
    browser.click("button", "Partitions")
    browser.enter("ex: 2019-10-22", WEEK_AS_TYPED)
    browser.see("7 Partitions Selected", "Failed (2)", "Passed (5)")
    browser.click_text(WITHOUT[0])
    browser.see("the source delivered nothing: 1")
    browser.screenshot("shots-coverage-of-a-failed-day")


def test_a_backfill_launched_through_the_api_is_one_run_that_succeeds_on_faulty_files(api, run_on_faults):
    _, ended = run_on_faults
    assert (ended.status, list(ended.runs.values())) == ("COMPLETED_SUCCESS", ["SUCCESS"])
    for table in api.tables():
        assert any(first <= DAYS[0] and DAYS[-1] <= last for first, last in api.materialized_ranges(table)), table


def test_every_check_says_something_of_every_day(answers):
    days = {}
    for table, check, day in answers:
        days.setdefault((table, check), set()).add(day)
    assert {table for table, _ in days} == {table.full_name for table in TABLES.values()}
    assert all(found == set(DAYS) for found in days.values())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_planted_fault_is_an_error_of_the_checks_meant_for_it_on_its_day(answers, fault):
    on_the_day = {check for check, day in _failures(answers, BOX_SCORES, "ERROR") if day == fault.day}
    assert on_the_day == fault.caught_by


def test_no_other_day_of_the_box_scores_fails(answers):
    assert {day for _, day in _failures(answers, BOX_SCORES, "ERROR")} == {fault.day for fault in FAULTS}
    assert not _failures(answers, BOX_SCORES, "WARN")


def test_shots_fail_where_they_are_missing_and_where_their_players_are(answers):
    assert _failures(answers, "nba_raw.shots", "ERROR") == {
        ("reconciles", "2022-01-02"),
        ("reconciles", "2022-01-04"),
        *((check, day) for check in ("coverage", "row_count") for day in WITHOUT),
    }


def test_what_rests_on_the_faults_is_said_to_on_every_later_day(answers):
    warned = {
        day for check, day in _failures(answers, "nba_predictions.ml_feature_store_v2", "WARN") if check == "inputs"
    }
    assert warned == set(DAYS[2:])


def test_nothing_is_stopped(answers):
    assert not [
        said for said in answers.values() if said.is_blocking and not said.is_passed and said.severity == "ERROR"
    ]


@pytest.fixture(scope="module")
def newly_failed(api, place, answers):
    """(table, check, day) -> severity, of what failed only after the tables were damaged where they are stored."""
    tables = plant_in(place.home / "warehouse.duckdb")
    run_id = api.launch_checks(tables, DAYS)
    assert api.wait_for_run(run_id, MINUTES) == "FAILURE"  # as blocking checks must make it
    after = api.answers(run_id)
    return {at: said.severity for at, said in after.items() if not said.is_passed and answers[at].is_passed}


@pytest.mark.parametrize("fault", STORED_FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault_of_a_stored_table_is_found_by_its_checks_on_its_day_and_no_other(newly_failed, fault):
    for (table, check), severity in fault.caught_by.items():
        planted = {f.day for f in STORED_FAULTS if (table, check) in f.caught_by}
        found = {day: said for (of, name, day), said in newly_failed.items() if (of, name) == (table, check)}
        assert found[fault.day] == severity
        assert set(found) == planted


@pytest.mark.browser
def test_the_browser_shows_on_which_days_a_planted_fault_was_found(browser, run_on_faults):
    browser.open("/assets/nba_raw/player_boxscores?view=checks&checkDetail=reconciles")
    browser.click("button", "Partitions")
    browser.enter("ex: 2019-10-22", WEEK_AS_TYPED)
    browser.see("7 Partitions Selected", "Failed (3)", "Passed (4)")
    browser.click_text("2022-01-05")
    browser.see("player points are not the team's result")
    browser.screenshot("planted-fault-found")


def test_the_state_is_in_the_home_and_nowhere_else(place, run_on_faults):
    assert {"warehouse.duckdb", "models", "dagster"} <= {found.name for found in place.home.iterdir()}
    assert not list(place.working_directory.iterdir())
    assert not list(place.user_home.iterdir())
