"""A small neural network that learns all markets at once: its members' mean is the forecast of the system `network`.

Two hidden layers on standardized features. The outputs are the square roots of the statistics and, as help in learning
what they share, of the minutes. A member minimizes the absolute error, rounded off near zero (smooth L1), by Adam
(Kingma and Ba 2015) with one cycle of the learning rate (Smith and Topin 2018). Which rows it is trained on is in
`training.py`. It is written out here because a deep-learning library weighs a thousand times what this needs.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

MEMBERS = 3
"""Networks that differ in where they start and in the order of their rows."""
HIDDEN = (128, 64)
EPOCHS = 8
BATCH = 512
LEARNING_RATE = 0.003
_BEND = 0.3
"""Errors beyond this many deviations of the output count by their size, those within by their square."""
_WARM_UP = 0.3
"""Share of the steps in which the learning rate rises."""
_CLIP = 4.0
"""Features farther than this many deviations from their mean count as if they were just so far."""
_SEED = 20191022

Layer = tuple[np.ndarray, np.ndarray]
"""Weights, shape (inputs, outputs), and what is added, shape (outputs,)."""


def settings() -> tuple[Any, ...]:
    """What a training depends on besides its rows."""
    return MEMBERS, HIDDEN, EPOCHS, BATCH, LEARNING_RATE, _BEND, _WARM_UP, _CLIP, _SEED


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
        return _standardized(matrix, self.mean, self.deviation).astype("float64")

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
        said = [_forward(layers, inputs)[-1] for layers in self.members]
        return [np.maximum(values * self.scale + self.centre, 0.0) for values in said]

    def only(self, output: str) -> Network:
        """The same without the other outputs."""
        at = [self.outputs.index(output)]
        members = tuple((*layers[:-1], (layers[-1][0][:, at], layers[-1][1][at])) for layers in self.members)
        return Network(self.features, (output,), self.mean, self.deviation, self.centre[at], self.scale[at], members)

    def to_text(self) -> str:
        """The whole network as JSON. Numbers of 32 bits are written so that they are read back as they were."""
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
            tuple((_read(weights), _read(added)) for weights, added in layers) for layers in stored["members"]
        )
        return cls(tuple(stored["features"]), tuple(stored["outputs"]), **read, members=members)


def fit(
    matrix: np.ndarray, actual: np.ndarray, weight: np.ndarray, features: tuple[str, ...], outputs: tuple[str, ...]
) -> Network:
    """Train on rows in the order given.

    matrix: shape (rows, features), NaN where unknown. actual: (rows, outputs), not below 0. weight: (rows,).
    """
    # Rows are drawn from it again and again, and are to lie in one piece; a frame's columns do.
    matrix = np.ascontiguousarray(matrix)
    known = np.maximum((~np.isnan(matrix)).sum(axis=0), 1)
    mean = np.nansum(matrix, axis=0) / known
    deviation = np.sqrt(np.nansum(np.square(matrix - mean), axis=0) / known)
    deviation[deviation == 0] = 1.0
    mean, deviation = mean.astype("float32"), deviation.astype("float32")
    root = np.sqrt(actual)
    centre, scale = root.mean(axis=0).astype("float32"), np.maximum(root.std(axis=0), 1e-6).astype("float32")
    inputs, targets = _standardized(matrix, mean, deviation), ((root - centre) / scale).astype("float32")
    weight = weight.astype("float32")[:, None]
    members = tuple(_member(inputs, targets, weight, _SEED + number) for number in range(MEMBERS))
    return Network(features, outputs, mean, deviation, centre, scale, members)


def _member(inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray, seed: int) -> tuple[Layer, ...]:
    dice = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *HIDDEN, targets.shape[1])
    layers: list[Layer] = []
    for wide, narrow in itertools.pairwise(sizes):
        bound = 1 / np.sqrt(wide)
        drawn = dice.uniform(-bound, bound, (wide + 1, narrow)).astype("float32")
        layers.append((drawn[:-1].copy(), drawn[-1].copy()))
    parts = [part for layer in layers for part in layer]
    first, second = ([np.zeros_like(part) for part in parts] for _ in range(2))
    steps = EPOCHS * -(-len(inputs) // BATCH)
    for step, rows in enumerate(_batches(dice, len(inputs)), start=1):
        slopes = gradient(layers, inputs[rows], targets[rows], weight[rows])
        rate = np.float32(_rate(step / steps) / (1 - 0.9**step))
        unbiased = np.float32(1 / (1 - 0.999**step))
        # In place: `layers` holds the same arrays.
        for part, slope, mean, square in zip(parts, slopes, first, second, strict=True):
            mean += np.float32(0.1) * (slope - mean)
            square += np.float32(0.001) * (slope * slope - square)
            part -= rate * mean / (np.sqrt(square * unbiased) + np.float32(1e-8))
    return tuple(layers)


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


def gradient(layers: list[Layer], inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Slope of what is minimized, the sum over outputs of the smooth L1 error as a weighted mean over rows, by each
    weight and addend, in the order of the layers."""
    values = _forward(tuple(layers), inputs)
    slope = np.clip((values[-1] - targets) / np.float32(_BEND), -1, 1) * (weight / np.float32(len(inputs)))
    found: list[np.ndarray] = []
    for place in range(len(layers) - 1, -1, -1):
        given = inputs if place == 0 else _silu(values[place - 1])
        found = [given.T @ slope, slope.sum(axis=0), *found]
        if place:
            slope = (slope @ layers[place][0].T) * _bent(values[place - 1])
    return found


def _slope(layers: tuple[Layer, ...], inputs: np.ndarray) -> np.ndarray:
    """Slope of the only output by each input. Shape (rows, inputs)."""
    slope = layers[-1][0].T
    for (weights, _), value in zip(layers[-2::-1], _forward(layers, inputs)[-2::-1], strict=True):
        slope = (slope * _bent(value)) @ weights.T
    return slope


def _forward(layers: tuple[Layer, ...], inputs: np.ndarray) -> list[np.ndarray]:
    """What each layer gives, before it is bent; the last is the output."""
    values: list[np.ndarray] = []
    for weights, added in layers:
        values.append((_silu(values[-1]) if values else inputs) @ weights + added)
    return values


def _silu(values: np.ndarray) -> np.ndarray:
    return values * _sigmoid(values)


def _bent(values: np.ndarray) -> np.ndarray:
    """The slope of `_silu`."""
    gate = _sigmoid(values)
    return gate * (1 + values * (1 - gate))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(values * np.float32(0.5))) * np.float32(0.5)


def _standardized(matrix: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """In deviations from the mean, as 32-bit floats; what is unknown is taken to be the mean."""
    return np.nan_to_num(np.clip((matrix - mean) / deviation, -_CLIP, _CLIP)).astype("float32")


def _numbers(values: np.ndarray) -> Any:
    # A 32-bit float has at most nine digits; longer ones would only make the file larger.
    return (
        [_numbers(row) for row in values] if values.ndim > 1 else [float(f"{value:.9g}") for value in values.tolist()]
    )


def _read(values: Any) -> np.ndarray:
    return np.array(values, dtype="float32")
