"""Tiers and reasons: how much history stands behind a row, in words. One definition for all tables."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def tier(games_this_season: ir.IntegerValue, games_previous_season: ir.IntegerValue) -> ir.StringValue:
    """high, medium, low, previous_season or no_history; see the record of quality_tier. NULL counts as none."""
    this_season = ibis.coalesce(games_this_season, 0)
    return ibis.cases(
        (this_season >= 10, "high"),
        (this_season >= 5, "medium"),
        (this_season >= 1, "low"),
        (ibis.coalesce(games_previous_season, 0) >= 1, "previous_season"),
        else_="no_history",
    )


def reasons(*statements: tuple[ir.BooleanValue, str]) -> ir.StringValue:
    """The texts whose condition holds, joined by '; '; NULL if none does."""
    text: ir.StringValue = ibis.literal("")
    for condition, reason in statements:
        text = text + ibis.coalesce(condition, False).ifelse(f"; {reason}", "")
    return text.substr(2).nullif("")


def joined_reasons(first: ir.StringValue, second: ir.StringValue) -> ir.StringValue:
    """Two lists of reasons as one; NULL if both are."""
    return ibis.coalesce(first + "; " + second, first, second)


def history_reasons(
    games_this_season: ir.IntegerValue, games_previous_season: ir.IntegerValue
) -> tuple[tuple[ir.BooleanValue, str], ...]:
    """Why the tier is below high."""
    none_before = ibis.coalesce(games_previous_season, 0) == 0
    return (
        ((games_this_season == 0) & none_before, "first game ever"),
        ((games_this_season == 0) & ~none_before, "no game yet this season"),
        ((games_this_season >= 1) & (games_this_season < 10), "fewer than 10 games this season"),
    )
