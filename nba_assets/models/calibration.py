"""What is learned from past forecasts once they can be graded: how much each system's word counts, how wide the results
lie around the forecast, and how sure to be of it.

It is fitted on forecasts of days that their model had not seen, kept in prop_model beside the model that it belongs to,
and used on later days only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nba_assets.markets import Market
from nba_assets.models import distribution
from nba_assets.models.distribution import Distribution
from nba_assets.systems import LIGHTGBM, NETWORK
from nba_assets.tables.predictions import MINUTES_BANDS

MINIMUM_ROWS = 1_000
"""Fewer graded forecasts than this teach nothing: all systems count alike, no distribution."""
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEVELS = {"p10": (0.1, 0.02, 0.24), "p90": (0.9, 0.76, 0.98)}
"""Ends of the 80 % interval: the level, and how far from it the level that is read may be moved."""
SETTINGS = (MINIMUM_ROWS, _SHARES, _LEVELS, "weighted median", distribution.APART, MINUTES_BANDS)
"""What a calibration depends on besides its rows."""


@dataclass(frozen=True)
class Calibration:
    """share_of_squares: of the trees' two forecasts, the weight of the one that minimizes squares.

    weights: trained system -> its weight in the ensemble.
    distribution: of results around the ensemble's forecast. widths: system -> how much wider it lies around its own.
    levels: end of the 80 % interval -> band of projected minutes -> level that left 10 % of past results outside.
    """

    share_of_squares: float = 0.5
    weights: Mapping[str, float] = field(default_factory=dict)
    distribution: Distribution | None = None
    widths: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rows: int = 0

    def trees(self, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """The one forecast of the trees' two. Shape (rows,)."""
        return self.share_of_squares * answers["squares"] + (1 - self.share_of_squares) * answers["absolute"]

    def ensemble(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Weighted mean of the systems that spoke; NaN where none did.

        All count alike before anything is learned, and where none spoke that earned a weight.
        """
        matrix = np.column_stack(list(values.values()))
        is_spoken = ~np.isnan(matrix)
        weight = is_spoken * np.array([self.weights.get(system, 0.0) for system in values])
        unheard = weight.sum(axis=1) == 0
        weight[unheard] = is_spoken[unheard]
        with np.errstate(invalid="ignore"):
            return (weight * np.nan_to_num(matrix)).sum(axis=1) / weight.sum(axis=1)

    def shares(self, systems: tuple[str, ...]) -> dict[str, float]:
        """How the ensemble mixes these systems, as shares that add up to 1; alike where none earned a weight."""
        earned = {system: self.weights.get(system, 0.0) for system in systems}
        total = sum(earned.values())
        return {system: weight / total if total else 1 / len(systems) for system, weight in earned.items()}

    def level(self, end: str, usual: float, features: pd.DataFrame) -> np.ndarray:
        """Level at which a quantile is read per row: `usual`, but for the ends of the 80 % interval. Shape (rows,)."""
        levels, by_band = np.full(len(features), usual), self.levels.get(end, {})
        band = minutes_band(features) if by_band else None
        for name, moved in by_band.items():
            levels[band == name] = moved
        return levels

    def to_json(self) -> str:
        """As prop_model keeps it."""
        return json.dumps(
            {
                "share_of_squares": self.share_of_squares,
                "weights": dict(self.weights),
                "distribution": self.distribution.to_dict() if self.distribution else None,
                "widths": dict(self.widths),
                "levels": {end: dict(of_band) for end, of_band in self.levels.items()},
                "rows": self.rows,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """What `to_json` wrote."""
        stored = json.loads(text)
        kept = stored.pop("distribution")
        # The first calibrations added one to a weighted sum.
        stored.pop("intercept", None)
        return cls(**stored, distribution=Distribution.from_dict(kept) if kept else None)


def fit(
    features: pd.DataFrame,
    actual: np.ndarray,
    trees: Mapping[str, np.ndarray],
    values: Mapping[str, np.ndarray],
    market: Market,
) -> Calibration:
    """Learn from forecasts that can be graded.

    features: feature rows of days that the trees had not seen. actual: what happened. trees: objective -> forecast.
    values: the other systems' forecasts, NaN where silent. All of the same rows.
    """
    if len(actual) < MINIMUM_ROWS:
        return Calibration(rows=len(actual))
    mixes = {share: Calibration(share).trees(trees) for share in _SHARES}
    share = min(_SHARES, key=lambda s: (float(np.abs(mixes[s] - actual).mean()), abs(s - 0.5)))
    systems = {**values, LIGHTGBM: mixes[share]}
    weights = _earned(systems, actual)
    earned = Calibration(share, weights, rows=len(actual))
    predicted = earned.ensemble(systems)
    inputs = spread_inputs(features, predicted, systems, market)
    fitted = distribution.fit(predicted, inputs, actual)
    return Calibration(
        share,
        weights,
        fitted,
        widths=_widths(predicted, systems, actual),
        levels=_interval_levels(fitted.cumulative(predicted, inputs), actual, minutes_band(features)),
        rows=len(actual),
    )


def spread_inputs(
    features: pd.DataFrame, predicted: np.ndarray, values: Mapping[str, np.ndarray], market: Market
) -> np.ndarray:
    """What the width of a row's distribution depends on. Shape (rows, 8).

    The forecast; how much the player's minutes vary; the first games of his season and the last tenth of his team's,
    when minutes follow other rules; and how far the systems are apart.
    """
    root = distribution.root(predicted)
    varying = features["minutes_std_last_10"].astype("float64").fillna(6.0).clip(0, 14).to_numpy() / 6
    early = (features["games_played_season"].fillna(0) < 8).to_numpy(dtype="float64")
    late = ((features["team_games_played_season"].fillna(0).to_numpy(dtype="float64") / 82 - 0.9) / 0.1).clip(0, 1)
    apart = disagreement(values, market)
    return np.column_stack([np.ones(len(root)), root, root**2, varying, varying * root, early, late, apart])


def disagreement(values: Mapping[str, np.ndarray], market: Market) -> np.ndarray:
    """Standard deviation between the systems that spoke, in deviations of the market; 0 where one alone did."""
    matrix = np.column_stack(list(values.values()))
    is_spoken = ~np.isnan(matrix)
    spoken = np.maximum(is_spoken.sum(axis=1), 1)
    mean = np.nan_to_num(matrix).sum(axis=1) / spoken
    squares = np.where(is_spoken, np.square(matrix - mean[:, None]), 0.0).sum(axis=1)
    return np.minimum(np.sqrt(squares / spoken) / market.deviation, 1.5)


def minutes_band(features: pd.DataFrame) -> np.ndarray:
    """Name of each row's band of projected minutes; None where they are unknown."""
    minutes = features["projected_minutes"].to_numpy(dtype="float64")
    band = np.full(len(minutes), None, dtype=object)
    for name, end in reversed(MINUTES_BANDS.items()):
        band[minutes < end] = name
    return band


def _earned(values: Mapping[str, np.ndarray], actual: np.ndarray) -> dict[str, float]:
    """Weights of the two trained systems, adding up to 1, that minimize the mean absolute error.

    That is a median: of where between the two each result lies, weighted by how far they are apart. With weights for
    the others, or an intercept, an ensemble errs more on days that taught it nothing (docs/forecasts.md).
    """
    apart = values[NETWORK] - values[LIGHTGBM]
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (actual - values[LIGHTGBM]) / apart
    known = np.flatnonzero(np.isfinite(between))
    if not len(known):
        return {LIGHTGBM: 0.5, NETWORK: 0.5}
    order = known[np.argsort(between[known], kind="stable")]
    reached = np.cumsum(np.abs(apart[order]))
    share = float(np.clip(between[order[np.searchsorted(reached, reached[-1] / 2)]], 0.0, 1.0))
    return {LIGHTGBM: 1 - share, NETWORK: share}


def _widths(predicted: np.ndarray, values: Mapping[str, np.ndarray], actual: np.ndarray) -> dict[str, float]:
    """System -> size of its residuals over the ensemble's on the same rows, on the scale of the square root."""
    root = distribution.root(actual)
    residual = np.abs(root - distribution.root(predicted))
    widths = {}
    for system, value in values.items():
        is_spoken = ~np.isnan(value)
        if is_spoken.any():
            own = np.abs(root[is_spoken] - distribution.root(value[is_spoken]))
            widths[system] = float(own.mean() / residual[is_spoken].mean())
    return widths


def _interval_levels(cumulative: np.ndarray, actual: np.ndarray, band: np.ndarray) -> dict[str, dict[str, float]]:
    """Levels that leave a tenth of the results below p10 and a tenth above p90, per band of projected minutes.

    Split conformal prediction (Romano et al. 2019) on the level instead of the value. Counts are coarse: with a quarter
    of the results at zero, an interval read at 10 % from a low forecast takes them all in.
    """
    levels: dict[str, dict[str, float]] = {end: {} for end in _LEVELS}
    level = distribution.level_of(cumulative, actual)
    for name in MINUTES_BANDS:
        chosen = band == name
        if chosen.sum() < MINIMUM_ROWS // 2:
            continue
        own = np.sort(level[chosen])
        for end, (target, low, high) in _LEVELS.items():
            grid = np.linspace(low, high, 45)
            # A result is outside p10 if that is read at a higher level than its own, inside p90 at the same one too.
            found = np.searchsorted(own, grid, "left") if target < 0.5 else np.searchsorted(own, grid, "right")
            outside = found / len(own)
            levels[end][name] = float(grid[np.argmin(np.abs(outside - target))])
    return levels
