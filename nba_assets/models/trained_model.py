"""What is stored of a training in one market: a linear fit with its trees, and the network's part for the market."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nba_assets.models.matrix import feature_matrix
from nba_assets.models.network import Network
from nba_assets.models.regression import Regression


@dataclass(frozen=True)
class TrainedModel:
    """regression: what the system `lightgbm` says. network: what `network` says; it has the market's output only."""

    regression: Regression
    network: Network

    def trees(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """The trees' forecasts by objective; what networks say is asked of several at once, in `together.py`.

        rows: feature rows of ml_feature_store_v2, NULL where unknown. Shape of each (rows,).
        """
        return self.regression.predict(feature_matrix(rows, self.regression.features))

    def to_text(self) -> str:
        """The whole model as JSON of its parts' own texts."""
        return json.dumps({"regression": self.regression.to_text(), "network": self.network.to_text()})

    @classmethod
    def from_text(cls, text: str) -> TrainedModel:
        """The model that `to_text` wrote."""
        stored = json.loads(text)
        return cls(Regression.from_text(stored["regression"]), Network.from_text(stored["network"]))
