"""The probability of a line that arrives after the forecast was made."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import calibration, distribution
from nba_assets.models.calibration import Calibration
from nba_assets.models.later_lines import over_probabilities

DAY = date(2022, 1, 5)
SERVED = {"game_date": DAY, "market": "points", "information_set": "pregame"}


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    predicted = rng.uniform(2, 30, 4_000)
    inputs = np.column_stack([np.ones(4_000), np.sqrt(predicted)])
    return distribution.fit(predicted, inputs, rng.poisson(predicted).astype("float64"))


def _models(learned: Calibration) -> pd.DataFrame:
    return pd.DataFrame([{**SERVED, "calibration": learned.to_json()}])


def test_a_stored_forecast_gives_the_probability_it_would_have_been_given_with_the_line_at_hand(fitted):
    predicted = np.array([8.0, 20.0])
    inputs = np.column_stack([np.ones(2), np.sqrt(predicted)])
    at_hand, _ = distribution.line_probabilities(fitted.cumulative(predicted, inputs, 1.2), np.array([14.5, 14.5]))
    stored = pd.DataFrame(
        {**SERVED, "predicted_value": predicted, "root_spread": fitted.root_spread(inputs) * 1.2}, index=[7, 9]
    )
    later = over_probabilities(stored, _models(Calibration(distribution=fitted)), 14.5)
    assert later == pytest.approx(at_hand, abs=1e-4)
    assert later[0] < 0.1 < 0.7 < later[1]


def test_without_a_distribution_the_probability_is_unknown(fitted):
    stored = pd.DataFrame({**SERVED, "predicted_value": [8.0, 20.0], "root_spread": [np.nan, 0.8]})
    assert np.isnan(over_probabilities(stored, _models(calibration.Calibration()), 14.5)).all()
    known = over_probabilities(stored, _models(Calibration(distribution=fitted)), 14.5)
    assert np.isnan(known[0])
    assert not np.isnan(known[1])
