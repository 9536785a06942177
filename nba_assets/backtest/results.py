"""Figures over settled bets: hit rate, profit, return, closing-line value and drawdown, by the groups asked for."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

_Z = 1.959964
"""Of a 95 % confidence interval."""


def results(settled: ir.Table, *by: str) -> ir.Table:
    """One row per group of settled bets, in order of `by` (columns of `bets.settled`; `strategy` always among them).

    bets, wins, losses, pushes, assumed_prices: counts; assumed_prices are bets without a quoted price, taken at -110.
    hit_rate: wins over wins and losses, with hit_rate_low and _high of Wilson's 95 % interval; NULL if all are pushes.
    break_even_hit_rate: the mean over the same bets of what their prices take to come out even.
    profit: units. return_on_stake: profit over units staked, pushes among them; return_low and _high: normal 95 %
        interval of that mean, NULL for one bet. Both intervals take bets as independent.
    closing_line_value: mean over the closing_lines bets whose closing line is known, in the market's own unit.
    maximum_drawdown: units; the deepest fall of the running profit from where it had been highest, from day to day
        and starting at 0.
    """
    groups = list(dict.fromkeys((*by, "strategy")))
    sums = settled.group_by(*groups).agg(
        bets=settled.count(),
        wins=_number_true(settled.is_win),
        losses=_number_true(~settled.is_win),
        pushes=settled.is_win.isnull().cast("int64").sum(),
        assumed_prices=_number_true(settled.is_assumed_price),
        break_even_hit_rate=settled.break_even_probability.mean(),
        profit=settled.profit.sum(),
        return_on_stake=settled.profit.mean(),
        _variance=settled.profit.var(how="sample"),
        closing_line_value=settled.closing_line_value.mean(),
        closing_lines=settled.closing_line_value.count(),
    )
    sums = sums.join(_drawdowns(settled, groups), groups)
    decided = (sums.wins + sums.losses).nullif(0)
    share = sums.wins / decided
    centre = (share + _Z**2 / (2 * decided)) / (1 + _Z**2 / decided)
    margin = _Z * (share * (1 - share) / decided + _Z**2 / (4 * decided * decided)).sqrt() / (1 + _Z**2 / decided)
    return_margin = _Z * (sums._variance / sums.bets).sqrt()
    return sums.select(
        *groups,
        "bets",
        "wins",
        "losses",
        "pushes",
        "assumed_prices",
        "break_even_hit_rate",
        "profit",
        "return_on_stake",
        "closing_line_value",
        "closing_lines",
        "maximum_drawdown",
        hit_rate=share,
        hit_rate_low=centre - margin,
        hit_rate_high=centre + margin,
        return_low=sums.return_on_stake - return_margin,
        return_high=sums.return_on_stake + return_margin,
    ).order_by(*groups)


def _drawdowns(settled: ir.Table, groups: list[str]) -> ir.Table:
    """maximum_drawdown by group."""
    so_far = ibis.window(group_by=groups, order_by="game_date", preceding=None, following=0)
    daily = settled.group_by(*groups, "game_date").agg(profit=settled.profit.sum())
    daily = daily.mutate(balance=daily.profit.sum().over(so_far))
    daily = daily.mutate(highest=ibis.greatest(daily.balance.max().over(so_far), 0.0))
    return daily.group_by(*groups).agg(maximum_drawdown=(daily.highest - daily.balance).max())


def _number_true(condition: ir.BooleanValue) -> ir.IntegerValue:
    return condition.cast("int64").sum().coalesce(0)
