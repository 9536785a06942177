"""What a calibration is learned from: forecasts of days that their models had not seen; when it is learned anew."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from nba_assets.markets import MARKETS
from nba_assets.models import calibration, together, training
from nba_assets.models.calibration import Calibration
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import LIGHTGBM, NETWORK, UNTRAINED
from nba_assets_tests.models.learning import PLAYERS, POINTS, few_rounds, training_frame
from nba_assets_tests.models.serving import DECEMBER, FEBRUARY, row_of, season, serving


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch):
    few_rounds(monkeypatch, rounds=8)


def test_a_model_is_calibrated_on_what_its_predecessors_said_of_the_days_that_they_served(tmp_path):
    frame = season()
    row = row_of(frame, tmp_path)
    # October's model has too few rows to be one; December's served up to February.
    served = frame[(frame["game_date"] >= "2021-12-01") & (frame["game_date"] < "2022-02-01")]
    assert row["validation_rows"] == len(served) == 62 * PLAYERS
    (december,) = serving(frame, tmp_path).rows([DECEMBER], POINTS)
    model = TrainedModel.from_text((tmp_path / f"{december['model_id']}.txt").read_text())
    learned = Calibration.from_json(row["calibration"])
    assert row["validation_mae"] == pytest.approx(
        np.abs(learned.trees(model.trees(served)) - served["actual_points"]).mean()
    )
    last_10 = (served["points_avg_last_10"] - served["actual_points"]).abs().mean()
    assert row["validation_mae_last_10"] == pytest.approx(last_10)
    assert row["validation_mae_ensemble"] <= row["validation_mae"] + 0.01
    said = {system: served[f"{system}_points"].to_numpy(dtype="float64") for system in UNTRAINED}
    said[LIGHTGBM] = learned.trees(model.trees(served))
    said[NETWORK] = together.say({"points": model.network}, served)["points"]
    error = np.nanmean(np.abs(learned.ensemble(said) - served["actual_points"].to_numpy()))
    assert row["validation_mae_ensemble"] == pytest.approx(error)


def test_a_calibration_on_the_very_same_is_not_learned_again_and_loads_no_model(tmp_path, monkeypatch):
    row = row_of(season(), tmp_path)
    monkeypatch.setattr(calibration, "fit", lambda *_: pytest.fail("learned again"))
    monkeypatch.setattr(TrainedModel, "from_text", lambda *_: pytest.fail("loaded"))
    assert row_of(season(), tmp_path, known=[row]) == row


def test_a_calibration_is_learned_again_if_an_untrained_system_said_something_else(tmp_path):
    frame = season()
    row = row_of(frame, tmp_path)
    said = f"moving_average_{POINTS.name}"
    other = row_of(frame.assign(**{said: frame[said] + 3.0}), tmp_path, known=[row])
    assert (other["model_id"], other["file_sha256"]) == (row["model_id"], row["file_sha256"])
    assert other["calibration_fingerprint"] != row["calibration_fingerprint"]
    assert other["calibration"] != row["calibration"]


def test_a_calibration_is_learned_again_if_a_predecessor_was_trained_on_something_else(tmp_path):
    # Of a season that the predecessors looked back to, and October's model does not.
    older = training_frame(date(2020, 1, 31), days=60)
    frame, day = season(date(2022, 3, 10)), date(2022, 10, 5)
    row = row_of(pd.concat([older, frame], ignore_index=True), tmp_path, day)
    other = row_of(pd.concat([older.assign(actual_points=30.0), frame], ignore_index=True), tmp_path, day, known=[row])
    assert (other["model_id"], other["file_sha256"]) == (row["model_id"], row["file_sha256"])
    assert other["calibration_fingerprint"] != row["calibration_fingerprint"]
    assert other["calibration"] != row["calibration"]


def test_no_row_that_calibrates_was_trained_on_by_the_model_that_forecast_it(tmp_path, monkeypatch):
    """Every row that a model is asked about while a calibration is learned is of a day from its cut-off on."""
    frame = season(date(2022, 2, 28))
    # No two rows have the same season's mean.
    day_of = pd.Series(frame["game_date"].dt.date.to_numpy(), index=frame["points_avg_season"])
    cutoffs: dict[object, date] = {}
    asked: dict[str, list[tuple[date, date, date]]] = {"trees": [], "networks": []}
    train, train_network, trees, say = training.train, training.train_network, TrainedModel.trees, together.say

    def trained(seen, in_bins, market):
        found = train(seen, in_bins, market)
        cutoffs[id(found.model)] = seen.cutoff
        return found

    def network_trained(seen):
        found = train_network(seen)
        if found is not None:
            cutoffs[found.body()] = seen.cutoff
        return found

    def ask(whom, model, rows):
        days = day_of[rows["points_avg_season"]]
        asked[whom].append((cutoffs[model], days.min(), days.max()))

    def trees_asked(self, rows):
        ask("trees", id(self.regression), rows)
        return trees(self, rows)

    def networks_asked(networks, rows):
        ask("networks", networks["points"].body(), rows)
        return say(networks, rows)

    monkeypatch.setattr(training, "train", trained)
    monkeypatch.setattr(training, "train_network", network_trained)
    monkeypatch.setattr(TrainedModel, "trees", trees_asked)
    monkeypatch.setattr(together, "say", networks_asked)
    serving(frame, tmp_path).rows([date(2022, 10, 20)], POINTS)
    served = [(FEBRUARY, FEBRUARY, date(2022, 2, 28)), (DECEMBER, DECEMBER, date(2022, 1, 31))]
    assert asked["trees"] == served
    assert sorted(asked["networks"], reverse=True) == served


def test_days_of_the_season_before_the_previous_one_calibrate_nothing(tmp_path, monkeypatch):
    """In 2020 the finals were played in October, days that an October cut-off served."""
    finals = training_frame(date(2020, 10, 11), days=11, seed=5)
    frame = pd.concat([training_frame(date(2020, 9, 30), days=80, seed=6), finals, season()], ignore_index=True)
    unread = frame.copy()
    is_unread = (frame["game_date"] < pd.Timestamp(date(2020, 12, 1))).to_numpy()
    unread.loc[is_unread, [f"{s}_{m.name}" for s in UNTRAINED for m in MARKETS]] = np.nan
    monkeypatch.setattr(calibration, "MINIMUM_ROWS", 400)
    row = row_of(frame, tmp_path, date(2021, 10, 20))
    assert row_of(unread, tmp_path, date(2021, 10, 20)) == row
    of_february = (frame["game_date"] >= "2021-02-01") & (frame["game_date"] < "2021-10-01")
    assert row["validation_rows"] == of_february.sum() > 400
