"""What networks say of many rows: those that differ in their outputs only are asked at once.

A cut-off's network is the same for all markets but for its last layer, and stored with each of them. What is in a file
is in `trained_model.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from nba_assets.markets import MARKETS
from nba_assets.models import registry
from nba_assets.models.company import Sides
from nba_assets.models.matrix import feature_matrix
from nba_assets.models.network import Network
from nba_assets.models.trained_model import TrainedModel

SERVED_BY = ["game_date", "information_set"]
"""By what a row of the features finds the rows of prop_model that serve it."""
_CHUNK = 8_000
"""About so many rows have their features side by side, or their distributions, in memory at once."""


def say(networks: Mapping[str, Network], rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Name -> what the network of that name says of each row.

    networks: each with the output of its name only, `actual_{name}`. rows: feature rows of
        ml_feature_store_v2, NULL where unknown; all that an information set has of a game.
    """
    bodies = sorted(((network.body(), name) for name, network in networks.items()))
    said: dict[str, np.ndarray] = {}
    for _, alike in groupby(bodies, key=lambda of_one: of_one[0]):
        network = Network.joined([networks[name] for _, name in alike])
        said |= network.predict(feature_matrix(rows, network.features), Sides.of(rows))
    return {name: said[f"actual_{name}"] for name in networks}


def of_markets(
    features: pd.DataFrame, models: pd.DataFrame, models_folder: Path, pool: Executor
) -> dict[str, np.ndarray]:
    """Market -> what the network of the model that serves it says of each row; NaN without a model.

    features, models: the days' rows of ml_feature_store_v2 and prop_model. pool: works on so many rows at once.
    """
    names = [market.name for market in MARKETS]
    wide = models.pivot(index=SERVED_BY, columns="market", values="model_id").reindex(columns=names)
    served = features[SERVED_BY].merge(wide.reset_index(), on=SERVED_BY, how="left", validate="many_to_one")
    hashes = dict(models[["model_id", "file_sha256"]].itertuples(index=False, name=None))
    said = {name: np.full(len(features), np.nan) for name in names}

    def parts() -> Iterator[tuple[dict[str, Network], pd.Index]]:
        for _, of_some in served.groupby(names, dropna=False):
            ids = of_some.iloc[0][names].dropna().items()
            networks = {
                str(market): TrainedModel.from_text(registry.load(models_folder, model_id, hashes[model_id])).network
                for market, model_id in ids
            }
            for _, days in of_some.groupby(chunks(of_some["game_date"])):
                yield networks, days.index

    def answer(part: tuple[dict[str, Network], pd.Index]) -> None:
        networks, places = part
        for market, values in say(networks, features.iloc[places]).items():
            said[market][places] = values

    for _ in pool.map(answer, parts()):
        pass
    return said


def chunks(days: pd.Series) -> pd.Series:
    """The number of each row's chunk. A day is never torn apart: a forecast rests on all who are expected in a game."""
    ends = days.groupby(days).size().cumsum()
    return days.map((ends - 1) // _CHUNK)
