"""Walk-forward training: which rows a model may see, how much each counts, and what it says of days it has not seen.

When models are trained anew is in `cutoffs.py`; how one is fitted in `regression.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd

from nba_assets.days import FIRST_DAY, season_boundary, season_year_of
from nba_assets.markets import MARKETS, Market
from nba_assets.models import network, regression
from nba_assets.models.features import NETWORK_FEATURES, features_of
from nba_assets.models.network import Network
from nba_assets.models.regression import Regression
from nba_assets.models.trained_model import feature_matrix
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.as_of import is_before_cutoff

MINIMUM_ROWS = 2_000
"""Fewer player-days than this and no model is trained: the means of the other systems are better."""
PREVIOUS_SEASONS = 2
"""So many seasons before the cut-off's own are trained on."""
SEASON_WEIGHT = 0.8
"""A row counts this much for each season that lies between it and the cut-off."""


_SMALL_COUNTS = 2.0
"""A market with a deviation below this is of counts that are 0 or 1 for many."""
ACTUAL = (*(f"actual_{market.name}" for market in MARKETS), "actual_minutes")
"""What happened, per training row: what the network learns, and of markets what the trees do."""


@dataclass(frozen=True)
class Trained:
    """A model and what is to be said of it; `model` is None if there were too few rows, and `reason` says so."""

    model: Regression | None
    rows: int
    first_day: date | None
    last_day: date | None
    reason: str | None


def training_start(cutoff: date, previous_seasons: int = PREVIOUS_SEASONS) -> date:
    """First day whose rows a model with this cut-off may see."""
    return max(season_boundary(season_year_of(cutoff) - previous_seasons), FIRST_DAY)


def row_hashes(frame: pd.DataFrame) -> np.ndarray:
    """A hash of what a training sees of each row, in any market. Shape (rows,).

    As numbers of one type: a column is read as whole numbers or not by what else was read with it.
    """
    seen_of_row = ["season_year", *FEATURES, *ACTUAL]
    numbers = frame[seen_of_row].astype("float64")
    return pd.util.hash_pandas_object(numbers.assign(**frame[["game_date", "player_id"]]), index=False).to_numpy()


def fingerprint(hashes: np.ndarray, market: Market) -> str:
    """What a training depends on, as one hash: its rows (`row_hashes`), the parameters, the library's release.

    The rows' order in the frame is that of their key, and so does not depend on how they were read.
    """
    digest = hashlib.sha256(np.ascontiguousarray(hashes).tobytes())
    settings = (
        sorted(regression.PARAMETERS.items()),
        regression.ROUNDS,
        regression.RIDGE,
        SEASON_WEIGHT,
    )
    of_network = (network.settings(), NETWORK_FEATURES)
    digest.update(repr((settings, _takes_medians(market), features_of(market), lgb.__version__, of_network)).encode())
    return digest.hexdigest()


def seen(days: pd.Series, cutoff: date) -> np.ndarray:
    """Which rows a model with this cut-off is trained on. Shape (rows,)."""
    return is_before_cutoff(days, training_start(cutoff), cutoff).to_numpy()


def train(frame: pd.DataFrame, market: Market, cutoff: date) -> Trained:
    """Train on the rows before the cut-off.

    frame: one row per player-day that was played: game_date (64-bit), season_year, the features and ACTUAL, in the
        order of its key. Rows on or after the cut-off are ignored, so that one frame serves
        many cut-offs.
    """
    usable = frame[seen(frame["game_date"], cutoff)]
    if len(usable) < MINIMUM_ROWS:
        reason = f"{len(usable)} player-days before {cutoff}; at least {MINIMUM_ROWS} are needed"
        return Trained(None, len(usable), None, None, reason)
    features = features_of(market)
    model = regression.fit(
        feature_matrix(usable, features),
        usable[f"actual_{market.name}"].to_numpy(dtype="float64"),
        _weight(usable, cutoff),
        features,
        takes_medians=_takes_medians(market),
    )
    days = usable["game_date"]
    return Trained(model, len(usable), days.iloc[0].date(), days.iloc[-1].date(), None)


def train_network(frame: pd.DataFrame, cutoff: date) -> Network:
    """Train the network of all markets on the rows before the cut-off, of which there must be enough; as `train`."""
    usable = frame[seen(frame["game_date"], cutoff)]
    actual = usable[list(ACTUAL)].to_numpy(dtype="float64")
    return network.fit(
        feature_matrix(usable, NETWORK_FEATURES), actual, _weight(usable, cutoff), NETWORK_FEATURES, ACTUAL
    )


def _takes_medians(market: Market) -> bool:
    return market.deviation < _SMALL_COUNTS


def _weight(rows: pd.DataFrame, cutoff: date) -> np.ndarray:
    return SEASON_WEIGHT ** (season_year_of(cutoff) - rows["season_year"].to_numpy(dtype="float64"))
