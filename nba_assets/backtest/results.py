"""Figures over settled bets: hit rate, profit, return, closing-line value and drawdown, by the groups asked for."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.evaluation.moments import Moments
from nba_assets.warehouse.protocol import Session


def results(session: Session, settled: ir.Table, *by: str) -> list[dict[str, Any]]:
    """One row per group of settled bets, in order of `by` (columns of `bets.settled`; `strategy` always among them).

    bets, wins, losses, pushes, assumed_prices: counts; assumed_prices are bets without a quoted price, taken at -110.
    hit_rate: wins over wins and losses, with hit_rate_low and _high of Wilson's 95 % interval; None if all are pushes.
    break_even_hit_rate: the mean over the same bets of what their prices take to come out even.
    profit: units. return_on_stake: profit over units staked, pushes among them; return_low and _high: Student's
        95 % interval of that mean, None for one bet. Both intervals take bets as independent.
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
        profit_squared=(settled.profit * settled.profit).sum(),
        closing_line_value=settled.closing_line_value.mean(),
        closing_lines=settled.closing_line_value.count(),
    )
    sums = sums.join(_drawdowns(settled, groups), groups).order_by(*groups)
    return [_with_intervals(row) for row in session.frame(sums).to_pylist()]


def _with_intervals(row: dict[str, Any]) -> dict[str, Any]:
    hits = Moments(row["wins"] + row["losses"], row["wins"], row["wins"])
    returns = Moments(row["bets"], row["profit"], row.pop("profit_squared"))
    row["hit_rate"], row["return_on_stake"] = hits.mean, returns.mean
    row["hit_rate_low"], row["hit_rate_high"] = hits.share_interval or (None, None)
    row["return_low"], row["return_high"] = returns.interval or (None, None)
    return row


def _drawdowns(settled: ir.Table, groups: list[str]) -> ir.Table:
    """maximum_drawdown by group."""
    so_far = ibis.window(group_by=groups, order_by="game_date", preceding=None, following=0)
    daily = settled.group_by(*groups, "game_date").agg(profit=settled.profit.sum())
    daily = daily.mutate(balance=daily.profit.sum().over(so_far))
    daily = daily.mutate(highest=ibis.greatest(daily.balance.max().over(so_far), 0.0))
    return daily.group_by(*groups).agg(maximum_drawdown=(daily.highest - daily.balance).max())


def _number_true(condition: ir.BooleanValue) -> ir.IntegerValue:
    return condition.cast("int64").sum().coalesce(0)
