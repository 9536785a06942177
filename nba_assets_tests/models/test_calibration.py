"""What is learned from graded forecasts: the systems' weights, the width of results, levels of the interval."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.markets import MARKETS
from nba_assets.models import calibration, distribution
from nba_assets.models.calibration import Calibration
from nba_assets.systems import LIGHTGBM, NETWORK, TRAINED, UNTRAINED
from nba_assets.tables.predictions import MINUTES_BANDS
from nba_assets_tests.models.learning import POINTS, calibration_features, counts

THREES = MARKETS[-1]
ROWS = 6_000
SYSTEMS = (*UNTRAINED, *TRAINED)


class Past:
    """Graded forecasts of `ROWS` rows: every system misses the mean by its own noise, the trees by the least.

    The network misses it by a little more.
    """

    def __init__(self, seed: int, silent: Mapping[str, float] = {}, bias: float = 0.0, highest_mean: float = 28.0):
        rng = np.random.default_rng(seed)
        self.features = calibration_features(rng, ROWS)
        self.mean = rng.uniform(0.3, highest_mean, ROWS)
        self.actual = counts(rng, self.mean)

        def missed_by(noise: float) -> np.ndarray:
            return np.maximum(self.mean + bias + rng.normal(0, noise * highest_mean / 28, ROWS), 0)

        self.trees = {"squares": missed_by(1.5), "absolute": missed_by(1.0)}
        self.values = {
            system: missed_by(noise) for system, noise in zip((*UNTRAINED, NETWORK), (2.5, 4.0, 3.0, 1.4), strict=True)
        }
        for system, share in silent.items():
            self.values[system][rng.random(ROWS) < share] = np.nan

    def learned(self, market=POINTS) -> Calibration:
        return calibration.fit(self.features, self.actual, self.trees, self.values, market)

    def systems(self, learned: Calibration) -> dict[str, np.ndarray]:
        """All systems' forecasts as the ensemble takes them."""
        return {**self.values, LIGHTGBM: learned.trees(self.trees)}

    def cumulative(self, learned: Calibration, market=POINTS) -> tuple[np.ndarray, np.ndarray]:
        """The ensemble, and the distribution around it."""
        predicted = learned.ensemble(self.systems(learned))
        inputs = calibration.spread_inputs(self.features, predicted, self.systems(learned), market)
        assert learned.distribution is not None
        return predicted, learned.distribution.cumulative(predicted, inputs)


@functools.cache
def usual() -> tuple[Past, Calibration]:
    past = Past(1)
    return past, past.learned()


def error(values: np.ndarray, actual: np.ndarray) -> float:
    return float(np.abs(values - actual)[~np.isnan(values)].mean())


def test_too_few_forecasts_teach_nothing():
    past = Past(1)
    few = slice(calibration.MINIMUM_ROWS - 1)
    learned = calibration.fit(
        past.features.iloc[few],
        past.actual[few],
        {name: answer[few] for name, answer in past.trees.items()},
        {system: value[few] for system, value in past.values.items()},
        POINTS,
    )
    assert learned == Calibration(rows=calibration.MINIMUM_ROWS - 1)
    assert learned.distribution is None


def test_of_the_trees_two_forecasts_the_better_counts_more():
    past, learned = usual()
    assert learned.share_of_squares < 0.5
    errors = [error(Calibration(share).trees(past.trees), past.actual) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert error(learned.trees(past.trees), past.actual) == min(errors)


def test_the_ensemble_is_no_worse_than_its_best_member():
    past, learned = usual()
    best = min(error(value, past.actual) for value in past.systems(learned).values())
    assert error(learned.ensemble(past.systems(learned)), past.actual) < best + 0.005


def test_it_is_no_worse_than_its_best_member_on_forecasts_that_taught_it_nothing_either():
    fresh, learned = Past(2), usual()[1]
    best = min(error(value, fresh.actual) for value in fresh.systems(learned).values())
    assert error(learned.ensemble(fresh.systems(learned)), fresh.actual) < best + 0.03


def test_only_the_trained_earn_weights_which_add_up_to_1():
    weights = usual()[1].weights
    assert set(weights) == set(TRAINED)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_of_the_two_the_one_that_errs_less_weighs_more():
    weights = usual()[1].weights
    assert weights[LIGHTGBM] > weights[NETWORK] > 0.1


def test_no_other_mix_of_the_two_would_have_erred_less():
    past, learned = usual()
    systems = past.systems(learned)
    mixes = np.linspace(0, 1, 401)[:, None] * (systems[NETWORK] - systems[LIGHTGBM]) + systems[LIGHTGBM]
    best = np.abs(mixes - past.actual).mean(axis=1).min()
    assert error(learned.ensemble(systems), past.actual) <= best + 1e-9


def test_where_one_of_the_two_is_better_everywhere_it_has_all_the_weight():
    past = Past(5)
    past.values[NETWORK] = past.actual + 0.01
    assert past.learned().weights[NETWORK] == pytest.approx(1.0)
    past.values[NETWORK] = past.systems(past.learned())[LIGHTGBM] + 5.0
    assert past.learned().weights[LIGHTGBM] == pytest.approx(1.0)


def test_where_the_two_always_say_the_same_they_count_alike():
    past = Past(5)
    past.trees["absolute"] = past.trees["squares"]
    past.values[NETWORK] = past.trees["squares"]
    assert past.learned().weights == {LIGHTGBM: 0.5, NETWORK: 0.5}


def test_rows_on_which_the_network_was_silent_teach_nothing_of_weights():
    past, silent = Past(4), Past(4, silent={NETWORK: 0.6})
    assert silent.learned().weights[NETWORK] == pytest.approx(past.learned().weights[NETWORK], abs=0.1)


def test_a_system_that_is_always_silent_has_no_width():
    learned = Past(4, silent={"similarity": 1.0}).learned()
    assert set(learned.widths) == {"moving_average", "zone_matchup", *TRAINED}


def mixed(learned: Calibration, **said: float | None) -> float:
    return float(learned.ensemble({s: np.array([np.nan if v is None else v]) for s, v in said.items()})[0])


def test_the_ensemble_by_hand():
    learned = Calibration(weights={NETWORK: 0.3, LIGHTGBM: 0.7})
    assert mixed(learned, moving_average=10.0, network=20.0, lightgbm=22.0) == pytest.approx(0.3 * 20 + 0.7 * 22)


def test_the_weight_of_a_silent_system_is_shared_among_those_that_speak():
    learned = Calibration(weights={NETWORK: 0.4, LIGHTGBM: 0.6})
    assert mixed(learned, moving_average=20.0, network=None, lightgbm=24.0) == pytest.approx(24.0)


def test_where_none_that_has_earned_a_weight_speaks_the_others_count_alike():
    learned = Calibration(weights={LIGHTGBM: 1.0})
    assert mixed(learned, moving_average=20.0, similarity=10.0, lightgbm=None) == pytest.approx(15.0)


def test_without_anything_learned_all_count_alike():
    assert mixed(Calibration(), moving_average=10.0, similarity=None, lightgbm=16.0) == pytest.approx(13.0)


def test_where_nobody_speaks_there_is_no_ensemble():
    assert np.isnan(mixed(Calibration(weights={LIGHTGBM: 1.0}), moving_average=None, lightgbm=None))


SPOKEN = st.one_of(st.none(), st.floats(0, 80))


@given(st.tuples(*[SPOKEN] * len(SYSTEMS)), st.floats(0, 1))
def test_the_ensemble_lies_between_its_members(said, share):
    learned = Calibration(weights={LIGHTGBM: 1 - share, NETWORK: share})
    found = mixed(learned, **dict(zip(SYSTEMS, said, strict=True)))
    values = [value for value in said if value is not None]
    if values:
        assert min(values) - 1e-9 <= found <= max(values) + 1e-9
    else:
        assert np.isnan(found)


@pytest.mark.parametrize(("market", "highest_mean"), [(POINTS, 28.0), (THREES, 3.0)], ids=["points", "threes"])
def test_a_tenth_of_the_results_lies_outside_on_each_side_in_every_band_of_minutes(market, highest_mean):
    past = Past(5, highest_mean=highest_mean)
    # Who plays little does little: bands differ in how coarse their counts are.
    by_mean = np.argsort(np.argsort(past.mean)) / ROWS * 36
    past.features["projected_minutes"] = by_mean + np.random.default_rng(6).uniform(-1, 1, ROWS)
    learned = past.learned(market)
    cumulative = past.cumulative(learned, market)[1]
    low = distribution.quantile(cumulative, learned.level("p10", 0.1, past.features))
    high = distribution.quantile(cumulative, learned.level("p90", 0.9, past.features))
    band = calibration.minutes_band(past.features)
    for name in MINUTES_BANDS:
        chosen = band == name
        above = (past.actual > high)[chosen].mean()
        assert above == pytest.approx(0.1, abs=0.02), name
        # Nothing lies below an interval that begins at 0, and many are to be at 0 where little is expected.
        if (past.actual[chosen] == 0).mean() < 0.05:
            assert (past.actual < low)[chosen].mean() == pytest.approx(0.1, abs=0.02), name


def test_levels_are_read_by_band_and_are_the_usual_ones_where_none_was_learned():
    learned = Calibration(levels={"p10": {"28+": 0.14}, "p90": {"0-12": 0.88}})
    features = pd.DataFrame({"projected_minutes": [5.0, 12.0, 30.0, None]})
    assert learned.level("p10", 0.1, features).tolist() == [0.1, 0.1, 0.14, 0.1]
    assert learned.level("p90", 0.9, features).tolist() == [0.88, 0.9, 0.9, 0.9]
    assert learned.level("p50", 0.5, features).tolist() == [0.5] * 4


def test_learned_levels_stay_between_the_quantiles_beside_them():
    for learned in (usual()[1], Past(7, highest_mean=2.0).learned(THREES)):
        assert set(learned.levels) == {"p10", "p90"}
        assert all(0 < level < 0.25 for level in learned.levels["p10"].values())
        assert all(0.75 < level < 1 for level in learned.levels["p90"].values())


def test_a_band_begins_with_its_first_minute_and_an_unknown_one_has_none():
    features = pd.DataFrame({"projected_minutes": [0.0, 11.9, 12.0, 20.0, 28.0, 47.0, None]})
    expected = ["0-12", "0-12", "12-20", "20-28", "28+", "28+", None]
    assert calibration.minutes_band(features).tolist() == expected


def test_the_farther_systems_are_apart_the_wider_results_lie_if_so_they_did():
    rng = np.random.default_rng(8)
    past = Past(8)
    # Where the systems are apart, what happens is more than the counts' own scatter off.
    apart = rng.random(ROWS) < 0.5
    past.values["similarity"] = np.where(apart, past.mean + 9, past.mean)
    past.actual = np.where(apart, np.maximum(np.round(past.actual + rng.normal(0, 9, ROWS)), 0), past.actual)
    learned = past.learned()
    forecast = np.array([14.0, 14.0])
    said = {"moving_average": forecast, "similarity": np.array([14.0, 23.0]), LIGHTGBM: forecast}
    inputs = calibration.spread_inputs(past.features.iloc[[0, 0]], forecast, said, POINTS)
    agreed, disagreed = learned.distribution.root_spread(inputs)
    assert disagreed > 1.2 * agreed


def test_a_system_that_errs_more_than_the_ensemble_has_a_wider_distribution():
    learned = usual()[1]
    assert set(learned.widths) == set(SYSTEMS)
    assert learned.widths["zone_matchup"] > learned.widths["moving_average"] > 1
    assert learned.widths[LIGHTGBM] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(("market", "highest_mean"), [(POINTS, 28.0), (THREES, 4.0)], ids=["points", "threes"])
def test_who_is_said_to_be_surer_is_more_often_right(market, highest_mean):
    """Confidence is the probability that the result is within the market's deviation; its deciles are what happens."""
    learned, fresh = Past(9, highest_mean=highest_mean).learned(market), Past(10, highest_mean=highest_mean)
    predicted, cumulative = fresh.cumulative(learned, market)
    near = market.deviation
    confidence = distribution.at_most(cumulative, predicted + near) - distribution.below(cumulative, predicted - near)
    decile = np.minimum((confidence * 10).astype(int), 9)
    is_right = np.abs(predicted - fresh.actual) <= near
    shares = [is_right[decile == n].mean() for n in range(10) if (decile == n).sum() >= 300]
    assert len(shares) >= 3
    assert shares == sorted(shares)
    for n in range(10):
        if (decile == n).sum() >= 300:
            assert is_right[decile == n].mean() == pytest.approx(confidence[decile == n].mean(), abs=0.06)


def test_inputs_of_the_spread_are_finite_whatever_is_unknown():
    unknown = pd.DataFrame(
        {
            "minutes_std_last_10": [None, 40.0],
            "games_played_season": pd.Series([None, None], dtype="float64"),
            "team_games_played_season": pd.Series([None, 82], dtype="float64"),
            "projected_minutes": pd.Series([None, None], dtype="float64"),
        }
    )
    said = {"moving_average": np.array([12.0, np.nan]), LIGHTGBM: np.array([np.nan, np.nan])}
    inputs = calibration.spread_inputs(unknown, np.array([12.0, 0.0]), said, POINTS)
    assert inputs.shape[0] == 2
    assert np.isfinite(inputs).all()


def test_disagreement_is_in_the_markets_deviations_and_none_where_one_alone_speaks():
    said = {"moving_average": np.array([10.0, 3.0]), LIGHTGBM: np.array([16.0, np.nan])}
    assert calibration.disagreement(said, POINTS) == pytest.approx([3.0 / POINTS.deviation, 0.0])
    assert calibration.disagreement(said, THREES)[0] == 1.5


def test_a_calibration_says_the_same_after_it_was_written_and_read():
    past, learned = usual()
    text = learned.to_json()
    again = Calibration.from_json(text)
    assert again.to_json() == text
    assert np.array_equal(again.ensemble(past.systems(again)), learned.ensemble(past.systems(learned)))
    assert again.levels == learned.levels
    assert Calibration.from_json(Calibration(rows=7).to_json()) == Calibration(rows=7)


def test_a_calibration_of_before_is_read_without_its_intercept():
    text = json.dumps({**json.loads(Calibration(rows=7).to_json()), "intercept": -0.2})
    assert Calibration.from_json(text) == Calibration(rows=7)


def test_the_same_forecasts_teach_the_same():
    assert Past(1).learned().to_json() == usual()[1].to_json()
