"""What is said to have moved a forecast: it names the cause, held against the player's usual night."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import together
from nba_assets.models.calibration import Calibration
from nba_assets.models.explanations import explain
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import LIGHTGBM, NETWORK
from nba_assets_tests.models.answers import ASSISTS, POINTS
from nba_assets_tests.models.explaining import NAMES, USUAL, inputs, trained
from nba_assets_tests.models.learning import identified

EVEN = Calibration(share_of_squares=0.5)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return trained()


def frame(*rows: dict[str, float]) -> pd.DataFrame:
    """Feature rows: what a row does not state is unknown."""
    known = pd.DataFrame([{name: row.get(name) for name in NAMES} for row in rows], columns=list(NAMES))
    return known.assign(**identified(len(rows)))


@pytest.mark.parametrize(
    ("weights", "share_of_network"),
    [({}, 0.5), ({"lightgbm": 0.75, "network": 0.25}, 0.25), ({"lightgbm": 0.0, "network": 1.0}, 1.0)],
)
def test_the_systems_count_as_they_do_in_the_ensemble(model, weights, share_of_network):
    nights = pd.DataFrame(inputs(30, seed=9), columns=list(NAMES)).assign(**identified(30))
    found = explain(model, Calibration(share_of_squares=0.25, weights=weights), nights, POINTS)
    trees, of_network = model.trees(nights), together.say({"points": model.network}, nights)["points"]
    mixed = (1 - share_of_network) * Calibration(share_of_squares=0.25).trees(trees) + share_of_network * of_network
    assert [one.forecast for one in found] == pytest.approx(mixed, abs=1e-8)


def test_what_is_explained_is_the_ensembles_forecast(model):
    nights = pd.DataFrame(inputs(30, seed=9), columns=list(NAMES)).assign(**identified(30))
    learned = Calibration(share_of_squares=0.25, weights={LIGHTGBM: 0.4, NETWORK: 0.6})
    said = {
        "moving_average": np.full(30, 99.0),
        LIGHTGBM: learned.trees(model.trees(nights)),
        NETWORK: together.say({"points": model.network}, nights)["points"],
    }
    forecasts = [one.forecast for one in explain(model, learned, nights, POINTS)]
    assert forecasts == pytest.approx(learned.ensemble(said), abs=1e-6)


def test_a_night_like_the_usual_one_has_no_reasons_but_home(model):
    usual = frame(USUAL)
    (found,) = explain(model, EVEN, usual.assign(is_home=1.0), POINTS, usual.assign(is_home=0.5))
    assert {reason.group for reason in found.reasons} <= {"home"}
    assert found.forecast == pytest.approx(found.usual, abs=0.5)


@pytest.mark.parametrize(
    ("driver", "group"),
    [("minutes_if_active", "minutes"), ("opponent_points_allowed_avg_last_15", "opponent")],
)
@pytest.mark.parametrize("slope", [0.5, -0.5])
def test_what_alone_drives_the_results_comes_first_and_with_its_sign(driver, group, slope):
    found = trained(driver, slope)
    far = {"minutes_if_active": 15.0, "opponent_points_allowed_avg_last_15": 8.0}[driver]
    nights = frame({**USUAL, driver: USUAL[driver] + far}, {**USUAL, driver: USUAL[driver] - far})
    more, less = explain(found, EVEN, nights, POINTS, frame(USUAL, USUAL))
    assert more.reasons[0].group == less.reasons[0].group == group
    assert np.sign([more.reasons[0].effect, less.reasons[0].effect]).tolist() == [np.sign(slope), -np.sign(slope)]
    assert abs(more.reasons[0].effect) > 3 * max((abs(r.effect) for r in more.reasons[1:]), default=0.0)


def test_reasons_are_the_strongest_first_no_more_than_asked_for_and_say_their_effect(model):
    nights = pd.DataFrame(inputs(40, seed=9), columns=list(NAMES)).assign(**identified(40))
    for found in explain(model, EVEN, nights, POINTS, top=2):
        sizes = [abs(reason.effect) for reason in found.reasons]
        assert len(sizes) <= 2
        assert sizes == sorted(sizes, reverse=True)
        assert all(reason.text.startswith(f"{reason.effect:+.1f} ") for reason in found.reasons)
        assert not any(reason.text.startswith(("+0.0 ", "-0.0 ")) for reason in found.reasons)


def test_a_market_of_small_numbers_is_told_to_two_decimal_places(model):
    (found,) = explain(model, EVEN, frame({**USUAL, "minutes_if_active": 36.0}), ASSISTS, frame(USUAL))
    assert found.reasons[0].text == f"{found.reasons[0].effect:+.2f} minutes: 36.0 expected, usually 20.0"


def test_a_row_of_which_nothing_is_known_is_explained_without_numbers(model):
    (found,) = explain(model, EVEN, frame({}), POINTS, frame({}))
    assert np.isfinite(found.forecast)
    assert all(reason.text.endswith(reason.group) for reason in found.reasons)


def test_no_rows_have_no_explanations(model):
    assert explain(model, EVEN, frame(), POINTS, frame()) == []
