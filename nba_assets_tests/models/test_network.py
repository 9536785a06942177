"""The network: its slopes are those of its loss, it learns, is the same each time and survives its text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nba_assets.models import layers, network, network_training
from nba_assets.models.company import Company, Sides, presence
from nba_assets.models.matrix import training_matrix
from nba_assets_tests.models.learning import counts, sides

ROWS = 4_000
FEATURES = ("a", "b", "c", "unknown")
OUTPUTS = ("points", "minutes")


@pytest.fixture(autouse=True)
def _in_full(monkeypatch):
    monkeypatch.setattr(network_training, "MEMBERS", 2)
    monkeypatch.setattr(network_training, "EPOCHS", 12)


def made(seed: int, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, counts and their means: what `a` adds depends on `b`, which no straight line follows; `c` is noise."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(0, 1, (rows, len(FEATURES)))
    matrix[:, 3] = np.nan
    root = np.maximum(3 + 0.8 * matrix[:, 0] * np.sign(matrix[:, 1]), 0.2)
    means = np.column_stack([np.square(root), np.square(root) * 2])
    return matrix, np.column_stack([counts(rng, mean) for mean in means.T]), means


def fitted(matrix: np.ndarray, actual: np.ndarray, importance: tuple[float, ...] | None = None) -> network.Network:
    given = training_matrix(matrix, np.ones(len(actual)), FEATURES)
    return network_training.fit(given, actual, sides(len(actual)), OUTPUTS, importance)


def said(model: network.Network, matrix: np.ndarray) -> dict[str, np.ndarray]:
    return model.predict(matrix, sides(len(matrix)))


def beside(game: np.ndarray, team: np.ndarray, present: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums over team-mates and over opponents, row by row: written again, to hold those of `company.py` against."""
    everybody = np.arange(len(values))
    rows = []
    for row in everybody:
        mates = (game == game[row]) & (team == team[row]) & (everybody != row)
        opponents = (game == game[row]) & (team != team[row])
        rows.append(np.concatenate([(present[:, None] * values)[who].sum(axis=0) for who in (mates, opponents)]))
    return np.array(rows)


def silu(values: np.ndarray) -> np.ndarray:
    return values / (1 + np.exp(-values))


GAME = np.repeat([0, 1, 2], [12, 11, 7])
TEAM = np.array([5] * 6 + [9] * 6 + [2] * 4 + [3] * 7 + [8] * 7)
"""Of a third game only one team is known."""


def loss(members, inputs, present, targets, weight) -> float:
    """The weighted sum of the smooth L1 errors: written again, to hold slopes against."""
    (to_first, first), (to_added, added), (to_second, second), (to_outputs, outputs) = members
    hidden = silu(inputs @ to_first + first)
    sums = beside(GAME, TEAM, present, hidden @ to_added + added)
    values = silu(np.concatenate([hidden, sums], axis=1) @ to_second + second) @ to_outputs + outputs
    error, bend = np.abs(values - targets), layers.BEND
    return float((np.where(error < bend, error * error / (2 * bend), error - bend / 2) * weight).sum())


def test_the_slopes_are_those_of_the_loss_through_all_who_play():
    rng = np.random.default_rng(4)
    shapes = ((4, 6), (6, 3), (12, 5), (5, 2))
    members = [(rng.normal(0, 0.5, shape), rng.normal(0, 0.5, shape[1])) for shape in shapes]
    inputs, targets, weight = (rng.normal(0, 1, (30, n)) for n in (4, 2, 2))
    present = rng.uniform(0, 1, 30)
    weight = np.abs(weight)
    weight[::4] = 0
    company = Company(Sides(GAME, TEAM), present)
    found = layers.gradient(members, inputs, company, targets, weight)
    parts = [part for layer in members for part in layer]
    assert [slope.shape for slope in found] == [part.shape for part in parts]
    step = 1e-6
    for part, slope in zip(parts, found, strict=True):
        for at in [tuple(dice) for dice in rng.integers(0, part.shape, (4, part.ndim))]:
            before = part[at]
            part[at] = before + step
            higher = loss(members, inputs, present, targets, weight)
            part[at] = before - step
            lower = loss(members, inputs, present, targets, weight)
            part[at] = before
            # The sigmoid halves in 32 bits.
            assert slope[at] == pytest.approx((higher - lower) / (2 * step), abs=3e-5)


def test_it_learns_what_no_straight_line_follows_in_every_output():
    model = fitted(*made(1)[:2])
    matrix, _, means = made(2)
    answers = said(model, matrix)
    for output, mean in zip(OUTPUTS, means.T, strict=True):
        assert np.abs(answers[output] - mean).mean() < 0.6 * np.abs(np.median(mean) - mean).mean()


def test_an_output_of_no_importance_is_not_learned_and_the_other_is():
    matrix, actual, _ = made(1)
    model = fitted(matrix, actual, (1.0, 0.0))
    other, _, means = made(2)
    errors = [np.abs(said(model, other)[name] - mean).mean() for name, mean in zip(OUTPUTS, means.T, strict=True)]
    plain = [np.abs(np.median(mean) - mean).mean() for mean in means.T]
    assert errors[0] < 0.6 * plain[0]
    assert errors[1] > plain[1]


def test_what_is_unknown_of_a_game_teaches_nothing_and_the_rest_of_it_is_learned():
    matrix, actual, _ = made(1)
    actual[::3, 1] = np.nan
    model = fitted(matrix, actual)
    other, _, means = made(2)
    for name, mean in zip(OUTPUTS, means.T, strict=True):
        assert np.abs(said(model, other)[name] - mean).mean() < 0.6 * np.abs(np.median(mean) - mean).mean()


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
    for output, answer in said(model, matrix).items():
        assert (said(again, matrix)[output] == answer).all()


def test_a_file_with_lists_of_digits_as_the_first_ones_had_is_read():
    matrix, actual, _ = made(1, 600)
    model = fitted(matrix, actual)
    stored = json.loads(model.to_text())
    for name in ("mean", "deviation", "centre", "scale"):
        stored[name] = getattr(model, name).tolist()
    stored["members"] = [[[part.tolist() for part in layer] for layer in of_member] for of_member in model.members]
    assert network.Network.from_text(json.dumps(stored)).to_text() == model.to_text()


def test_one_output_alone_says_the_same():
    matrix, actual, _ = made(1, 600)
    model = fitted(matrix, actual)
    for output in OUTPUTS:
        assert said(model.only(output), matrix) == {output: pytest.approx(said(model, matrix)[output], rel=1e-5)}


def test_forecasts_are_known_and_never_below_zero_however_far_the_features_are_off():
    matrix, actual, _ = made(1, 600)
    for answer in said(fitted(matrix, actual), matrix * -50).values():
        assert (answer >= 0).all()


def test_an_unknown_value_counts_as_the_mean_and_a_feature_that_never_varies_adds_nothing():
    matrix, actual, _ = made(1, 600)
    matrix[:, 2] = 7.0
    model = fitted(matrix, actual)
    unknown, mean = matrix[:1].copy(), matrix[:1].copy()
    unknown[0, 0], mean[0, 0] = np.nan, model.mean[0]
    assert said(model, unknown)["points"] == pytest.approx(said(model, mean)["points"])
    unvaried = matrix[:1].copy()
    unvaried[0, 2] = np.nan
    assert said(model, unvaried)["points"] == pytest.approx(said(model, matrix[:1])["points"])


def test_the_learning_rate_rises_and_falls_once():
    rates = [network_training._rate(done) for done in np.linspace(0, 1, 101)]
    top = int(np.argmax(rates))
    assert rates[top] == pytest.approx(network_training.LEARNING_RATE)
    assert rates[0] == pytest.approx(network_training.LEARNING_RATE / 25)
    assert rates[-1] == pytest.approx(0)
    assert all(np.diff(rates[: top + 1]) > 0)
    assert all(np.diff(rates[top:]) < 0)


ROTATION = ("active_probability", "expected_minutes", "minutes_if_active", "points_avg_season")


def of_evenings(seed: int, games: int = 400) -> tuple[np.ndarray, np.ndarray, Sides]:
    """Features by ROTATION and what each scored: the less, the more his team-mates who are there score."""
    rng = np.random.default_rng(seed)
    rows = 10 * games
    matrix = np.column_stack(
        [(rng.random(rows) < 0.7).astype("float64"), np.full(rows, 30.0), np.full(rows, 30.0), rng.uniform(0, 8, rows)]
    )
    there = (matrix[:, 0] * matrix[:, 3]).reshape(games, 2, 5)
    mates = (there.sum(axis=2, keepdims=True) - there).ravel()
    evenings = Sides(np.repeat(np.arange(games), 10), np.tile(np.repeat([1, 2], 5), games))
    return matrix, np.square(np.maximum(6 - 0.2 * mates, 0.1)), evenings


def test_it_learns_what_who_plays_beside_a_player_leaves_him(monkeypatch):
    monkeypatch.setattr(network_training, "EPOCHS", 30)
    matrix, mean, evenings = of_evenings(1)
    given = training_matrix(matrix, np.ones(len(matrix)), ROTATION)
    model = network_training.fit(given, mean[:, None], evenings, ("points",))
    matrix, mean, evenings = of_evenings(2)
    error = np.abs(model.predict(matrix, evenings)["points"] - mean).mean()
    alone = Sides(np.arange(len(matrix)), evenings.team)
    assert error < 0.3 * np.abs(np.median(mean) - mean).mean()
    assert error < 0.3 * np.abs(model.predict(matrix, alone)["points"] - mean).mean()


def test_those_who_did_not_play_are_learned_from_by_others_and_teach_nothing_themselves():
    matrix, mean, evenings = of_evenings(3, games=40)
    is_absent = np.arange(len(matrix)) % 3 == 0
    places = np.concatenate([np.flatnonzero(~is_absent), np.flatnonzero(is_absent)])

    def learned(absent: np.ndarray) -> str:
        given = training_matrix(matrix[~is_absent], np.ones(int((~is_absent).sum())), ROTATION)
        actual = mean[~is_absent][:, None]
        return network_training.fit(given, actual, evenings.at(places), ("points",), absent=absent).to_text()

    other = matrix[is_absent].copy()
    assert learned(other) == learned(matrix[is_absent])
    other[:, 3] += 2
    assert learned(other) != learned(matrix[is_absent])
    # Of whom it is certain that he does not play, nothing counts.
    nobody = matrix[is_absent].copy()
    nobody[:, 0] = 0
    changed = nobody.copy()
    changed[:, 3] += 2
    assert learned(nobody) == learned(changed)


def test_a_day_alone_says_what_a_range_says_in_whatever_order():
    matrix, mean, evenings = of_evenings(4, games=40)
    given = training_matrix(matrix, np.ones(len(matrix)), ROTATION)
    model = network_training.fit(given, mean[:, None], evenings, ("points",))
    whole = model.predict(matrix, evenings)["points"]
    day = np.flatnonzero(np.isin(evenings.game, [3, 17, 30]))[::-1]
    assert model.predict(matrix[day], evenings.at(day))["points"].tolist() == whole[day].tolist()


def test_a_file_of_a_network_that_knew_no_company_says_what_it_said():
    rng = np.random.default_rng(5)
    shapes = ((4, 6), (6, 5), (5, 1))
    plain = [
        (rng.normal(0, 0.5, shape).astype("float32"), rng.normal(0, 0.5, shape[1]).astype("float32"))
        for shape in shapes
    ]
    one, zero = np.ones(1, "float32"), np.zeros(4, "float32")
    stored = network.Network(ROTATION, ("points",), zero, zero + 1, one * 2, one, (tuple(plain),))
    read = network.Network.from_text(stored.to_text())
    matrix = rng.normal(0, 1, (20, 4)).astype("float32").astype("float64")
    values = matrix
    for place, (weights, added) in enumerate(plain):
        values = (values if place == 0 else silu(values)) @ weights + added
    expected = np.square(np.maximum(values[:, 0] + 2, 0))
    assert read.predict(matrix, sides(20))["points"] == pytest.approx(expected, abs=1e-4)


def test_the_end_of_the_bench_is_no_company():
    found = presence(
        np.array([[1.0, 9.0, 12.0, 0], [1.0, 15.0, 24.0, 0], [0.5, 30.0, 36.0, 0], [np.nan] * 4]), ROTATION
    )
    assert found == pytest.approx([0.0, 0.5 * 24 / 240, 0.5 * 36 / 240, 0.0])
    assert (presence(np.ones((2, 4)), FEATURES) == 0).all()
