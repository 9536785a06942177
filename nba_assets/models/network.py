"""A small neural network that learns all markets at once: its members' mean is the forecast of the system `network`.

The outputs are the square roots of the markets' statistics and, as help in learning what they share (multitask
learning, Caruana 1997), of the minutes and of others that nobody bets on. What its layers say is in `layers.py`, how
they are found in `network_training.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nba_assets.models.company import Company, Sides, presence
from nba_assets.models.layers import Bent, Layer, Layers, embedding, first, second, slope, width
from nba_assets.models.matrix import standardized


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

    def predict(self, matrix: np.ndarray, sides: Sides) -> dict[str, np.ndarray]:
        """Output -> forecast per row, not below 0.

        matrix: shape (rows, features), NaN where unknown. sides: of the rows, among which are all of each game.
        """
        own, company = self.standardized(matrix), self._company(matrix, sides)
        roots = []
        for layers in self.members:
            hidden = first(layers, own)
            roots.append(self._root(layers, hidden, company(embedding(layers, hidden))))
        values = _mean_of_squares(roots)
        return {output: values[:, place] for place, output in enumerate(self.outputs)}

    def standardized(self, matrix: np.ndarray) -> np.ndarray:
        """The features in deviations from their mean, as the network is given them: 0 where unknown."""
        return inputs_of(matrix, self.mean, self.deviation).astype("float64")

    def inputs(self, matrix: np.ndarray, sides: Sides) -> np.ndarray:
        """What a row's forecast is made of: its standardized features, and of each member the sums over its company.

        Shape (rows, features and sums). matrix, sides: as in `predict`.
        """
        own, company = self.standardized(matrix), self._company(matrix, sides)
        return np.concatenate([own, *(company(embedding(it, first(it, own))) for it in self.members)], axis=1)

    def values(self, inputs: np.ndarray) -> np.ndarray:
        """Forecasts from `inputs`. Shape (rows, outputs)."""
        return _mean_of_squares(self._roots(inputs))

    def slopes(self, inputs: np.ndarray) -> np.ndarray:
        """How steeply the forecast of the only output rises with each standardized feature, the player's company being
        as it is. Shape (rows, features)."""
        if len(self.outputs) > 1:
            raise ValueError(f"one output is needed, there are {len(self.outputs)}: {', '.join(self.outputs)}")
        slopes = [slope(layers, own, sums) for layers, own, sums in self._members(inputs)]
        roots = self._roots(inputs)
        return np.mean([2 * root * self.scale * slope for root, slope in zip(roots, slopes, strict=True)], axis=0)

    def _roots(self, inputs: np.ndarray) -> list[np.ndarray]:
        """What each member says before it is squared, not below 0."""
        return [self._root(layers, first(layers, own), sums) for layers, own, sums in self._members(inputs)]

    def _root(self, layers: Layers, hidden: Bent, sums: np.ndarray) -> np.ndarray:
        return np.maximum(second(layers, hidden, sums).output * self.scale + self.centre, 0.0)

    def _company(self, matrix: np.ndarray, sides: Sides) -> Callable[[np.ndarray], np.ndarray]:
        """What gives the sums over each row's company of what is given of each row, in whatever order they are."""
        order = sides.order()
        company = Company(sides.at(order), presence(matrix, self.features)[order])

        def sums(values: np.ndarray) -> np.ndarray:
            found = np.empty((len(values), 2 * values.shape[1]))
            found[order] = company.sums(values[order])
            return found

        return sums

    def _members(self, inputs: np.ndarray) -> Iterator[tuple[Layers, np.ndarray, np.ndarray]]:
        """The layers of each member, the features, and the sums that are its own."""
        ends = np.cumsum([len(self.features), *(2 * width(layers) for layers in self.members)])
        own, *sums = np.split(inputs, ends[:-1], axis=1)
        for layers, of_member in zip(self.members, sums, strict=True):
            yield layers, own, of_member

    def only(self, output: str) -> Network:
        """The same without the other outputs."""
        at = [self.outputs.index(output)]
        members = tuple((*layers[:-1], (layers[-1][0][:, at], layers[-1][1][at])) for layers in self.members)
        return Network(self.features, (output,), self.mean, self.deviation, self.centre[at], self.scale[at], members)

    def body(self) -> str:
        """A hash of all but the outputs: networks of the same differ in their last layer only."""
        digest = hashlib.sha256(repr(self.features).encode())
        for part in (self.mean, self.deviation, *(p for layers in self.members for it in layers[:-1] for p in it)):
            digest.update(repr(part.shape).encode() + part.tobytes())
        return digest.hexdigest()

    @classmethod
    def joined(cls, networks: Sequence[Network]) -> Network:
        """One network with the outputs of all of these, which have the same body."""
        one, *_ = networks
        members = tuple(
            (*layers[0][:-1], _side_by_side([of_one[-1] for of_one in layers]))
            for layers in zip(*(network.members for network in networks), strict=True)
        )
        return cls(
            one.features,
            tuple(output for network in networks for output in network.outputs),
            one.mean,
            one.deviation,
            np.concatenate([network.centre for network in networks]),
            np.concatenate([network.scale for network in networks]),
            members,
        )

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
            _with_company(tuple((_read(weights, len(_read(added))), _read(added)) for weights, added in layers))
            for layers in stored["members"]
        )
        return cls(tuple(stored["features"]), tuple(stored["outputs"]), **read, members=members)


def inputs_of(matrix: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """What the first layer is given: standardized, as 32-bit floats."""
    return standardized(matrix, mean, deviation).astype("float32")


def _side_by_side(layers: Sequence[Layer]) -> Layer:
    """One layer with the outputs of all."""
    weights, added = zip(*layers, strict=True)
    return np.concatenate(weights, axis=1), np.concatenate(added)


def _mean_of_squares(roots: Sequence[np.ndarray]) -> np.ndarray:
    # How a sum is rounded depends on how many rows are asked for at once: a day alone must say what a range says.
    return np.mean([np.square(root) for root in roots], axis=0).round(6)


def _with_company(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers of a stored member. The first ones knew nothing of company: nothing is added up for them."""
    if len(layers) > 3:
        return layers
    nothing = np.zeros((len(layers[0][1]), 0), "float32"), np.zeros(0, "float32")
    return layers[0], nothing, *layers[1:]


def _numbers(values: np.ndarray) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _read(stored: Any, columns: int | None = None) -> np.ndarray:
    # The first files had lists of digits.
    values = np.frombuffer(base64.b64decode(stored), "<f4") if isinstance(stored, str) else np.array(stored, "float32")
    return values if columns is None else values.reshape(-1, columns)
