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
from nba_assets.models import matrix, network_training, regression
from nba_assets.models.company import Sides
from nba_assets.models.features import MODEL_FEATURES, linear_features
from nba_assets.models.matrix import TrainingMatrix, feature_matrix, training_matrix
from nba_assets.models.network import Network
from nba_assets.models.regression import Regression
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.as_of import is_before_cutoff
from nba_assets.transforms.predictions.training_rows import BESIDE_MARKETS

MINIMUM_ROWS = 2_000
"""Fewer player-days than this and no model is trained: the means of the other systems are better."""
PREVIOUS_SEASONS = 2
"""So many seasons before the cut-off's own are trained on."""
SEASON_WEIGHT = 0.8
"""A row counts this much for each season that lies between it and the cut-off."""


_SMALL_COUNTS = 2.0
"""A market with a deviation below this is of counts that are 0 or 1 for many."""
BESIDE = tuple(f"actual_{statistic}" for statistic in BESIDE_MARKETS)
ACTUAL = (*(f"actual_{market.name}" for market in MARKETS), *BESIDE)
"""What happened, per training row: what the network learns, and of markets what the trees do."""
IMPORTANCE = tuple(0.3 if name in BESIDE and name != "actual_minutes" else 1.0 for name in ACTUAL)
"""How much an error in each of ACTUAL counts for the network: minutes as much as a market, since all need them."""


@dataclass(frozen=True)
class Seen:
    """The rows that a cut-off's models see, made ready for them.

    days: of each row. matrix: all features that any of the models is trained on; None if there are too few rows.
    actual: shape (rows, len(ACTUAL)). absent: the features of those who were expected in the same games and did not
    play. sides: of the rows, followed by those of `absent`.
    """

    cutoff: date
    days: pd.Series
    matrix: TrainingMatrix | None
    actual: np.ndarray
    absent: np.ndarray
    sides: Sides


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
    """Hashes of what a training sees of each row, in any market, and of its key. Shape (rows, 2).

    As numbers of one type: a column is read as whole numbers or not by what else was read with it.
    """
    hashes = np.empty((len(frame), 2), dtype="uint64")
    for first in range(0, len(frame), matrix.COPIED):
        some = frame.iloc[first : first + matrix.COPIED]
        seen_of_row = some[["season_year", *FEATURES, *ACTUAL]].astype("float64")
        for place, part in enumerate((seen_of_row, some[["game_date", "game_id", "team_id", "player_id"]])):
            hashes[first : first + matrix.COPIED, place] = pd.util.hash_pandas_object(part, index=False)
    return hashes


def fingerprint(hashes: np.ndarray, market: Market) -> str:
    """What a training depends on, as one hash: its rows (`row_hashes`), the parameters, the library's release.

    The rows' order in the frame is that of their key, and so does not depend on how they were read.
    """
    digest = hashlib.sha256(np.ascontiguousarray(hashes).tobytes())
    digest.update(settings(market).encode())
    return digest.hexdigest()


def settings(market: Market) -> str:
    """What a training depends on besides its rows, as text: the parameters, the library's release."""
    of_trees = (
        sorted(regression.PARAMETERS.items()),
        regression.ROUNDS,
        regression.RIDGE,
        matrix.CLIP,
        SEASON_WEIGHT,
    )
    of_network = (network_training.settings(), MODEL_FEATURES, ACTUAL, IMPORTANCE)
    return repr((of_trees, takes_medians(market), linear_features(market), lgb.__version__, of_network))


def is_seen(days: pd.Series, cutoff: date) -> np.ndarray:
    """Which rows a model with this cut-off sees. Shape (rows,)."""
    return is_before_cutoff(days, training_start(cutoff), cutoff).to_numpy()


def is_played(frame: pd.DataFrame) -> np.ndarray:
    """Whose game is a row to learn from or to be graded; the others were expected beside them. Shape (rows,)."""
    return frame[ACTUAL[0]].notna().to_numpy()


def look_back(frame: pd.DataFrame, cutoff: date) -> Seen:
    """The rows before the cut-off.

    frame: one row per player-day: game_date (64-bit), game_id, team_id, season_year, the features and ACTUAL, which is
        NULL if he did not play, in the order of its key. Rows on or after the cut-off are ignored, so that one frame
        serves many cut-offs.
    """
    has_played, before = is_played(frame), is_seen(frame["game_date"], cutoff)
    rows, others = np.flatnonzero(before & has_played), np.flatnonzero(before & ~has_played)
    of_all, absent = None, np.empty((0, len(MODEL_FEATURES)))
    if len(rows) >= MINIMUM_ROWS:
        age = season_year_of(cutoff) - frame["season_year"].to_numpy(dtype="float64")[rows]
        of_all = training_matrix(feature_matrix(frame, MODEL_FEATURES, rows), SEASON_WEIGHT**age, MODEL_FEATURES)
        absent = feature_matrix(frame, MODEL_FEATURES, others)
    sides = Sides.of(frame[["game_id", "team_id"]].iloc[np.concatenate([rows, others])])
    return Seen(cutoff, frame["game_date"].iloc[rows], of_all, feature_matrix(frame, ACTUAL, rows), absent, sides)


def binned(seen: Seen) -> lgb.Dataset | None:
    """What the trees of all markets are trained on; None if there are too few rows."""
    return None if seen.matrix is None else regression.binned(seen.matrix)


def train(seen: Seen, in_bins: lgb.Dataset | None, market: Market) -> Trained:
    """The market's linear fit and trees. in_bins: as `binned` gives it."""
    if seen.matrix is None or in_bins is None:
        reason = f"{len(seen.days)} player-days before {seen.cutoff}; at least {MINIMUM_ROWS} are needed"
        return Trained(None, len(seen.days), None, None, reason)
    actual = seen.actual[:, ACTUAL.index(f"actual_{market.name}")]
    model = regression.fit(seen.matrix, in_bins, actual, linear_features(market), takes_medians(market))
    return Trained(model, len(seen.days), seen.days.iloc[0].date(), seen.days.iloc[-1].date(), None)


def train_network(seen: Seen) -> Network | None:
    """The network of all markets; None if there are too few rows."""
    if seen.matrix is None:
        return None
    return network_training.fit(seen.matrix, seen.actual, seen.sides, ACTUAL, IMPORTANCE, seen.absent)


def takes_medians(market: Market) -> bool:
    """Whether its trees minimize the absolute error to the letter, which takes twice as long."""
    return market.deviation < _SMALL_COUNTS
