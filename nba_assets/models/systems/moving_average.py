"""moving_average: half the last 5 games, three tenths the last 10, two tenths the season, then small adjustments."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.models.systems.common import answer, season_mean

SYSTEM_ID = "moving_average"
_TYPICAL_POINTS = 10.0
"""The composite factors are in points for a player of about this average. Other players get their share of them, and
other markets the same share of their own forecast."""
_WEIGHTS = {"fatigue_score": 0.01, "shot_zone_mismatch_score": 0.05, "pace_score": 0.1, "usage_spike_score": 0.3}


def predict(features: ir.Table, market: Market) -> ir.Table:
    """One row per feature row. Before a player's first game of the season the previous season stands in for it."""
    name = market.statistic
    season = season_mean(features, market)
    base = 0.5 * features[f"{name}_avg_last_5"] + 0.3 * features[f"{name}_avg_last_10"] + 0.2 * season
    # The mismatch is that of the zone where the player scores most, whichever it is.
    mismatch = ibis.coalesce(features.shot_zone_mismatch_score, 0.0) if "paint" in market.zone_values else 0.0
    adjustment = (
        _WEIGHTS["fatigue_score"] * (ibis.coalesce(features.fatigue_score, 100.0) - 100)
        + _WEIGHTS["shot_zone_mismatch_score"] * mismatch
        + _WEIGHTS["pace_score"] * ibis.coalesce(features.pace_score, 0.0)
        + _WEIGHTS["usage_spike_score"] * ibis.coalesce(features.usage_spike_score, 0.0)
    )
    silence = (features.games_used == 0).ifelse("no earlier game", ibis.null("string"))
    predicted = base + adjustment * base / _TYPICAL_POINTS
    return answer(features, predicted, silence)
