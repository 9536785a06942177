"""What the systems share: the form of their answer and the confidence that history supports."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market


def history_confidence(features: ir.Table, market: Market) -> ir.FloatingValue:
    """0..1: grows with games this season, shrinks with volatility, never above 0.8; a system may add to it."""
    # Engines differ on the least of NULL and 10; unknown is none here.
    games = ibis.least(ibis.coalesce(features.games_played_season, 0), 10) / 10
    average = ibis.coalesce(features[f"{market.statistic}_avg_last_10"], 0.0)
    deviation = ibis.coalesce(features[f"{market.statistic}_std_last_10"], average)
    steadiness = 1 - ibis.least(deviation / (average + 1), 1.0)
    return 0.2 + 0.4 * games + 0.2 * steadiness


def answer(
    features: ir.Table,
    market: Market,
    system_id: str,
    predicted: ir.FloatingValue,
    confidence: ir.FloatingValue,
    silence: ir.StringValue,
) -> ir.Table:
    """The system's rows: game_date, player_id, market, system_id, predicted_value, confidence_score, reason."""
    spoken = predicted.notnull() & silence.isnull()
    return features.select(
        "game_date",
        "player_id",
        market=ibis.literal(market.name),
        system_id=ibis.literal(system_id),
        predicted_value=spoken.ifelse(ibis.greatest(predicted.cast("float64"), 0.0), ibis.null("float64")),
        confidence_score=spoken.ifelse(confidence.cast("float64"), ibis.null("float64")),
        reason=spoken.ifelse(ibis.null("string"), ibis.coalesce(silence, "an input is unknown")),
    )
