"""The learned part: that it learns, does not need every feature, stays at or above zero and survives its text."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nba_assets.models import regression
from nba_assets.models.matrix import training_matrix
from nba_assets_tests.models.learning import counts, few_rounds

ROWS = 2_000
FEATURES = ("a", "b", "c", "unknown")


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch):
    few_rounds(monkeypatch, rounds=30)


def made(seed: int, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, counts and their means: linear in `a` on the scale of the root, with a step in `b`; `c` is noise."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(0, 1, (rows, len(FEATURES)))
    matrix[:, 3] = np.nan
    mean = np.square(2.5 + 0.6 * matrix[:, 0]) + 4.0 * (matrix[:, 1] > 0)
    return matrix, counts(rng, mean), mean


def fitted(
    matrix: np.ndarray,
    actual: np.ndarray,
    weight: np.ndarray | None = None,
    linear_features: tuple[str, ...] = FEATURES,
) -> regression.Regression:
    weight = np.ones(len(actual)) if weight is None else weight
    given = training_matrix(matrix, weight, FEATURES)
    return regression.fit(given, regression.binned(given), actual, linear_features)


def test_both_forecasts_are_nearer_the_truth_than_the_linear_part_alone():
    model = fitted(*made(1)[:2])
    matrix, _, mean = made(2)
    linear = np.square(np.maximum(model.linear(matrix), 0))
    errors = {name: np.abs(answer - mean).mean() for name, answer in model.predict(matrix).items()}
    assert set(errors) == {"squares", "absolute"}
    assert all(error < np.abs(linear - mean).mean() for error in errors.values())


def test_the_linear_part_is_of_the_features_named_and_the_trees_are_of_all():
    model = fitted(*made(1)[:2], linear_features=("a", "c"))
    assert model.coefficients[1] == 0.0
    assert (model.coefficients[[0, 2]] != 0).all()
    assert all(model.boosters[name].feature_importance()[1] > 0 for name in regression.OBJECTIVES)


def test_rows_that_weigh_little_teach_the_trees_little():
    matrix, actual, mean = made(1)
    is_light = np.arange(ROWS) % 2 == 0
    disturbed = np.where(is_light, 60.0, actual)
    light, alike = fitted(matrix, disturbed, np.where(is_light, 0.01, 1.0)), fitted(matrix, disturbed)
    for name, said in light.predict(matrix).items():
        assert np.abs(said - mean).mean() < 2.0
        assert np.abs(alike.predict(matrix)[name] - mean).mean() > 10.0


def test_fits_on_the_same_bins_do_not_disturb_each_other():
    matrix, actual, _ = made(1)
    given = training_matrix(matrix, np.ones(ROWS), FEATURES)
    shared = regression.binned(given)
    alone = [
        regression.fit(given, regression.binned(given), of_one, FEATURES).to_text() for of_one in (actual, actual[::-1])
    ]
    with ThreadPoolExecutor(2) as pool:
        side_by_side = pool.map(lambda of_one: regression.fit(given, shared, of_one, FEATURES), (actual, actual[::-1]))
        assert [found.to_text() for found in side_by_side] == alone
    assert alone[0] != alone[1]


def test_the_one_leans_to_the_mean_and_the_other_to_the_median():
    rng = np.random.default_rng(3)
    matrix = rng.normal(0, 1, (ROWS, len(FEATURES)))
    # Seven in ten are 2, the rest 20: far apart, so that mean and median are.
    actual = np.where(rng.random(ROWS) < 0.7, 2.0, 20.0)
    answers = {name: answer.mean() for name, answer in fitted(matrix, actual).predict(matrix).items()}
    assert answers["absolute"] < answers["squares"] - 0.5


def test_forecasts_are_never_below_zero_however_far_the_features_are_off():
    matrix, actual, _ = made(1)
    model = fitted(matrix, actual)
    for answer in model.predict(matrix * -50).values():
        assert (answer >= 0).all()


def test_an_unknown_value_counts_as_the_mean_in_the_linear_part():
    matrix, actual, _ = made(1)
    model = fitted(matrix, actual)
    unknown, mean = matrix[:1].copy(), matrix[:1].copy()
    unknown[0, 0], mean[0, 0] = np.nan, model.mean[0]
    assert model.linear(unknown) == pytest.approx(model.linear(mean))


def test_a_feature_that_is_never_known_or_never_varies_adds_nothing():
    matrix, actual, _ = made(1)
    matrix[:, 2] = 7.0
    assert fitted(matrix, actual).coefficients[2:] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_a_row_without_weight_teaches_nothing():
    matrix, actual, _ = made(1)
    planted = actual.copy()
    planted[:500] = 900.0
    weight = np.ones(ROWS)
    weight[:500] = 0.0
    assert fitted(matrix, planted, weight).coefficients == pytest.approx(fitted(matrix, actual, weight).coefficients)


def test_a_model_says_the_same_after_it_was_written_and_read():
    matrix, actual, _ = made(1)
    model = fitted(matrix, actual)
    text = model.to_text()
    again = regression.Regression.from_text(text)
    assert again.features == FEATURES
    for name, answer in model.predict(matrix).items():
        assert np.array_equal(again.predict(matrix)[name], answer)
    assert again.to_text() == text
    assert set(json.loads(text)) == {"features", "linear", "boosters"}


def test_the_layout_of_the_rows_in_memory_does_not_matter():
    matrix, actual, _ = made(1)
    assert fitted(np.asfortranarray(matrix), actual).to_text() == fitted(matrix, actual).to_text()
