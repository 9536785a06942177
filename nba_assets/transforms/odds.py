"""American odds as expressions over tables. The same over arrays, with sources, is in `models/odds.py`."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def decimal_odds(price_american: ir.NumericValue) -> ir.FloatingValue:
    """What a winning unit returns, stake included; NULL where the price is unknown or between -100 and 100."""
    return ibis.cases(
        (price_american >= 100, 1 + price_american / 100.0),
        (price_american <= -100, 1 - 100.0 / price_american),
    )


def implied_probability(price_american: ir.NumericValue) -> ir.FloatingValue:
    """The price's break-even probability, which has the bookmaker's margin in it."""
    return 1 / decimal_odds(price_american)


def fair_over_probability(
    over_price_american: ir.NumericValue, under_price_american: ir.NumericValue
) -> ir.FloatingValue:
    """Over probability without the margin (Shin's method for two outcomes); NULL unless both prices are known."""
    return (1 + implied_probability(over_price_american) - implied_probability(under_price_american)) / 2
