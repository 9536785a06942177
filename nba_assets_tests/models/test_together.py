"""Networks asked at once say what each says alone, whether they share all but the last layer or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import network_training, registry, together
from nba_assets.models.company import Sides
from nba_assets.models.matrix import training_matrix
from nba_assets.models.network import Network
from nba_assets.models.trained_model import TrainedModel
from nba_assets_tests.factories import ATL, BOS, game_id
from nba_assets_tests.models.learning import sides, small_model

PRESENT = ("active_probability", "expected_minutes", "minutes_if_active")
NAMES = ("minutes_if_active", "rest_days")
OUTPUTS = ("actual_points", "actual_rebounds", "actual_assists")


def trained(seed: int) -> Network:
    rng = np.random.default_rng(seed)
    given = training_matrix(rng.normal(0, 1, (600, len(NAMES))), np.ones(600), NAMES)
    return network_training.fit(given, rng.poisson(9.0, (600, len(OUTPUTS))), sides(600), OUTPUTS)


def rows(count: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    known = pd.DataFrame(rng.normal(0, 1, (count, len(NAMES))), columns=list(NAMES))
    return known.assign(game_id=game_id(), team_id=ATL)


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """How many outputs each network has that is asked."""
    counted: list[int] = []
    predict = Network.predict

    def counting(self, *given):
        counted.append(len(self.outputs))
        return predict(self, *given)

    monkeypatch.setattr(Network, "predict", counting)
    return counted


def test_networks_with_the_same_layers_are_asked_once(asked):
    whole = trained(1)
    networks = {name: whole.only(f"actual_{name}") for name in ("points", "rebounds", "assists")}
    said = together.say(networks, rows())
    assert asked == [3]
    for name, network in networks.items():
        assert said[name] == pytest.approx(together.say({name: network}, rows())[name], abs=1e-5)
    assert np.abs(said["points"] - said["assists"]).max() > 0.01


def test_networks_with_other_layers_are_asked_apart(asked):
    one, other = trained(1), trained(2)
    networks = {"points": one.only(OUTPUTS[0]), "rebounds": other.only(OUTPUTS[1]), "assists": one.only(OUTPUTS[2])}
    said = together.say(networks, rows())
    assert sorted(asked) == [1, 2]
    for name, network in networks.items():
        assert said[name] == pytest.approx(together.say({name: network}, rows())[name], abs=1e-5)


def test_all_of_a_game_are_heard_at_once_and_nobody_without_a_model(tmp_path, monkeypatch):
    known = pd.DataFrame(np.random.default_rng(3).uniform(0.2, 1.0, (30, len(PRESENT))), columns=list(PRESENT))
    known = known.assign(
        expected_minutes=25.0,
        minutes_if_active=known.minutes_if_active * 40,
        game_id=[game_id(number % 3) for number in range(30)],
        game_date=[date(2022, 1, 1 + number % 3) for number in range(30)],
        team_id=[ATL if number % 2 else BOS for number in range(30)],
        information_set="pregame",
    )
    rng = np.random.default_rng(1)
    given = training_matrix(known[list(PRESENT)].to_numpy(), np.ones(30), PRESENT)
    network = network_training.fit(given, rng.poisson(9.0, (30, 1)), Sides.of(known), ("actual_points",))
    model = TrainedModel(small_model().regression, network)
    model_id, digest = registry.save(tmp_path, "points", model.to_text())
    row = {"information_set": "pregame", "market": "points", "model_id": model_id, "file_sha256": digest}
    served = pd.DataFrame([{**row, "game_date": date(2022, 1, day)} for day in (1, 2)])
    monkeypatch.setattr(together, "_CHUNK", 4)
    with ThreadPoolExecutor(2) as pool:
        said = together.of_markets(known, served, tmp_path, pool)
    expected = together.say({"points": network}, known)["points"]
    has_model = (known.game_date < date(2022, 1, 3)).to_numpy()
    assert said["points"][has_model] == pytest.approx(expected[has_model], abs=1e-6)
    assert np.isnan(said["points"][~has_model]).all()
    assert np.isnan(said["assists"]).all()


def test_what_is_joined_is_what_was_taken_apart():
    whole = trained(3)
    parts = [whole.only(output) for output in OUTPUTS]
    assert {part.body() for part in parts} == {whole.body()}
    assert Network.joined(parts).to_text() == whole.to_text()
    assert trained(4).body() != whole.body()


def test_a_day_is_never_torn_apart_however_few_are_forecast_at_once(monkeypatch):
    days = pd.Series([1, 2, 1, 2, 3, 3, 1, 4], index=range(10, 18))
    monkeypatch.setattr(together, "_CHUNK", 5)
    assert together.chunks(days).tolist() == [0, 0, 0, 0, 1, 1, 0, 1]
    monkeypatch.setattr(together, "_CHUNK", 1)
    found = together.chunks(days)
    assert found.groupby(days).nunique().tolist() == [1, 1, 1, 1]
    assert found.nunique() == 4
