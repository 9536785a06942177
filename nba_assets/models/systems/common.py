"""What the systems that need no training share: the season's mean and the form of their answer."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.tables.features import ML_FEATURE_STORE_V2


def season_mean(features: ir.Table, market: Market) -> ir.FloatingValue:
    """Mean of this season's games; before the first of them, of the previous season's."""
    name = market.statistic
    return ibis.coalesce(features[f"{name}_avg_season"], features[f"{name}_avg_previous_season"])


def answer(features: ir.Table, predicted: ir.FloatingValue, silence: ir.StringValue) -> ir.Table:
    """The system's rows: the key of the feature row, predicted_value, reason."""
    key = ML_FEATURE_STORE_V2.key
    spoken = predicted.notnull() & silence.isnull()
    return features.select(
        *key,
        predicted_value=spoken.ifelse(ibis.greatest(predicted.cast("float64"), 0.0), ibis.null("float64")),
        reason=spoken.ifelse(ibis.null("string"), ibis.coalesce(silence, "an input is unknown")),
    )
