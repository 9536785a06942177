"""The reasons of a day, read from a home in which a small model serves it: by itself, by the command, by the report."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from nba_assets.days import DayRange
from nba_assets.explained import Explained, explain_day
from nba_assets.models.trained_model import TrainedModel
from nba_assets.report.edges import read_edges
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.cli.command import run
from nba_assets_tests.factories import DAY
from nba_assets_tests.models.explaining import NIGHTS, home_of, trained

LINE = 15.5


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return trained()


@pytest.fixture
def home(tmp_path, monkeypatch, model) -> Path:
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path))
    return home_of(tmp_path, model, LINE)


@pytest.fixture
def home_without_model(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path))
    return home_of(tmp_path, None, LINE)


def explained(home: Path, **players: list[int]) -> Explained:
    with DuckDBWarehouse(home / "warehouse.duckdb").session(read_only=True) as session:
        return explain_day(session, home / "models", DAY, "pregame", players)


def tamper(home: Path) -> None:
    (file,) = (home / "models").iterdir()
    file.write_text(file.read_text().replace("0", "1", 1))


def test_each_player_is_held_against_his_own_earlier_nights(home):
    found = explained(home, points=[1, 2, 3]).found
    assert set(found) == {("points", player) for player in NIGHTS}
    more, less = found["points", 1], found["points", 2]
    assert more.usual == pytest.approx(less.usual)
    assert more.reasons[0].text == f"{more.reasons[0].effect:+.1f} minutes: 36.0 expected, usually 20.0"
    assert less.reasons[0].text == f"{less.reasons[0].effect:+.1f} minutes: 8.0 expected, usually 20.0"
    assert more.reasons[0].effect > 3
    assert less.reasons[0].effect < -3


def test_only_those_asked_for_are_explained(home):
    assert set(explained(home, points=[2]).found) == {("points", 2)}
    assert explained(home) == explained(home, points=[]) == Explained()


def test_a_market_without_a_model_is_named_with_the_reason(home):
    assert explained(home, rebounds=[1]).unexplained == {"rebounds": "no row in prop_model"}


def test_too_few_rows_to_train_on_are_the_reason_for_no_reasons(home_without_model):
    told = {"points": "no trained model: 12 player-days; at least 2000 are needed"}
    assert explained(home_without_model, points=[1]) == Explained(unexplained=told)


def test_a_model_of_features_that_are_gone_is_not_guessed_at(home, monkeypatch):
    monkeypatch.setattr("nba_assets.explained.FEATURES", ("points_avg_last_10",))
    assert "trained on features that there are no more" in explained(home, points=[1]).unexplained["points"]


def test_a_file_that_is_gone_or_was_changed_is_told_of(home):
    tamper(home)
    assert "is not the one registered" in explained(home, points=[1]).broken["points"]
    for file in (home / "models").iterdir():
        file.unlink()
    assert "cannot be read" in explained(home, points=[1]).broken["points"]


def test_predictions_with_reasons_are_a_table_of_what_moved_each_forecast(home):
    outcome = run("predictions", str(DAY), "--why", "--limit", "2")
    assert outcome.status == 0
    found = explained(home, points=[1, 2]).found
    for of_player in found.values():
        assert all(reason.text in outcome.stdout for reason in of_player.reasons)
        assert f"{of_player.usual:.1f}" in outcome.stdout
    assert "Player 3" not in outcome.stdout
    assert "1 more players; see --limit." in outcome.stdout
    assert max(len(line) for line in outcome.stdout.splitlines()) <= 160


def test_without_being_asked_predictions_give_no_reasons_and_open_no_model(home):
    tamper(home)
    outcome = run("predictions", str(DAY))
    assert outcome.status == 0
    assert "minutes:" not in outcome.stdout
    assert "reasons" not in run("predictions", str(DAY), "--json").json[0]


def test_reasons_as_json_are_of_every_player(home):
    rows = run("predictions", str(DAY), "--why", "--json", "--limit", "1").json
    found = explained(home, points=list(NIGHTS)).found
    assert {row["player_id"] for row in rows} == set(NIGHTS)
    for row in rows:
        of_player = found["points", row["player_id"]]
        assert row["usual_value"] == pytest.approx(of_player.usual)
        assert row["learned_value"] == pytest.approx(of_player.forecast)
        assert row["reasons"] == json.loads(json.dumps([asdict(reason) for reason in of_player.reasons]))


def test_without_a_model_the_command_says_so_and_shows_the_predictions(home_without_model):
    outcome = run("predictions", str(DAY), "--why")
    assert outcome.status == 0
    assert "No reasons can be given: no trained model: 12 player-days; at least 2000 are needed." in outcome.stderr
    assert "Player 1" in outcome.stdout
    rows = run("predictions", str(DAY), "--why", "--json").json
    assert {(row["usual_value"], row["learned_value"], len(row["reasons"])) for row in rows} == {(None, None, 0)}


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_changed_model_file_is_an_error_of_the_command(home, more):
    tamper(home)
    outcome = run("predictions", str(DAY), "--why", *more)
    assert (outcome.status, outcome.stdout) == (1, "")
    assert "is not the one registered in nba_predictions.prop_model" in outcome.text


def test_the_strongest_edges_of_the_report_have_their_reasons(home):
    day = DayRange(DAY, DAY)
    with DuckDBWarehouse(home / "warehouse.duckdb").session(read_only=True) as session:
        edges = read_edges(session, day, models_folder=home / "models")["pregame"]
        without = read_edges(session, day)["pregame"]
    found = explained(home, points=list(NIGHTS)).found
    assert {edge.player_id: edge.reasons for edge in edges.strongest} == {
        player: tuple(reason.text for reason in found["points", player].reasons) for player in NIGHTS
    }
    assert [edge.player_id for edge in without.strongest] == [edge.player_id for edge in edges.strongest]
    assert not any(edge.reasons for edge in without.strongest)


def reported(home: Path) -> str:
    outcome = run("report", str(DAY - timedelta(days=3)), str(DAY))
    assert outcome.status == 0
    return Path(outcome.stdout.strip()).read_text(encoding="utf-8")


def test_the_report_shows_them(home):
    text = reported(home)
    for of_player in explained(home, points=list(NIGHTS)).found.values():
        assert all(f"<small>{reason.text}</small>" in text for reason in of_player.reasons)


def test_a_report_whose_model_file_was_changed_is_written_and_says_so(home):
    tamper(home)
    text = reported(home)
    assert "points has no reasons: The model file" in text
    assert "is not the one registered" in text
    assert "Player 1" in text


def test_a_report_without_a_model_says_why_there_are_no_reasons(home_without_model):
    assert "points has no reasons: no trained model: 12 player-days" in reported(home_without_model)
