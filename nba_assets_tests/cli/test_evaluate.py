"""nba-assets evaluate: what is printed and written, and the exit status."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from nba_assets.cli.main import cli
from nba_assets.evaluation import measures
from nba_assets_tests.evaluation.made import DAYS, Session, Warehouse, leaking, some_grades

RANGE = (str(DAYS.first), str(DAYS.last))
ROWS = some_grades()


@pytest.fixture
def run(monkeypatch):
    """Runs the command on hand-made rows."""

    def on(rows, *arguments):
        monkeypatch.setattr("nba_assets.platform.build_warehouse", lambda settings: Warehouse(rows))
        return CliRunner().invoke(cli, ["evaluate", *RANGE, *arguments], catch_exceptions=False)

    return on


def test_a_line_for_each_slice_with_what_was_left_out(run):
    outcome = run(ROWS)
    found = measures.evaluate(Session(ROWS), DAYS)
    text = " ".join(outcome.stdout.split())
    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    for one in found.slices:
        half = (one.error_interval[1] - one.error_interval[0]) / 2
        assert f"{one.system_id} │ {one.count} │ {one.error:.2f} ±{half:.2f} │ {one.bias:+.2f} │" in text
    assert f"graded {len(ROWS):,}; evaluated {found.count}; too few games {found.too_few_games}" in text


@pytest.mark.parametrize("by", measures.SLICINGS)
def test_json_has_every_slice_and_its_figures(run, by):
    outcome = run(ROWS, "--by", by, "--json")
    said = json.loads(outcome.stdout, parse_constant=pytest.fail)
    found = measures.evaluate(Session(ROWS), DAYS, by)
    assert outcome.exit_code == 0
    assert said["evaluated"] == found.count == sum(one["graded"] for one in said["slices"])
    assert said["graded"] == len(ROWS)
    assert said["suspect"] == []
    for line, one in zip(said["slices"], found.slices, strict=True):
        assert (line["system"], line["part"], line["graded"]) == (one.system_id, one.part, one.count)
        assert line["mean_absolute_error"] == pytest.approx(one.error)
        assert line["lines"]["brier"] == (None if one.brier is None else pytest.approx(one.brier))
        assert (line["baselines"]["blend"] is None) == (one.versus("blend") is None)


def test_options_choose_the_rows(run):
    chosen = ("--market", "points", "--set", "lineup", "--system", "ensemble", "--system", "lightgbm", "--same-rows")
    said = json.loads(run(ROWS, *chosen, "--minimum-games", "0", "--json").stdout)
    assert {(s["market"], s["information_set"]) for s in said["slices"]} == {("points", "lineup")}
    ensemble, lightgbm = said["slices"]
    assert (ensemble["system"], lightgbm["system"]) == ("ensemble", "lightgbm")
    assert ensemble["graded"] == lightgbm["graded"] > 0
    assert said["too_few_games"] == 0 < said["not_shared"]


def test_what_is_too_good_is_told_and_the_status_is_1(run):
    outcome = run(leaking(1.0))
    assert outcome.exit_code == 1
    assert "ensemble" in outcome.stdout
    assert "Too good to be true: points, pregame, ensemble, all: the error is" in outcome.stderr
    said = run(leaking(1.0), "--json")
    assert (said.exit_code, len(json.loads(said.stdout)["suspect"])) == (1, 1)


def test_nothing_graded_is_status_1_and_says_what_to_do(run):
    outcome = run([])
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert f"No forecast was evaluated on {DAYS}: none is graded." in outcome.stderr
    assert f"nba-assets backfill {DAYS.first} {DAYS.last}" in outcome.stderr


def test_nothing_left_of_what_is_graded_says_why(run):
    outcome = run(ROWS, "--minimum-games", "50")
    assert outcome.exit_code == 1
    assert "too few games: " in outcome.stderr
    assert "games unknown: " in outcome.stderr
    said = run(ROWS, "--minimum-games", "50", "--json")
    assert (said.exit_code, json.loads(said.stdout)["slices"]) == (1, [])


def test_the_page_is_written_and_named_in_itself_without_its_folder(run, tmp_path):
    file = tmp_path / "docs" / "model.md"
    outcome = run(ROWS, "--page", str(file), "--minimum-games", "7")
    assert (outcome.exit_code, outcome.stdout) == (0, f"{file}\n")
    text = file.read_text(encoding="utf-8")
    assert f"`nba-assets evaluate {DAYS.first} {DAYS.last} --minimum-games 7 --page model.md`" in text
    assert "7 or more games behind them" in text
    assert str(tmp_path) not in text


def test_a_page_on_what_is_too_good_is_written_with_status_1_and_none_on_nothing(run, tmp_path):
    file = tmp_path / "model.md"
    assert run([], "--page", str(file)).exit_code == 1
    assert not file.exists()
    assert run(leaking(1.0), "--page", str(file)).exit_code == 1
    assert "too good to be true" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--market", "dunks"], "'dunks' is not one of 'points', 'rebounds'"),
        (["--system", "oracle"], "'oracle' is not one of 'moving_average', "),
        (["--by", "weekday"], "weekday"),
        (["--set", "both"], "both"),
        (["--page", "model.md", "--json"], "--page is about everything"),
        (["--page", "model.md", "--by", "month"], "--page is about everything"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, arguments, reason):
    outcome = run(ROWS, *arguments)
    assert outcome.exit_code == 2
    assert reason in outcome.stderr
