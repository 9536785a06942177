"""How the networks are found: members that minimize the absolute error, rounded off near zero (smooth L1).

By Adam (Kingma and Ba 2015) with one cycle of the learning rate (Smith and Topin 2018), a few whole games at a time.
Which rows it is trained on is in `training.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nba_assets.models.company import Company, Sides, presence
from nba_assets.models.layers import BEND, Layer, Layers, gradient
from nba_assets.models.matrix import TrainingMatrix
from nba_assets.models.network import Network, inputs_of

MEMBERS = 3
"""Networks that differ in where they start and in the order of their games."""
HIDDEN = (128, 64)
EMBEDDING = 32
"""So many numbers of each player are added up over his team-mates and over his opponents."""
EPOCHS = 5
BATCH = 512
"""About so many rows are learned from at once."""
LEARNING_RATE = 0.004
_WARM_UP = 0.3
"""Share of the steps in which the learning rate rises."""
_SEED = 20191022


def settings() -> dict[str, Any]:
    """What a training depends on besides its rows."""
    return {
        "members": MEMBERS,
        "hidden": HIDDEN,
        "embedding": EMBEDDING,
        "epochs": EPOCHS,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "bend": BEND,
        "warm_up": _WARM_UP,
        "seed": _SEED,
    }


def fit(
    given: TrainingMatrix,
    actual: np.ndarray,
    sides: Sides,
    outputs: tuple[str, ...],
    importance: Sequence[float] | None = None,
    absent: np.ndarray | None = None,
) -> Network:
    """Train on all of the matrix's features.

    actual: shape (rows, outputs), not below 0; what is unknown (NaN) teaches nothing. importance: how much an error in
    each output counts; alike if not given. absent: the features of those who were expected in the same games and did
    not play. sides: of the rows, followed by those of `absent`.
    """
    mean, deviation = given.mean.astype("float32"), given.deviation.astype("float32")
    root = np.sqrt(actual)
    centre = np.nanmean(root, axis=0).astype("float32")
    scale = np.maximum(np.nanstd(root, axis=0), 1e-6).astype("float32")
    weight = np.outer(given.weight, np.ones(len(outputs)) if importance is None else importance) * ~np.isnan(root)
    order, both = sides.order(), [given.values] if absent is None else [given.values, absent]

    def by_game(of_rows: np.ndarray) -> np.ndarray:
        """With nothing of those who are only there to be seen."""
        nothing = np.zeros((len(sides.game) - len(of_rows), of_rows.shape[1]), "float32")
        return np.concatenate([of_rows.astype("float32"), nothing])[order]

    rows = _Rows(
        np.concatenate([inputs_of(values, mean, deviation) for values in both])[order],
        by_game(np.nan_to_num((root - centre) / scale)),
        by_game(weight),
        sides.at(order),
        np.concatenate([presence(values, given.features) for values in both])[order].astype("float32"),
    )
    members = tuple(_member(rows, _SEED + number) for number in range(MEMBERS))
    return Network(given.features, outputs, mean, deviation, centre, scale, members)


@dataclass(frozen=True)
class _Rows:
    """What a member is trained on, by game and team. Shapes (rows, features), twice (rows, outputs), and (rows,)."""

    inputs: np.ndarray
    targets: np.ndarray
    weight: np.ndarray
    sides: Sides
    present: np.ndarray

    def batches(self, dice: np.random.Generator) -> list[np.ndarray]:
        """Places of the rows of a few games each, all games once."""
        games = np.split(np.arange(len(self.inputs)), np.flatnonzero(np.diff(self.sides.game)) + 1)
        taught = int(self.weight.any(axis=1).sum())
        at_once = max(1, round(BATCH * len(games) / max(taught, 1)))
        dealt = dice.permutation(len(games))
        parts = [np.sort(dealt[start : start + at_once]) for start in range(0, len(dealt), at_once)]
        return [np.concatenate([games[game] for game in part]) for part in parts]

    def gradient(self, layers: Layers, rows: np.ndarray) -> np.ndarray:
        """As in `layers.py`, of these rows, as one row of numbers."""
        company = Company(self.sides.at(rows), self.present[rows])
        weight = self.weight[rows] / np.float32(BATCH)
        found = gradient(layers, self.inputs[rows], company, self.targets[rows], weight)
        return np.concatenate([of_part.ravel() for of_part in found])


def _member(given: _Rows, seed: int) -> tuple[Layer, ...]:
    dice = np.random.default_rng(seed)
    layers = _drawn(dice, given.inputs.shape[1], given.targets.shape[1])
    # All in one piece, of which the layers are views: a step is then a few sums, and not as many for each part.
    parts = np.concatenate([part.ravel() for layer in layers for part in layer])
    layers = _views(parts, layers)
    mean, square = np.zeros_like(parts), np.zeros_like(parts)
    batches = [rows for _ in range(EPOCHS) for rows in given.batches(dice)]
    for step, rows in enumerate(batches, start=1):
        slope = given.gradient(layers, rows)
        mean += np.float32(0.1) * (slope - mean)
        square += np.float32(0.001) * (slope * slope - square)
        rate = np.float32(_rate(step / len(batches)) / (1 - 0.9**step))
        unbiased = np.float32(1 / (1 - 0.999**step))
        parts -= rate * mean / (np.sqrt(square * unbiased) + np.float32(1e-8))
    return tuple(layers)


def _drawn(dice: np.random.Generator, features: int, outputs: int) -> list[Layer]:
    hidden, last = HIDDEN
    layers = []
    for wide, narrow in ((features, hidden), (hidden, EMBEDDING), (hidden + 2 * EMBEDDING, last), (last, outputs)):
        bound = 1 / np.sqrt(wide)
        drawn = dice.uniform(-bound, bound, (wide + 1, narrow)).astype("float32")
        layers.append((drawn[:-1], drawn[-1]))
    return layers


def _views(parts: np.ndarray, like: Sequence[Layer]) -> list[Layer]:
    """Layers of these shapes that share the memory of `parts`."""
    ends = np.cumsum([part.size for layer in like for part in layer])[:-1]
    pieces = iter(np.split(parts, ends))
    return [(next(pieces).reshape(weights.shape), next(pieces)) for weights, _ in like]


def _rate(done: float) -> float:
    """The learning rate after this share of the steps: up from a twenty-fifth and down to nothing, by cosines."""
    if done < _WARM_UP:
        return LEARNING_RATE * (1 - 0.96 * (1 + np.cos(np.pi * done / _WARM_UP)) / 2)
    return LEARNING_RATE * (1 + np.cos(np.pi * (done - _WARM_UP) / (1 - _WARM_UP))) / 2
