"""What the features add to a forecast: it adds up exactly, and starts from the night that it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from nba_assets.models import contributions
from nba_assets.models.calibration import Calibration
from nba_assets.models.contributions import Contributions, of_network, of_regression
from nba_assets.models.network import Network
from nba_assets.models.regression import Regression
from nba_assets.models.trained_model import TrainedModel
from nba_assets_tests.models.explaining import NAMES, inputs, trained
from nba_assets_tests.models.learning import sides

Part = Callable[[np.ndarray, np.ndarray], Contributions]
UNKNOWN = np.full((200, len(NAMES)), np.nan)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return trained()


def of_trees(model: Regression, matrix: np.ndarray, usual: np.ndarray, share: float = 0.5) -> Contributions:
    return of_regression(model, share, matrix, usual)


def of_net(model: Network, matrix: np.ndarray, usual: np.ndarray) -> Contributions:
    return of_network(model, model.inputs(matrix, sides(len(matrix))), matrix, usual)


def forecast(model: Network, matrix: np.ndarray) -> np.ndarray:
    (answer,) = model.predict(matrix, sides(len(matrix))).values()
    return answer


@pytest.fixture(params=["trees", "network"])
def part(request, model) -> Part:
    return {
        "trees": lambda matrix, usual: of_trees(model.regression, matrix, usual),
        "network": lambda matrix, usual: of_net(model.network, matrix, usual),
    }[request.param]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("is_compared", [False, True])
def test_baseline_and_contributions_of_trees_add_up_to_their_forecast(model, share, is_compared):
    matrix = inputs(200, seed=9)
    found = of_trees(model.regression, matrix, inputs(200, seed=10) if is_compared else UNKNOWN, share)
    assert found.parts.shape == matrix.shape
    trees = Calibration(share_of_squares=share).trees(model.regression.predict(matrix))
    assert found.baseline + found.parts.sum(axis=1) == pytest.approx(trees, abs=1e-9)


@pytest.mark.parametrize("is_compared", [False, True])
def test_baseline_and_contributions_of_the_network_add_up_to_its_forecast(model, is_compared):
    matrix = inputs(200, seed=9)
    found = of_net(model.network, matrix, inputs(200, seed=10) if is_compared else UNKNOWN)
    assert found.parts.shape == matrix.shape
    assert found.baseline + found.parts.sum(axis=1) == pytest.approx(forecast(model.network, matrix), abs=1e-9)


def test_of_a_networks_way_little_is_left_to_be_shared_out(model, monkeypatch):
    matrix, usual = inputs(200, seed=9), inputs(200, seed=10)
    found = of_net(model.network, matrix, usual).parts
    monkeypatch.setattr(contributions, "_STOPS", 100)
    assert found == pytest.approx(of_net(model.network, matrix, usual).parts, abs=0.02)


def test_a_networks_slopes_are_those_of_its_forecast(model):
    at, step = model.network.inputs(inputs(50, seed=9), sides(50)), 1e-2
    slopes = model.network.slopes(at)
    for feature in range(len(NAMES)):
        aside = np.zeros_like(at)
        aside[:, feature] = step
        rise = (model.network.values(at + aside) - model.network.values(at - aside))[:, 0] / (2 * step)
        assert slopes[:, feature] == pytest.approx(rise, abs=0.01)


def test_a_network_of_several_outputs_is_not_guessed_at(model):
    both = replace(model.network, outputs=("actual_points", "actual_assists"))
    with pytest.raises(ValueError, match="one output is needed, there are 2: actual_points, actual_assists"):
        both.slopes(both.inputs(inputs(1), sides(1)))


def test_they_add_up_where_a_forecast_is_cut_off_at_zero(model):
    of, low = model.regression, Calibration(share_of_squares=0.5)
    steep = replace(of, coefficients=40 * of.coefficients, intercept=0.5)
    matrix = inputs(200, seed=9)
    trees = low.trees(steep.predict(matrix))
    assert (trees == 0).mean() > 0.1
    found = of_trees(steep, matrix, inputs(200, seed=10))
    assert np.isfinite(found.parts).all()
    assert found.baseline + found.parts.sum(axis=1) == pytest.approx(trees, abs=1e-8)
    sunk = replace(model.network, centre=model.network.centre - 3)
    said = forecast(sunk, matrix)
    assert (said == 0).mean() > 0.1
    found = of_net(sunk, matrix, inputs(200, seed=10))
    assert found.baseline + found.parts.sum(axis=1) == pytest.approx(said, abs=1e-8)


def test_the_baseline_is_one_for_all_unless_they_are_held_against_a_night_of_their_own(part):
    matrix = inputs(200, seed=9)
    alike = part(matrix, UNKNOWN).baseline
    assert np.ptp(alike) == 0
    half = np.where(np.arange(200)[:, None] < 100, np.nan, inputs(200, seed=10))
    mixed = part(matrix, half).baseline
    assert mixed[:100] == pytest.approx(alike[:100])
    assert np.ptp(mixed[100:]) > 1


def test_what_is_as_usual_adds_nothing_but_home(part):
    usual = inputs(200, seed=10)
    tonight = usual.copy()
    tonight[:, NAMES.index("is_home")] = 1.0
    parts = part(tonight, usual).parts
    others = [place for place, name in enumerate(NAMES) if name != "is_home"]
    assert np.abs(parts[:, others]).max() < 0.6
    assert np.abs(parts[:, others]).mean() < 0.05


def test_no_rows_have_no_contributions(part):
    nothing = np.empty((0, len(NAMES)))
    assert part(nothing, nothing).parts.shape == (0, len(NAMES))
