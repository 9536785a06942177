"""The probability of a line that arrives after the forecast was made."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import distribution
from nba_assets.models.calibration import Calibration
from nba_assets.models.later_lines import held_against

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
    held = held_against(stored, _models(Calibration(distribution=fitted)), 14.5)
    later = held["over_probability"].to_numpy()
    assert later == pytest.approx(at_hand, abs=1e-4)
    assert later[0] < 0.1 < 0.7 < later[1]
    assert held["recommendation"].tolist() == ["UNDER", "OVER"]
    assert held["edge"].tolist() == [-6.5, 5.5]
    assert (held["push_probability"] == 0).all()


def test_nothing_of_the_stored_line_is_left_beside_another(fitted):
    quoted = {"line": 21.5, "bookmakers": 3, "over_price_american": 150.0, "under_price_american": -180.0}
    quoted |= {"fair_over_probability": 0.4, "expected_value": 0.3, "price_american": 150.0, "has_price": True}
    stored = pd.DataFrame([{**SERVED, "predicted_value": 20.0, "root_spread": 0.8, **quoted}])
    (held,) = held_against(stored, _models(Calibration(distribution=fitted)), 20.0).to_dict("records")
    assert (held["line"], held["line_source"], held["price_american"], held["has_price"]) == (
        20.0,
        "asked",
        -110,
        False,
    )
    assert not any(held[name] for name in ("bookmakers", "over_price_american", "fair_over_probability"))
    # A whole line can be hit, which gives the stake back.
    assert 0.02 < held["push_probability"] < 0.2
    over, push = held["over_probability"], held["push_probability"]
    better = max(over, 1 - over)
    assert held["expected_value"] == pytest.approx((1 - push) * (better * 210 / 110 - 1))


def test_without_a_distribution_the_probability_is_unknown(fitted):
    stored = pd.DataFrame({**SERVED, "predicted_value": [8.0, 20.0], "root_spread": [np.nan, 0.8]})
    assert held_against(stored, _models(Calibration()), 14.5)["over_probability"].isna().all()
    known = held_against(stored, _models(Calibration(distribution=fitted)), 14.5)
    assert known["over_probability"].isna().tolist() == [True, False]
    assert known["recommendation"].tolist() == ["PASS", "OVER"]
