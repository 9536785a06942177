"""Hostile names go through every table and command as what they are: text. None becomes SQL, markup or a control."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run
from nba_assets_tests.fuzz import hostile, trial
from nba_assets_tests.fuzz.text import CANARY, NASTY
from nba_assets_tests.fuzz.trials import COMMANDS as TRIALS

COMMANDS = (
    ("status", EVE, HOLIDAY),
    ("validate", EVE, HOLIDAY),
    ("validate", EVE, HOLIDAY, "--json"),
    ("check", EVE, HOLIDAY),
    ("predictions", FULL, "--limit", "500"),
    ("predictions", FULL, "--limit", "500", "--market", "threes", "--set", "lineup", "--why"),
    ("predictions", FULL, "--line", "10", "--team", "ATL", "--json"),
    ("evaluate", EVE, HOLIDAY, "--minimum-games", "0"),
    ("backtest", EVE, HOLIDAY),
    ("unmatched", EVE, HOLIDAY),
    ("unmatched", EVE, HOLIDAY, "--json"),
    ("report", EVE, HOLIDAY, "--output"),
    ("plan", EVE, HOLIDAY),
    ("alerts", "list"),
)


@pytest.fixture(scope="module")
def home():
    folder, _, said = hostile.built()
    assert said.status == 0, said.text[-2_000:]
    with hostile.working_in(folder):
        yield folder


@pytest.fixture(scope="module")
def said(home, tmp_path_factory):
    """Command -> what it said on the hostile home; and every statement of that and of the backfill."""
    _, log, _ = hostile.built()
    page = tmp_path_factory.mktemp("report") / "report.html"
    with hostile.recorded(log):
        outcomes = {one: run(*one, *([str(page)] if one[-1] == "--output" else [])) for one in COMMANDS}
    return outcomes, hostile.statements(log), page.read_text(encoding="utf-8")


def test_no_text_of_a_source_is_part_of_a_statement(said):
    _, statements, _ = said
    # The recorder hears: statements of the tables, of the judging of rows, of reading.
    for part in ("CREATE TABLE judged", "INSERT INTO nba_raw.player_props", "DELETE FROM nba_analytics", "BETWEEN"):
        assert any(part in one for one in statements), part
    assert [one[:500] for one in statements if CANARY in one] == []


def test_the_texts_are_in_the_tables_as_they_came(home):
    from nba_assets.days import DayRange
    from nba_assets.tables import TABLES
    from nba_assets.warehouse.duckdb import DuckDBWarehouse
    from nba_assets_tests.graph import OPENING

    with DuckDBWarehouse(home / "warehouse.duckdb").session(read_only=True) as session:
        for name in ("player_boxscores", "player_game_summary", "player_prop_predictions"):
            read = session.read(TABLES[name], DayRange(OPENING.first, OPENING.last))
            found = set(session.frame(read.select("player_name")).column(0).to_pylist())
            assert found
            assert found <= set(hostile.NAMES)
        assert len(found) > len(NASTY) // 2


def test_no_control_character_of_a_text_reaches_the_terminal(said):
    outcomes, _, _ = said
    for command, outcome in outcomes.items():
        controls = {c for c in outcome.stdout + outcome.stderr if (c < " " and c != "\n") or c in "\x7f\x9b\u202e"}
        assert not controls, (command, controls)
        assert outcome.status in (0, 1), command


def test_names_are_shown_whatever_they_are(said):
    outcomes, _, _ = said
    shown = outcomes[COMMANDS[4]].stdout
    assert shown.count(CANARY) > 20
    # Text that means something to the library that draws tables is shown, not obeyed.
    assert "[/bold]" in shown
    assert CANARY in outcomes[COMMANDS[9]].stdout
    names = {one["name"] for one in json.loads(outcomes[COMMANDS[10]].stdout)}
    assert names <= set(hostile.NAMES)


class _Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, tuple(name for name, _ in attributes)))

    def handle_data(self, data):
        self.text.append(data)


def test_no_text_becomes_markup_of_the_report(said):
    _, _, html = said
    page = _Page()
    page.feed(html)
    assert CANARY in " ".join(page.text), "no name is in the report: this test sees nothing"
    assert "script" not in {tag for tag, _ in page.tags}
    assert not {name for _, names in page.tags for name in names if name.startswith("on")}
    assert not {c for c in html if (c < " " and c not in "\n\r\t") or c in "\x7f\u202e"}


def test_a_terminal_that_cannot_show_a_letter_shows_its_number(home):
    done = subprocess.run(
        [sys.executable, "-c", "from nba_assets.cli.main import main; main()", "predictions", FULL, "--limit", "500"],
        env={**os.environ, "NBA_ASSETS_HOME": str(home), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Joki\\u0107" in done.stdout or b"Joki\\x" in done.stdout


@pytest.mark.parametrize("kind", TRIALS, ids=lambda one: one.kind)
def test_any_text_in_place_of_arguments_and_settings_is_refused_clearly_or_taken(kind, tmp_path):
    counts = trial.run(kind, tmp_path, count=40)
    assert counts.tried >= 40 // kind.cost
    assert set(counts.outcomes) <= {trial.ERROR, trial.TABLE}
