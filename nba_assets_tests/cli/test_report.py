"""nba-assets report on built days: the file, held against the warehouse."""

from __future__ import annotations

import re
import shutil
import statistics
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from scipy import stats

from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.tables import TABLES
from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run

NASTY = "<b>Evil</b> & \"son\" <script>alert('x')</script>"
LINEUP_THREES = "system_id = 'ensemble' AND information_set = 'lineup' AND market = 'threes'"
VOID = {"meta", "wbr", "br"}


class Page(HTMLParser):
    """A page's sections: the text and the tables' rows of each, and the cells of calendars by table name.

    `parts` has the rows by section and by the heading that they stand under, "" before the first; `headings` the
    headings of each section.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: dict[str, str] = {"": ""}
        self.rows: dict[str, list[list[str]]] = {}
        self.parts: dict[tuple[str, str], list[list[str]]] = {}
        self.headings: dict[str, list[str]] = {}
        self.calendars: dict[str, dict[str, str]] = {}
        self.tags: set[str] = set()
        self._open: list[str] = []
        self._section, self._heading = "", ""
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "section":
            self._section, self._heading = given["id"], ""
            self.sections[self._section] = ""
        if tag == "h3":
            self._heading = ""
        if tag == "tr":
            row: list[str] = []
            self.rows.setdefault(self._section, []).append(row)
            self.parts.setdefault((self._section, self._heading), []).append(row)
        if tag in ("td", "th"):
            self.rows[self._section][-1].append("")
        if tag == "i" and "title" in given:
            assert given["title"] == given["aria-label"]
            day, _, words = given["title"].partition(": ")
            self.calendars.setdefault(self._heading, {})[day] = f"{given['class']}: {words}"

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        if tag == "h3":
            self.headings.setdefault(self._section, []).append(self._heading)

    def handle_data(self, data):
        self.sections[self._section] += data
        if {"td", "th"} & set(self._open):
            self.rows[self._section][-1][-1] += data
        if "h3" in self._open and "small" not in self._open:
            self._heading += data

    def row(self, section: str, *beginning: str, under: str | None = None) -> list[str]:
        rows = self.rows[section] if under is None else self.parts[section, under]
        (found,) = [row for row in rows if row[: len(beginning)] == list(beginning)]
        return found


def report_of(home: Path, start: str = EVE, end: str = HOLIDAY) -> tuple[str, Page]:
    outcome = run("report", start, end)
    file = home / "reports" / f"report_{start}_{end}.html"
    assert (outcome.status, outcome.stdout) == (0, f"{file}\n")
    text = file.read_text(encoding="utf-8")
    return text, Page(text)


@pytest.fixture
def home(built_home, tmp_path, monkeypatch) -> Path:
    """A copy of the built home."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(built_home / "warehouse.duckdb", copy)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(copy))
    return copy


@pytest.fixture(scope="module")
def whole(first_backfill, tmp_path_factory) -> tuple[Path, str, Page]:
    """The home as it was built, not to be changed, and the report on it."""
    home, _ = first_backfill
    file = tmp_path_factory.mktemp("report") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBA_ASSETS_HOME", str(home))
        outcome = run("report", EVE, HOLIDAY, "--output", str(file))
    assert (outcome.status, outcome.stdout) == (0, f"{file}\n")
    text = file.read_text(encoding="utf-8")
    return home, text, Page(text)


def sql(home: Path, statement: str) -> list[tuple]:
    is_look = statement.startswith("SELECT")
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=is_look) as connection:
        return connection.execute(statement).fetchall()


def test_the_parts_stand_in_their_order(whole):
    _, _, page = whole
    assert list(page.sections) == ["", "checks", "coverage", "gaps", "error", "calibration", "edges"]
    head = " ".join(page.sections[""].split())
    assert f"{EVE} to {HOLIDAY}" in head
    assert "Source: simulated." in head
    assert "days32 with games" in head
    assert f"tables built on every day{len(TABLES)} of {len(TABLES)}" in head


def test_the_file_refers_to_nothing_outside_and_runs_nothing(whole):
    _, text, page = whole
    assert not re.search(r"https?:", text)
    assert set(re.findall(r'\b(?:src|href)="(.)', text)) == {"#"}
    assert not re.search(r"@import|url\((?!#)", text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & page.tags
    assert "svg" in page.tags
    assert "default-src &#x27;none&#x27;" in text


def test_error_and_calibration_are_those_of_the_rows(home):
    levels = {10: -8, 25: -4, 50: 0, 75: 4, 90: 8}
    grades = TABLES["prediction_accuracy"].full_name
    # Built without history, no forecast has a distribution.
    sql(home, f"UPDATE {grades} SET " + ", ".join(f"p{n} = predicted_value + {z}" for n, z in levels.items()))
    sql(home, f"UPDATE {grades} SET is_in_80_interval = absolute_error <= 8")
    _, page = report_of(home)
    rows = sql(home, f"SELECT predicted_value, actual_value FROM {grades} WHERE {LINEUP_THREES}")
    assert len(rows) > 30
    errors = [abs(predicted - actual) for predicted, actual in rows]
    margin = float(stats.t.ppf(0.975, len(errors) - 1) * stats.sem(errors))
    bias = statistics.mean(predicted - actual for predicted, actual in rows)
    under = "lineup threes"
    column = page.parts["error", under][0].index("ensemble")
    cell = f"{statistics.mean(errors):.2f} ± {margin:.2f}bias {bias:+.2f}, n {len(rows):,}"
    assert page.row("error", "all", under=under)[column] == cell
    assert page.row("error", "lineup", "threes", under="")[column + 1] == cell
    inside = sum(error <= 8 for error in errors) / len(errors)
    cell = page.row("calibration", "all", under=under)[column]
    assert page.row("calibration", "lineup", "threes", under="")[column + 1] == cell
    assert cell.startswith(f"{inside:.1%}")
    assert cell.endswith(f"n {len(rows)}")
    gaps = [[predicted + z - actual for predicted, actual in rows] for z in levels.values()]
    shares = [(sum(gap > 0 for gap in of) + sum(gap == 0 for gap in of) / 2) / len(rows) for of in gaps]
    expected = ["ensemble", *(f"{s:.1%}" for s in shares), f"{len(rows)}"]
    assert page.row("calibration", "ensemble", under=under) == expected


def test_every_information_set_and_market_has_a_part_of_its_own_pregame_first(whole):
    _, _, page = whole
    expected = [f"{information_set} {m.name}" for information_set in INFORMATION_SETS for m in MARKETS]
    for section in ("error", "calibration"):
        assert page.headings[section] == expected
        assert [" ".join(row[:2]) for row in page.parts[section, ""][1:]] == expected
    assert page.headings["edges"] == list(INFORMATION_SETS)


def test_the_calendar_counts_each_day_of_each_table(whole):
    home, _, page = whole
    assert list(page.calendars) == [table.full_name for table in TABLES.values()]
    rows = sql(home, "SELECT dataset || '.' || table_name, game_date::VARCHAR, row_count FROM nba_assets.day_ledger")
    assert len(rows) == 3 * len(TABLES)
    for name, day, count in rows:
        said = page.calendars[name][day]
        assert f"{count:,} row" in said
        assert said.startswith("complete" if count else "idle") or "of" in said
    assert page.calendars["nba_raw.games"][HOLIDAY].startswith("idle")


def test_a_row_lost_shows_as_a_failing_check_a_short_day_and_a_gap(home, whole):
    _, _, before = whole
    name = TABLES["player_game_summary"].full_name
    assert not [row for row in before.rows.get("checks", []) if row[:2] == [name, "coverage"]]
    ((player,),) = sql(home, f"SELECT min(player_id) FROM {name} WHERE game_date = '{FULL}'")
    sql(home, f"DELETE FROM {name} WHERE player_id = {player} AND game_date = '{FULL}'")
    ((left,),) = sql(home, f"SELECT count(*) FROM {name} WHERE game_date = '{FULL}'")
    _, page = report_of(home)
    assert page.row("checks", name, "row_count")[2:4] == ["ERROR", f"{FULL}1 day"]
    assert f"{left} of {left + 1} expected keys are there" in page.row("checks", name, "coverage")[4]
    assert page.calendars[name][FULL].startswith(f"short: {left} of {left + 1} keys")
    gap = page.row("gaps", name)
    assert gap[2:4] == ["1", f"{FULL}1 day"]
    assert f"player_id={player}" in gap[4]


def test_accepted_reasons_stand_apart(whole):
    home, _, page = whole
    ((count,),) = sql(home, "SELECT count(*) FROM nba_assets.set_aside WHERE reason = 'did not play'")
    accepted = page.row("gaps", "nba_predictions.prediction_accuracy", "did not play")
    assert accepted[2] == f"{count:,}"
    assert "did not play" in page.sections["gaps"].partition("Rightly absent")[2]
    assert "did not play" not in page.sections["gaps"].partition("Rightly absent")[0]


def test_a_player_named_like_markup_is_text(home):
    table = TABLES["player_prop_predictions"].full_name
    literal = NASTY.replace("'", "''")
    sql(
        home,
        f"UPDATE {table} SET player_name = '{literal}', line = 9.5, over_probability = 0.9, recommendation = 'OVER'",
    )
    text, page = report_of(home)
    assert {row[0] for name in INFORMATION_SETS for row in page.parts["edges", name][1:]} == {NASTY}
    assert "<script" not in text
    assert "<b>" not in text


@pytest.mark.parametrize("information_set", INFORMATION_SETS)
def test_edges_are_those_of_the_latest_day_with_a_line(whole, information_set):
    home, _, page = whole
    found = sql(
        home,
        "SELECT player_name, printf('%.1f', line), printf('%.1f', predicted_value), recommendation "
        "FROM nba_predictions.player_prop_predictions WHERE system_id = 'ensemble' AND line IS NOT NULL AND "
        f"game_date = '{FULL}' AND information_set = '{information_set}' "
        "ORDER BY abs(coalesce(over_probability, 0.5) - 0.5) DESC, abs(edge) DESC LIMIT 20",
    )
    assert found
    assert [(row[0], row[4], row[5], row[8]) for row in page.parts["edges", information_set][1:]] == found
    assert FULL in page.sections["edges"]


def test_without_lines_the_report_says_so(home):
    sql(home, f"UPDATE {TABLES['player_prop_predictions'].full_name} SET line = NULL, over_probability = NULL")
    sql(home, f"UPDATE {TABLES['prediction_accuracy'].full_name} SET line = NULL, line_result = NULL")
    _, page = report_of(home)
    assert "No line is known in this range." in page.sections["edges"]
    assert "No graded forecast has a line in this range." in page.sections["calibration"]
    assert "No graded forecast has quantiles." in page.sections["calibration"]


def test_a_range_without_games_is_a_report_that_says_so(home):
    _, page = report_of(home, HOLIDAY, HOLIDAY)
    assert "no games in this range" in page.sections[""]
    assert "No forecast is graded in this range." in page.sections["error"]


def test_days_never_built_are_one_line_a_table_and_hide_no_other_failure(home):
    _, page = report_of(home, FULL, "2019-11-30")
    name = TABLES["shots"].full_name
    assert page.row("checks", name)[2:4] == ["ERROR", "2019-11-29..2019-11-302 days"]
    assert page.calendars[name]["2019-11-29"] == "unbuilt: never built"
    assert f"{len(TABLES)} on some days only" in page.sections[""]


def test_nothing_built_is_an_error_that_says_what_to_run_and_no_file(home):
    outcome = run("report", "2021-01-01", "2021-01-02")
    assert outcome.status == 1
    assert "Error: Nothing is built from 2021-01-01 to 2021-01-02." in outcome.stderr
    assert "nba-assets backfill 2021-01-01 2021-01-02" in outcome.stderr
    assert not (home / "reports").exists()


def test_the_figures_as_json_are_those_of_the_warehouse_which_is_only_read(home, tmp_path):
    file, before = tmp_path / "deep" / "report.html", (home / "warehouse.duckdb").stat().st_mtime_ns
    outcome = run("report", EVE, HOLIDAY, "--json", "--output", str(file))
    assert (home / "warehouse.duckdb").stat().st_mtime_ns == before
    found = outcome.json
    assert (outcome.status, found["file"], found["days"]) == (0, str(file), 3)
    assert set(found["days_built"].values()) == {3}
    ((count, error),) = sql(
        home,
        f"SELECT count(*), avg(absolute_error) FROM nba_predictions.prediction_accuracy WHERE {LINEUP_THREES}",
    )
    asked = {"system": "ensemble", "information_set": "lineup", "market": "threes"}
    (ensemble,) = [row for row in found["forecast_error"] if asked.items() <= row.items()]
    assert ensemble["graded"] == count
    assert ensemble["mean_absolute_error"] == pytest.approx(error)
    failing = Page(file.read_text(encoding="utf-8")).rows.get("checks", [])[1:]
    assert found["failing_checks"] == {s: sum(row[2] == s for row in failing) for s in ("ERROR", "WARN")}


def test_a_report_that_cannot_be_written_leaves_the_old_one(home, monkeypatch):
    file = home / "reports" / f"report_{EVE}_{HOLIDAY}.html"
    file.parent.mkdir()
    file.write_text("the old one")
    monkeypatch.setattr("nba_assets.files.os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    outcome = run("report", EVE, HOLIDAY)
    assert outcome.status == 1
    assert outcome.stderr == "Error: disk full\n"
    assert list(file.parent.iterdir()) == [file]
    assert file.read_text() == "the old one"
