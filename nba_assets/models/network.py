"""A small neural network that learns all markets at once: its members' mean is the forecast of the system `network`.

Two hidden layers on standardized features. The outputs are the square roots of the markets' statistics and, as help in
learning what they share (multitask learning, Caruana 1997), of the minutes and of others that nobody bets on. A member
minimizes the absolute error, rounded off near zero (smooth L1), by Adam (Kingma and Ba 2015) with one cycle of the
learning rate (Smith and Topin 2018). Which rows it is trained on is in `training.py`. It is written out here because a
deep-learning library weighs a thousand times what this needs.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nba_assets.models.matrix import TrainingMatrix, standardized

MEMBERS = 3
"""Networks that differ in where they start and in the order of their rows."""
HIDDEN = (96, 48)
EPOCHS = 5
BATCH = 512
LEARNING_RATE = 0.004
_BEND = 0.3
"""Errors beyond this many deviations of the output count by their size, those within by their square."""
_WARM_UP = 0.3
"""Share of the steps in which the learning rate rises."""
_SEED = 20191022

Layer = tuple[np.ndarray, np.ndarray]
"""Weights, shape (inputs, outputs), and what is added, shape (outputs,)."""


def settings() -> tuple[Any, ...]:
    """What a training depends on besides its rows."""
    return MEMBERS, HIDDEN, EPOCHS, BATCH, LEARNING_RATE, _BEND, _WARM_UP, _SEED


@dataclass(frozen=True)
class Network:
    """mean, deviation: per feature; centre, scale: per output; members: the layers of each network."""

    features: tuple[str, ...]
    outputs: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    members: tuple[tuple[Layer, ...], ...]

    def predict(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Output -> forecast per row, not below 0. matrix: shape (rows, features), NaN where unknown."""
        values = self.values(self.standardized(matrix))
        return {output: values[:, place] for place, output in enumerate(self.outputs)}

    def standardized(self, matrix: np.ndarray) -> np.ndarray:
        """The features in deviations from their mean, as the network is given them: 0 where unknown."""
        return _inputs(matrix, self.mean, self.deviation).astype("float64")

    def values(self, inputs: np.ndarray) -> np.ndarray:
        """Forecasts from standardized features. Shape (rows, outputs)."""
        # How a sum is rounded depends on how many rows are asked for at once: a day alone must say what a range says.
        return np.mean([np.square(root) for root in self._roots(inputs)], axis=0).round(6)

    def slopes(self, inputs: np.ndarray) -> np.ndarray:
        """How steeply the forecast of the only output rises with each standardized feature. Shape (rows, features)."""
        if len(self.outputs) > 1:
            raise ValueError(f"one output is needed, there are {len(self.outputs)}: {', '.join(self.outputs)}")
        slopes = [_slope(layers, inputs) for layers in self.members]
        roots = self._roots(inputs)
        return np.mean([2 * root * self.scale * slope for root, slope in zip(roots, slopes, strict=True)], axis=0)

    def _roots(self, inputs: np.ndarray) -> list[np.ndarray]:
        """What each member says before it is squared, not below 0."""
        said = [_forward(layers, inputs)[0] for layers in self.members]
        return [np.maximum(values * self.scale + self.centre, 0.0) for values in said]

    def only(self, output: str) -> Network:
        """The same without the other outputs."""
        at = [self.outputs.index(output)]
        members = tuple((*layers[:-1], (layers[-1][0][:, at], layers[-1][1][at])) for layers in self.members)
        return Network(self.features, (output,), self.mean, self.deviation, self.centre[at], self.scale[at], members)

    def to_text(self) -> str:
        """The whole network as JSON, its numbers of 32 bits in base64: as digits they would take ten times as long."""
        return json.dumps(
            {
                "features": self.features,
                "outputs": self.outputs,
                **{name: _numbers(getattr(self, name)) for name in ("mean", "deviation", "centre", "scale")},
                "members": [[[_numbers(part) for part in layer] for layer in layers] for layers in self.members],
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Network:
        """The network that `to_text` wrote."""
        stored = json.loads(text)
        read = {name: _read(stored[name]) for name in ("mean", "deviation", "centre", "scale")}
        members = tuple(
            tuple((_read(weights, len(_read(added))), _read(added)) for weights, added in layers)
            for layers in stored["members"]
        )
        return cls(tuple(stored["features"]), tuple(stored["outputs"]), **read, members=members)


def fit(
    given: TrainingMatrix, actual: np.ndarray, outputs: tuple[str, ...], importance: Sequence[float] | None = None
) -> Network:
    """Train on all of the matrix's features.

    actual: shape (rows, outputs), not below 0; what is unknown (NaN) teaches nothing. importance: how much an error in
    each output counts; alike if not given.
    """
    mean, deviation = given.mean.astype("float32"), given.deviation.astype("float32")
    root = np.sqrt(actual)
    centre = np.nanmean(root, axis=0).astype("float32")
    scale = np.maximum(np.nanstd(root, axis=0), 1e-6).astype("float32")
    inputs, targets = _inputs(given.values, mean, deviation), ((root - centre) / scale).astype("float32")
    of_output = np.ones(len(outputs)) if importance is None else np.asarray(importance)
    weight = (np.outer(given.weight, of_output) * ~np.isnan(root)).astype("float32")
    np.nan_to_num(targets, copy=False)
    members = tuple(_member(inputs, targets, weight, _SEED + number) for number in range(MEMBERS))
    return Network(given.features, outputs, mean, deviation, centre, scale, members)


def _member(inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray, seed: int) -> tuple[Layer, ...]:
    dice = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *HIDDEN, targets.shape[1])
    layers: list[Layer] = []
    for wide, narrow in itertools.pairwise(sizes):
        bound = 1 / np.sqrt(wide)
        drawn = dice.uniform(-bound, bound, (wide + 1, narrow)).astype("float32")
        layers.append((drawn[:-1], drawn[-1]))
    # All in one piece, of which the layers are views: a step is then a few sums, and not as many for each part.
    parts = np.concatenate([part.ravel() for layer in layers for part in layer])
    layers = _views(parts, layers)
    mean, square = np.zeros_like(parts), np.zeros_like(parts)
    steps = EPOCHS * -(-len(inputs) // BATCH)
    for step, rows in enumerate(_batches(dice, len(inputs)), start=1):
        slopes = gradient(layers, inputs[rows], targets[rows], weight[rows])
        slope = np.concatenate([of_part.ravel() for of_part in slopes])
        mean += np.float32(0.1) * (slope - mean)
        square += np.float32(0.001) * (slope * slope - square)
        rate = np.float32(_rate(step / steps) / (1 - 0.9**step))
        unbiased = np.float32(1 / (1 - 0.999**step))
        parts -= rate * mean / (np.sqrt(square * unbiased) + np.float32(1e-8))
    return tuple(layers)


def _views(parts: np.ndarray, like: Sequence[Layer]) -> list[Layer]:
    """Layers of these shapes that share the memory of `parts`."""
    ends = np.cumsum([part.size for layer in like for part in layer])[:-1]
    pieces = iter(np.split(parts, ends))
    return [(next(pieces).reshape(weights.shape), next(pieces)) for weights, _ in like]


def _batches(dice: np.random.Generator, rows: int) -> Iterator[np.ndarray]:
    for _ in range(EPOCHS):
        order = dice.permutation(rows)
        for start in range(0, rows, BATCH):
            yield order[start : start + BATCH]


def _rate(done: float) -> float:
    """The learning rate after this share of the steps: up from a twenty-fifth and down to nothing, by cosines."""
    if done < _WARM_UP:
        return LEARNING_RATE * (1 - 0.96 * (1 + np.cos(np.pi * done / _WARM_UP)) / 2)
    return LEARNING_RATE * (1 + np.cos(np.pi * (done - _WARM_UP) / (1 - _WARM_UP))) / 2


def gradient(layers: Sequence[Layer], inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Slope of what is minimized, the sum over outputs of the smooth L1 error as a weighted mean over rows, by each
    weight and addend, in the order of the layers. weight: shape (rows, outputs) or (rows, 1)."""
    said, bent = _forward(layers, inputs)
    slope = np.clip((said - targets) / np.float32(_BEND), -1, 1) * (weight / np.float32(len(inputs)))
    found: list[np.ndarray] = []
    for place in range(len(layers) - 1, -1, -1):
        given = bent[place - 1].value if place else inputs
        found = [given.T @ slope, slope.sum(axis=0), *found]
        if place:
            slope = (slope @ layers[place][0].T) * bent[place - 1].slope()
    return found


def _slope(layers: Sequence[Layer], inputs: np.ndarray) -> np.ndarray:
    """Slope of the only output by each input. Shape (rows, inputs)."""
    slope = layers[-1][0].T
    for (weights, _), bent in zip(layers[-2::-1], reversed(_forward(layers, inputs)[1]), strict=True):
        slope = (slope * bent.slope()) @ weights.T
    return slope


class _Bent(NamedTuple):
    """What a hidden layer gives (SiLU, Elfwing et al. 2018): value = given * gate, the gate being its sigmoid."""

    gate: np.ndarray
    value: np.ndarray

    def slope(self) -> np.ndarray:
        """Of the value by what was given."""
        return self.gate + self.value * (1 - self.gate)


def _forward(layers: Sequence[Layer], inputs: np.ndarray) -> tuple[np.ndarray, list[_Bent]]:
    """The output, and what the hidden layers give."""
    hidden: list[_Bent] = []
    for weights, added in layers[:-1]:
        given = (hidden[-1].value if hidden else inputs) @ weights + added
        gate = _sigmoid(given)
        hidden.append(_Bent(gate, given * gate))
    weights, added = layers[-1]
    return hidden[-1].value @ weights + added, hidden


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(values * np.float32(0.5))) * np.float32(0.5)


def _inputs(matrix: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """What the first layer is given: standardized, as 32-bit floats."""
    return standardized(matrix, mean, deviation).astype("float32")


def _numbers(values: np.ndarray) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _read(stored: Any, columns: int | None = None) -> np.ndarray:
    # The first files had lists of digits.
    values = np.frombuffer(base64.b64decode(stored), "<f4") if isinstance(stored, str) else np.array(stored, "float32")
    return values if columns is None else values.reshape(-1, columns)
