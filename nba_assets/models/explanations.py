"""Why the trained systems forecast what they do: the features that moved the forecast most, as reasons with words.

That a star scores is no news. The baseline is therefore the player's own usual night: of every feature counts what it
contributes more than it would at its mean over his nights of the season. The numbers are worked out in
`contributions.py`; which features are one reason, and its words, are in `reasons.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models.calibration import Calibration
from nba_assets.models.company import Sides
from nba_assets.models.contributions import Contributions, of_network, of_regression
from nba_assets.models.matrix import feature_matrix
from nba_assets.models.reasons import group_of, words
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import LIGHTGBM, NETWORK, TRAINED

_WIDE = 2.0
"""Effects in a market with a wider deviation are told to one decimal place, in the others to two."""


@dataclass(frozen=True)
class Reason:
    """A group of features. effect: what it adds to the forecast, in the market's own unit. text: both in words."""

    group: str
    effect: float
    text: str


@dataclass(frozen=True)
class Explanation:
    """usual, forecast: what the model says of the player's usual night, and of this one, in the market's own unit.

    reasons: what moved the one to the other most, the strongest first.
    """

    usual: float
    forecast: float
    reasons: tuple[Reason, ...]


def explain(
    model: TrainedModel,
    learned: Calibration,
    features: pd.DataFrame,
    market: Market,
    usual: pd.DataFrame | None = None,
    top: int = 3,
    asked: Sequence[int] | None = None,
) -> list[Explanation]:
    """Per row why the trained systems, mixed as the ensemble mixes them, say what they say.

    features: rows of ml_feature_store_v2, all that an information set has of a game. asked: places of those to be
    explained, all if not given. usual: of each of these, in the same order, the features of the player's usual night;
    a row of which nothing is known, or all of them if it is None, is held against the average training row. A reason
    too small to be shown is left out.
    """
    places = list(range(len(features)) if asked is None else asked)
    baseline, of_group = _mixed(model, learned, features, places, usual)
    nights = _records(features.iloc[places])
    usual_nights = [{}] * len(nights) if usual is None else _records(usual)
    digits = 1 if market.deviation > _WIDE else 2
    found = []
    for night, usual_night, effects, start in zip(nights, usual_nights, _records(of_group), baseline, strict=True):
        reasons = tuple(
            Reason(group, effect, f"{effect:+.{digits}f} {words(group, night, usual_night, market)}")
            for group, effect in _strongest(effects, digits, top)
        )
        found.append(Explanation(start, start + sum(effects.values()), reasons))
    return found


def _mixed(
    model: TrainedModel,
    learned: Calibration,
    features: pd.DataFrame,
    places: list[int],
    usual: pd.DataFrame | None,
) -> tuple[list[float], pd.DataFrame]:
    """The baseline of each row at these places, and what each group of features adds to it: a column per group."""

    def nights(names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        matrix = feature_matrix(features.iloc[places], names)
        return matrix, np.full_like(matrix, np.nan) if usual is None else feature_matrix(usual, names)

    def grouped(found: Contributions, names: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(found.parts.T).groupby([group_of(name) for name in names], sort=False).sum().T

    of_trees, of_net = model.regression.features, model.network.features
    trees = of_regression(model.regression, learned.share_of_squares, *nights(of_trees))
    inputs = model.network.inputs(feature_matrix(features, of_net), Sides.of(features))[places]
    net = of_network(model.network, inputs, *nights(of_net))
    share = learned.shares(TRAINED)
    groups = (grouped(trees, of_trees) * share[LIGHTGBM]).add(grouped(net, of_net) * share[NETWORK], fill_value=0.0)
    return (share[LIGHTGBM] * trees.baseline + share[NETWORK] * net.baseline).tolist(), groups


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _strongest(effects: Mapping[str, float], digits: int, top: int) -> list[tuple[str, float]]:
    shown = [(group, effect) for group, effect in effects.items() if round(effect, digits)]
    return sorted(shown, key=lambda pair: -abs(pair[1]))[:top]
