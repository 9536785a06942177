"""The network: its slopes are those of its loss, it learns, is the same each time and survives its text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nba_assets.models import network
from nba_assets.models.matrix import training_matrix
from nba_assets_tests.models.learning import counts

ROWS = 4_000
FEATURES = ("a", "b", "c", "unknown")
OUTPUTS = ("points", "minutes")


@pytest.fixture(autouse=True)
def _in_full(monkeypatch):
    monkeypatch.setattr(network, "MEMBERS", 2)
    monkeypatch.setattr(network, "EPOCHS", 12)


def made(seed: int, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, counts and their means: what `a` adds depends on `b`, which no straight line follows; `c` is noise."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(0, 1, (rows, len(FEATURES)))
    matrix[:, 3] = np.nan
    root = np.maximum(3 + 0.8 * matrix[:, 0] * np.sign(matrix[:, 1]), 0.2)
    means = np.column_stack([np.square(root), np.square(root) * 2])
    return matrix, np.column_stack([counts(rng, mean) for mean in means.T]), means


def fitted(matrix: np.ndarray, actual: np.ndarray, importance: tuple[float, ...] | None = None) -> network.Network:
    return network.fit(training_matrix(matrix, np.ones(len(actual)), FEATURES), actual, OUTPUTS, importance)


def loss(layers, inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> float:
    """Sum over outputs of the smooth L1 error, as a weighted mean over rows: written again, to hold slopes against."""
    values = inputs
    for place, (weights, added) in enumerate(layers):
        values = (values if place == 0 else values / (1 + np.exp(-values))) @ weights + added
    error, bend = np.abs(values - targets), network._BEND
    smooth = np.where(error < bend, error * error / (2 * bend), error - bend / 2)
    return float((smooth * weight).sum() / len(inputs))


def test_the_slopes_are_those_of_the_loss():
    rng = np.random.default_rng(4)
    layers = [(rng.normal(0, 0.5, shape), rng.normal(0, 0.5, shape[1])) for shape in ((4, 6), (6, 5), (5, 2))]
    inputs, targets = rng.normal(0, 1, (30, 4)), rng.normal(0, 1, (30, 2))
    weight = rng.uniform(0.5, 1, (30, 2))
    found = network.gradient(layers, inputs, targets, weight)
    parts = [part for layer in layers for part in layer]
    assert [slope.shape for slope in found] == [part.shape for part in parts]
    step = 1e-6
    for part, slope in zip(parts, found, strict=True):
        for at in [tuple(dice) for dice in rng.integers(0, part.shape, (4, part.ndim))]:
            before = part[at]
            part[at] = before + step
            higher = loss(layers, inputs, targets, weight)
            part[at] = before - step
            lower = loss(layers, inputs, targets, weight)
            part[at] = before
            # The sigmoid halves in 32 bits.
            assert slope[at] == pytest.approx((higher - lower) / (2 * step), abs=1e-6)


def test_it_learns_what_no_straight_line_follows_in_every_output():
    model = fitted(*made(1)[:2])
    matrix, _, means = made(2)
    answers = model.predict(matrix)
    for output, mean in zip(OUTPUTS, means.T, strict=True):
        assert np.abs(answers[output] - mean).mean() < 0.6 * np.abs(np.median(mean) - mean).mean()


def test_an_output_of_no_importance_is_not_learned_and_the_other_is():
    matrix, actual, _ = made(1)
    model = fitted(matrix, actual, (1.0, 0.0))
    other, _, means = made(2)
    errors = [np.abs(model.predict(other)[name] - mean).mean() for name, mean in zip(OUTPUTS, means.T, strict=True)]
    plain = [np.abs(np.median(mean) - mean).mean() for mean in means.T]
    assert errors[0] < 0.6 * plain[0]
    assert errors[1] > plain[1]


def test_what_is_unknown_of_a_game_teaches_nothing_and_the_rest_of_it_is_learned():
    matrix, actual, _ = made(1)
    actual[::3, 1] = np.nan
    model = fitted(matrix, actual)
    other, _, means = made(2)
    for name, mean in zip(OUTPUTS, means.T, strict=True):
        assert np.abs(model.predict(other)[name] - mean).mean() < 0.6 * np.abs(np.median(mean) - mean).mean()


def test_the_same_rows_give_the_same_text_and_other_rows_another():
    matrix, actual, _ = made(1, 600)
    text = fitted(matrix, actual).to_text()
    assert fitted(np.asfortranarray(matrix), actual).to_text() == text
    actual[5, 0] += 9
    assert fitted(matrix, actual).to_text() != text


def test_its_text_is_read_back_as_it_was():
    matrix, actual, _ = made(1, 600)
    model = fitted(matrix, actual)
    again = network.Network.from_text(model.to_text())
    assert again.to_text() == model.to_text()
    for output, answer in model.predict(matrix).items():
        assert (again.predict(matrix)[output] == answer).all()


def test_a_file_with_lists_of_digits_as_the_first_ones_had_is_read():
    matrix, actual, _ = made(1, 600)
    model = fitted(matrix, actual)
    stored = json.loads(model.to_text())
    for name in ("mean", "deviation", "centre", "scale"):
        stored[name] = getattr(model, name).tolist()
    stored["members"] = [[[part.tolist() for part in layer] for layer in layers] for layers in model.members]
    assert network.Network.from_text(json.dumps(stored)).to_text() == model.to_text()


def test_one_output_alone_says_the_same():
    matrix, actual, _ = made(1, 600)
    model = fitted(matrix, actual)
    for output in OUTPUTS:
        assert model.only(output).predict(matrix) == {output: pytest.approx(model.predict(matrix)[output], rel=1e-5)}


def test_forecasts_are_known_and_never_below_zero_however_far_the_features_are_off():
    matrix, actual, _ = made(1, 600)
    for answer in fitted(matrix, actual).predict(matrix * -50).values():
        assert (answer >= 0).all()


def test_an_unknown_value_counts_as_the_mean_and_a_feature_that_never_varies_adds_nothing():
    matrix, actual, _ = made(1, 600)
    matrix[:, 2] = 7.0
    model = fitted(matrix, actual)
    unknown, mean = matrix[:1].copy(), matrix[:1].copy()
    unknown[0, 0], mean[0, 0] = np.nan, model.mean[0]
    assert model.predict(unknown)["points"] == pytest.approx(model.predict(mean)["points"])
    unvaried = matrix[:1].copy()
    unvaried[0, 2] = np.nan
    assert model.predict(unvaried)["points"] == pytest.approx(model.predict(matrix[:1])["points"])


def test_the_learning_rate_rises_and_falls_once():
    rates = [network._rate(done) for done in np.linspace(0, 1, 101)]
    top = int(np.argmax(rates))
    assert rates[top] == pytest.approx(network.LEARNING_RATE)
    assert rates[0] == pytest.approx(network.LEARNING_RATE / 25)
    assert rates[-1] == pytest.approx(0)
    assert all(np.diff(rates[: top + 1]) > 0)
    assert all(np.diff(rates[top:]) < 0)
