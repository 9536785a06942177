"""What models said of days that they had not seen, which is what a calibration is learned from. Each is asked once.

What is learned is in `calibration.py`; what is stored of it, and which models there are, in `prop_model.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from nba_assets.days import DayRange
from nba_assets.markets import MARKETS, Market
from nba_assets.models import calibration, regression, together, training
from nba_assets.models.cutoffs import cutoffs_before
from nba_assets.models.network import Network
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import UNTRAINED
from nba_assets.tables.record import PREVIOUS_SEASON
from nba_assets.transforms.as_of import is_before_cutoff

CALIBRATED_ON = 3
"""So many cut-offs' models before a model have their forecasts graded for it: those of a year."""

Served = Mapping[date, np.ndarray]
"""Cut-off -> which rows of the frame its model served. Shape (rows,)."""
ModelOf = Callable[[Market, date], TrainedModel | None]
"""The model of a market and cut-off; None if there is none."""


@dataclass
class PastForecasts:
    """Of one information set.

    frame, hashes: rows of `transforms/predictions/training_rows.py`, and `training.row_hashes` of them. Whose models
    these are is told with each question and not kept: frames are large, and to be gone with the last who needs them.
    """

    frame: pd.DataFrame
    hashes: np.ndarray
    _of_trees: dict[tuple[str, date, int], dict[str, np.ndarray]] = field(default_factory=dict)
    """What a model's trees said of the rows that it served, so many up to the next cut-off."""
    _of_networks: dict[tuple[date, int], dict[str, np.ndarray]] = field(default_factory=dict)
    """What the networks of a cut-off said of them, by market."""

    def __post_init__(self) -> None:
        said = self.frame[[f"{system}_{market.name}" for market in MARKETS for system in UNTRAINED]].astype("float64")
        self._said_hashes = pd.util.hash_pandas_object(said, index=False).to_numpy()

    def served_before(self, cutoff: date) -> dict[date, np.ndarray]:
        """The cut-offs whose models teach this one's calibration, the latest first; without those that served no row.

        Days before the previous season are left out, as the untrained systems' answers are not read of them.
        """
        served, until = {}, cutoff
        oldest = PREVIOUS_SEASON.days_for(DayRange(cutoff, cutoff)).first
        for earlier in cutoffs_before(cutoff, CALIBRATED_ON):
            rows = is_before_cutoff(self.frame["game_date"], max(earlier, oldest), until).to_numpy()
            if rows.any():
                served[earlier] = rows
            until = earlier
        return served

    def depend_on(self, market: Market, served: Served, fingerprint: Callable[[Market, date], str]) -> str:
        """What a calibration depends on, as one hash: the models before, the rows that they served, the settings.

        fingerprint: what a model's training depends on.
        """
        digest = hashlib.sha256(repr((calibration.SETTINGS, market)).encode())
        for cutoff, rows in served.items():
            digest.update(fingerprint(market, cutoff).encode())
            digest.update(self.hashes[rows].tobytes() + self._said_hashes[rows].tobytes())
        return digest.hexdigest()

    def ask_networks(self, pool: Executor, wanted: Iterable[tuple[Market, Served]], model_of: ModelOf) -> None:
        """Have the networks say what `graded` will be asked for, those of all markets at once."""
        asked: dict[tuple[date, int], tuple[np.ndarray, dict[str, Network]]] = {}
        for market, served in wanted:
            for cutoff, rows in served.items():
                if (model := model_of(market, cutoff)) is not None:
                    _, networks = asked.setdefault((cutoff, int(rows.sum())), (rows, {}))
                    networks[market.name] = model.network
        answers = pool.map(lambda of_one: together.say(of_one[1], self.frame[of_one[0]]), asked.values())
        for at, said in zip(asked, answers, strict=True):
            self._of_networks[at] = self._of_networks.get(at, {}) | said

    def graded(
        self, market: Market, served: Served, model_of: ModelOf
    ) -> tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray]:
        """Rows that were played, what the trees said of them (objective -> answers), and what the network did."""
        frames, networks = [self.frame.iloc[:0]], [np.empty(0)]
        answers = [{name: np.empty(0) for name in regression.OBJECTIVES}]
        for cutoff, is_served in served.items():
            model, rows = model_of(market, cutoff), self.frame[is_served]
            if model is not None:
                at = (market.name, cutoff, len(rows))
                if at not in self._of_trees:
                    self._of_trees[at] = model.trees(rows)
                has_played = training.is_played(rows)
                frames.append(rows[has_played])
                answers.append({name: said[has_played] for name, said in self._of_trees[at].items()})
                networks.append(self._of_networks[cutoff, len(rows)][market.name][has_played])
        trees = {name: np.concatenate([given[name] for given in answers]) for name in regression.OBJECTIVES}
        return pd.concat(frames), trees, np.concatenate(networks)
