"""prop_model: which model serves which day, what is trained again and what is not."""

from __future__ import annotations

import json
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from nba_assets.markets import MARKETS
from nba_assets.models import calibration, training
from nba_assets.models.calibration import Calibration
from nba_assets.systems import UNTRAINED
from nba_assets.tables import TABLES
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.predictions import training_rows
from nba_assets_tests.factories import DAY, game_id, put, rows
from nba_assets_tests.models.learning import PLAYERS, POINTS, few_rounds, training_frame
from nba_assets_tests.models.serving import DECEMBER, FEBRUARY, row_of, season, serving


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch):
    few_rounds(monkeypatch, rounds=8)


def absurd_from(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """The same, but that on and after the day something happens that would be noticed."""
    is_later = frame["game_date"] >= pd.Timestamp(day)
    assert is_later.any()
    columns = {f"actual_{m.name}": frame[f"actual_{m.name}"].mask(is_later, 400.0) for m in MARKETS}
    said = {f"{s}_{m.name}": frame[f"{s}_{m.name}"].mask(is_later, 0.0) for s in UNTRAINED for m in MARKETS}
    return frame.assign(**columns, **said)


def test_days_of_one_cutoff_are_served_by_one_model_and_those_of_the_next_by_another(tmp_path):
    days = [date(2022, 2, 3), DECEMBER, date(2022, 1, 31), FEBRUARY]
    found = serving(season(), tmp_path).rows(days, POINTS)
    assert [row["game_date"] for row in found] == sorted(days)
    ids = [row["model_id"] for row in found]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert all(row["training_last_day"] < row["training_cutoff"] <= row["game_date"] for row in found)
    assert set(found[0]) == set(TABLES["prop_model"].column_names)


def test_the_same_rows_give_the_same_row_and_file(tmp_path):
    first, second = (row_of(season(), tmp_path / name) for name in ("one", "two"))
    assert first == second
    names = [sorted(file.name for file in (tmp_path / name).iterdir()) for name in ("one", "two")]
    assert names[0] == names[1]


def test_nothing_on_or_after_the_cutoff_changes_anything_that_is_said_of_its_days(tmp_path):
    frame = season()
    assert row_of(absurd_from(frame, FEBRUARY), tmp_path) == row_of(frame, tmp_path)


def test_what_happened_on_the_day_before_the_cutoff_changes_model_and_calibration(tmp_path):
    frame = season()
    before, after = row_of(frame, tmp_path), row_of(absurd_from(frame, FEBRUARY - timedelta(days=1)), tmp_path)
    assert before["model_id"] != after["model_id"]
    assert before["calibration"] != after["calibration"]


def test_too_few_rows_give_a_row_with_the_reason_and_no_file(tmp_path):
    row = row_of(training_frame(FEBRUARY, days=10), tmp_path)
    assert (row["model_id"], row["file_sha256"], row["validation_rows"], row["validation_mae"]) == (None, None, 0, None)
    assert "at least 2000 are needed" in row["reason"]
    assert Calibration.from_json(row["calibration"]).distribution is None
    assert not list(tmp_path.iterdir())


def test_a_first_model_without_predecessors_has_no_calibration(tmp_path):
    row = row_of(season(), tmp_path, DECEMBER)
    assert row["model_id"] is not None
    assert (row["validation_rows"], row["validation_mae_ensemble"]) == (0, None)


@pytest.fixture
def trainings(monkeypatch) -> list[date]:
    """The cut-offs of the trainings that are made from here on."""
    made: list[date] = []

    def counted(seen, in_bins, market):
        made.append(seen.cutoff)
        return train(seen, in_bins, market)

    train = training.train
    monkeypatch.setattr(training, "train", counted)
    return made


def test_each_cutoff_is_trained_once_whatever_it_is_asked_for(tmp_path, trainings):
    serving(season(), tmp_path).rows([DECEMBER, FEBRUARY, date(2022, 2, 3)], POINTS)
    assert len(trainings) == len(set(trainings))
    assert {DECEMBER, FEBRUARY} <= set(trainings)


def test_the_network_is_trained_once_for_all_markets_and_only_on_days_before_its_cutoff(tmp_path, monkeypatch):
    frame, made = season(), []
    train_network = training.train_network

    def counted(seen):
        found = train_network(seen)
        made.extend([seen.cutoff] if found else [])
        return found

    monkeypatch.setattr(training, "train_network", counted)
    whole = serving(frame, tmp_path)
    whole.train([FEBRUARY], MARKETS)
    files = {market.name: whole.rows([FEBRUARY], market)[0]["model_id"] for market in MARKETS}
    # October's rows are too few.
    assert sorted(made) == [DECEMBER, FEBRUARY]
    other = serving(absurd_from(frame, FEBRUARY), tmp_path)
    other.train([FEBRUARY], MARKETS)
    assert {market.name: other.rows([FEBRUARY], market)[0]["model_id"] for market in MARKETS} == files


def test_a_market_asked_for_alone_has_the_same_model_as_among_all(tmp_path):
    alone, together = serving(season(), tmp_path), serving(season(), tmp_path)
    together.train([FEBRUARY], MARKETS)
    assert together.rows([FEBRUARY], MARKETS[2]) == alone.rows([FEBRUARY], MARKETS[2])


def test_a_known_model_with_its_file_is_not_trained_again(tmp_path, trainings):
    frame = season()
    known = serving(frame, tmp_path).rows([DECEMBER, FEBRUARY], POINTS)
    trainings.clear()
    again = serving(frame, tmp_path, known).rows([DECEMBER, FEBRUARY], POINTS)
    assert again == known
    assert not {DECEMBER, FEBRUARY} & set(trainings)


def test_a_known_model_is_not_trained_again_though_later_days_were_played_since(tmp_path, trainings):
    known = serving(season(), tmp_path).rows([DECEMBER, FEBRUARY], POINTS)
    trainings.clear()
    frame = pd.concat([season(), training_frame(date(2022, 3, 5), days=13, seed=8)], ignore_index=True)
    (row,) = serving(frame, tmp_path, known).rows([date(2022, 3, 1)], POINTS)
    assert row["model_id"] == known[1]["model_id"]
    assert not {DECEMBER, FEBRUARY} & set(trainings)


def test_a_model_of_other_rows_or_of_another_information_set_is_not_taken_for_known(tmp_path, trainings):
    frame = season()
    known = serving(frame, tmp_path).rows([DECEMBER], POINTS)
    trainings.clear()
    changed = frame.copy()
    changed.loc[5, "actual_points"] += 1
    row_of(changed, tmp_path, DECEMBER, known)
    serving(frame, tmp_path, known, information_set="lineup").rows([DECEMBER], POINTS)
    assert trainings.count(DECEMBER) == 2


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_text("{}")])
def test_a_known_model_whose_file_is_gone_or_changed_is_trained_again_to_the_same(tmp_path, trainings, damage):
    frame = season()
    (known,) = serving(frame, tmp_path).rows([DECEMBER], POINTS)
    file = tmp_path / f"{known['model_id']}.txt"
    text = file.read_text()
    damage(file)
    trainings.clear()
    assert row_of(frame, tmp_path, DECEMBER, [known]) == known
    assert DECEMBER in trainings
    assert file.read_text() == text


def test_the_parameters_of_the_training_are_kept_with_the_model(tmp_path):
    kept = json.loads(row_of(season(), tmp_path, DECEMBER)["parameters"])
    assert {"rounds", "ridge", "season_weight", "features", "learning_rate"} <= set(kept)


def test_an_information_sets_training_rows_are_its_own_with_what_was_said_and_what_happened():
    connection = ibis.duckdb.connect()
    other = DAY + timedelta(days=1)
    features = [
        {"player_id": 1, "information_set": "pregame", "points_avg_season": 11.0},
        {"player_id": 1, "information_set": "lineup", "points_avg_season": 12.0},
        {"player_id": 2, "information_set": "pregame", "points_avg_season": 13.0},
        {"player_id": 1, "information_set": "pregame", "points_avg_season": 14.0, "game_date": other}
        | {"game_id": game_id(2)},
        {"player_id": 3, "information_set": "pregame", "points_avg_season": 15.0, "game_date": other}
        | {"game_id": game_id(3)},
    ]
    said = [
        {"player_id": 1, "market": market, "moving_average": value, "information_set": name}
        for market, name, value in (("points", "pregame", 15.0), ("assists", "pregame", 5.0), ("points", "lineup", 9.0))
    ]
    happened = [{"player_id": 1, "points": 20, "assists": 6, "minutes": 31.5, "field_goals_attempted": 17}]
    happened.append({"player_id": 1, "points": 30, "game_id": game_id(2), "game_date": other})
    tables = {
        "ml_feature_store_v2": features,
        "untrained_forecasts": said,
        "player_game_summary": happened,
    }
    given = {name: put(connection, name, rows(name, records)) for name, records in tables.items()}
    found = connection.to_pyarrow(training_rows.build(**given, information_set="pregame")).to_pandas()
    connection.disconnect()
    # Player 2 did not play; player 3's game was not played.
    assert found["points_avg_season"].tolist() == [11.0, 13.0, 14.0]
    assert found["actual_points"].fillna(-1).tolist() == [20, -1, 30]
    assert training.is_played(found).tolist() == [True, False, True]
    assert found["actual_assists"].tolist()[0] == 6
    assert found["actual_minutes"].tolist()[0] == 31.5
    assert found["actual_field_goals_attempted"].tolist()[0] == 17
    assert set(training.ACTUAL) <= set(found.columns)
    assert found["moving_average_points"].fillna(-1).tolist() == [15.0, -1, -1]
    assert found["moving_average_assists"].fillna(-1).tolist() == [5.0, -1, -1]
    assert {*FEATURES, "game_date", "game_id", "team_id", "season_year"} <= set(found.columns)


def test_whoever_did_not_play_is_neither_learned_from_nor_graded_but_counts_beside_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "MINIMUM_ROWS", 400)
    frame = season()
    row = row_of(frame, tmp_path, FEBRUARY)
    idle = frame.copy()
    is_idle = frame["player_id"].to_numpy() == PLAYERS
    idle.loc[is_idle, list(training.ACTUAL)] = np.nan
    less = row_of(idle, tmp_path, FEBRUARY)
    before = (frame["game_date"] < pd.Timestamp(FEBRUARY)).to_numpy()
    assert less["training_rows"] == (before & ~is_idle).sum() < row["training_rows"] == before.sum()
    assert 0 < less["validation_rows"] < row["validation_rows"]
    gone = row_of(idle[~is_idle].reset_index(drop=True), tmp_path, FEBRUARY)
    assert gone["training_rows"] == less["training_rows"]
    assert gone["training_fingerprint"] != less["training_fingerprint"]
