"""Graded predictions settled as bets of one unit, as recommended and as the baselines would have bet instead."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.models.odds import ASSUMED_PRICE_AMERICAN
from nba_assets.transforms.odds import decimal_odds, implied_probability

RECOMMENDED, ALWAYS_OVER, ALWAYS_UNDER, OPPOSITE = "recommended", "always over", "always under", "opposite"
STRATEGIES = (RECOMMENDED, ALWAYS_OVER, ALWAYS_UNDER, OPPOSITE)
"""The recommendations first, then what they are held against, on the same bets."""

BANDS = ("below 0 %", "0 to 5 %", "5 to 10 %", "10 to 20 %", "20 % and more", "unknown")
"""Of expected value per unit staked, each from its lower end on."""

COLUMNS = (
    "game_date",
    "player_id",
    "market",
    "system_id",
    "information_set",
    "recommendation",
    "line",
    "over_price_american",
    "under_price_american",
    "over_probability",
    "expected_value",
    "closing_line",
    "line_result",
)


def graded_bets(
    prediction_accuracy: ir.Table,
    market: str | None = None,
    information_set: str | None = None,
    system_id: str | None = None,
) -> ir.Table:
    """The graded predictions that recommend a side, with `COLUMNS`; of one market, set or system where it is named."""
    rows = prediction_accuracy.select(*COLUMNS)
    wanted = {"market": market, "information_set": information_set, "system_id": system_id}
    return rows.filter(
        rows.recommendation.isin(["OVER", "UNDER"]) & rows.line_result.notnull(),
        *(rows[name] == value for name, value in wanted.items() if value is not None),
    )


def settled(bets: ir.Table) -> ir.Table:
    """Each of `graded_bets` once per strategy, at the price of the side that the strategy takes.

    side: OVER or UNDER. is_assumed_price: nobody quotes the side's price, so -110 is taken.
    is_win: NULL for a push. profit: units per unit staked, 0 for a push.
    break_even_probability: of the price taken; NULL for a push, which is no part of a hit rate.
    closing_line_value: how far the line moved the side's way until it closed, in the market's own unit; NULL where the
        closing line is unknown.
    month: `2022-01`. band: one of `BANDS`, by the recommendation's expected value whatever the strategy.
    """
    each = bets.mutate(strategy=ibis.array([ibis.literal(name) for name in STRATEGIES]).unnest())
    other_side = (each.recommendation == "OVER").ifelse("UNDER", "OVER")
    sided = each.mutate(
        side=ibis.cases(
            (each.strategy == ALWAYS_OVER, "OVER"),
            (each.strategy == ALWAYS_UNDER, "UNDER"),
            (each.strategy == OPPOSITE, other_side),
            else_=each.recommendation,
        ),
        month=each.game_date.strftime("%Y-%m"),
        band=_band(each.expected_value),
    )
    is_over, is_push = sided.side == "OVER", sided.line_result == "PUSH"
    quoted = is_over.ifelse(sided.over_price_american, sided.under_price_american)
    price = quoted.coalesce(ASSUMED_PRICE_AMERICAN)
    moved = sided.closing_line - sided.line
    won = sided.side == sided.line_result
    return sided.mutate(
        is_assumed_price=quoted.isnull(),
        is_win=is_push.ifelse(ibis.null("boolean"), won),
        profit=ibis.cases((is_push, 0.0), (won, decimal_odds(price) - 1), else_=-1.0),
        break_even_probability=is_push.ifelse(ibis.null("float64"), implied_probability(price)),
        closing_line_value=is_over.ifelse(moved, -moved),
    )


def _band(expected_value: ir.FloatingValue) -> ir.StringValue:
    ends = (0.0, 0.05, 0.10, 0.20)
    below = ((expected_value < end, band) for end, band in zip(ends, BANDS, strict=False))
    return ibis.cases((expected_value.isnull(), BANDS[-1]), *below, else_=BANDS[-2])
