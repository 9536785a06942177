"""The arithmetic of a network's member: what its layers say, and the slopes of what they say.

Between the two hidden layers a player meets his company: a few numbers that the first says of each player, added up
over his team-mates and over his opponents (`company.py`). How the layers are found is in `network_training.py`, what is
stored of them in `network.py`. It is written out here because a deep-learning library weighs a thousand times what this
needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nba_assets.models.company import Company

BEND = 0.3
"""Errors beyond this many deviations of the output count by their size, those within by their square."""

Layer = tuple[np.ndarray, np.ndarray]
"""Weights, shape (inputs, outputs), and what is added, shape (outputs,)."""
Layers = Sequence[Layer]
"""Of a member: from the features to the first hidden layer, from there to what is added up over team-mates and over
opponents, from the first hidden layer and those sums to the second, and from there to the outputs."""


class Bent(NamedTuple):
    """What a hidden layer gives (SiLU, Elfwing et al. 2018): value = given * gate, the gate being its sigmoid."""

    gate: np.ndarray
    value: np.ndarray

    def slope(self) -> np.ndarray:
        """Of the value by what was given."""
        return self.gate + self.value * (1 - self.gate)


class Said(NamedTuple):
    """output: what a member says. joined, seen: what its second hidden layer is given, and what it gives."""

    output: np.ndarray
    joined: np.ndarray
    seen: Bent


def first(layers: Layers, own: np.ndarray) -> Bent:
    """What the first hidden layer gives. own: standardized features, shape (rows, features)."""
    return _bent(_applied(layers[0], own))


def embedding(layers: Layers, hidden: Bent) -> np.ndarray:
    """What of each player is added up. Shape (rows, width)."""
    return _applied(layers[1], hidden.value)


def width(layers: Layers) -> int:
    """So many numbers of each player are added up."""
    return len(layers[1][1])


def second(layers: Layers, hidden: Bent, sums: np.ndarray) -> Said:
    """What follows. sums: over team-mates and over opponents, shape (rows, 2 width)."""
    joined = np.concatenate([hidden.value, sums], axis=1)
    seen = _bent(_applied(layers[2], joined))
    return Said(_applied(layers[3], seen.value), joined, seen)


def slope(layers: Layers, own: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Slope of the only output by each feature, the sums being as they are. Shape (rows, features)."""
    hidden = first(layers, own)
    found = (layers[3][0].T * second(layers, hidden, sums).seen.slope()) @ layers[2][0][: hidden.value.shape[1]].T
    return (found * hidden.slope()) @ layers[0][0].T


def gradient(
    layers: Layers, own: np.ndarray, company: Company, targets: np.ndarray, weight: np.ndarray
) -> list[np.ndarray]:
    """Slope of what is minimized, the weighted sum of the smooth L1 errors, by each weight and addend, in the order of
    the layers. weight: shape (rows, outputs)."""
    hidden = first(layers, own)
    said = second(layers, hidden, company.sums(embedding(layers, hidden)))
    of_output = np.clip((said.output - targets) / np.float32(BEND), -1, 1) * weight
    of_seen = (of_output @ layers[3][0].T) * said.seen.slope()
    of_hidden, of_sums = np.split(of_seen @ layers[2][0].T, [hidden.value.shape[1]], axis=1)
    of_embedding = company.slopes(of_sums)
    of_first = (of_hidden + of_embedding @ layers[1][0].T) * hidden.slope()
    by_layer = ((own, of_first), (hidden.value, of_embedding), (said.joined, of_seen), (said.seen.value, of_output))
    return [part for given, found in by_layer for part in (given.T @ found, found.sum(axis=0))]


def _applied(layer: Layer, given: np.ndarray) -> np.ndarray:
    return given @ layer[0] + layer[1]


def _bent(given: np.ndarray) -> Bent:
    gate = (1 + np.tanh(given * np.float32(0.5))) * np.float32(0.5)
    return Bent(gate, given * gate)
