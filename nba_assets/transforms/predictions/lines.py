"""The line that a forecast is held against, chosen among the bookmakers' quotes, with the prices to be had at it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.transforms.as_of import before_tipoff
from nba_assets.transforms.odds import fair_over_probability

KEY = ("game_date", "player_id", "market")


def consensus_lines(player_props: ir.Table, games: ir.Table) -> ir.Table:
    """One row per game_date, player_id and market that a bookmaker quotes before tip-off.

    player_props: rows of that table, of one or several snapshots; of each bookmaker the last before tip-off counts, for
        both sides, as what is no longer in it was withdrawn. games: game_id and tipoff_utc of the same days.

    line: the line that most bookmakers quote on both sides; among equals the one that most quote at all, then the one
        nearest the median of all quoted lines, then the lower. A median would do on its own if it were always quoted:
        between 20.5 and 21.5 lies a line that nobody takes bets on. Both sides come first because what is quoted on
        one side only is mostly an alternate line at another price.
    bookmakers, bookmakers_at_line: how many quote the player and market, and how many this line of it.
    over_price_american, under_price_american: the best among the bookmakers at the line; a price at another line is for
        another bet. NULL where nobody there states one.
    fair_over_probability: given that it is no push, margin removed for each bookmaker who prices both sides at the
        line, then averaged; NULL where nobody does.
    """
    quotes = _quotes(player_props, games)
    by_line = quotes.group_by(*KEY, "line").agg(
        on_both_sides=quotes.is_on_both_sides.cast("int64").sum(),
        bookmakers_at_line=quotes.count(),
        over_price_american=quotes.over_price_american.max(),
        under_price_american=quotes.under_price_american.max(),
        fair_over_probability=fair_over_probability(quotes.over_price_american, quotes.under_price_american).mean(),
    )
    overall = quotes.group_by(*KEY).agg(bookmakers=quotes.bookmaker.nunique(), middle=quotes.line.median())
    lines = by_line.join(overall, list(KEY))
    by_preference = ibis.window(
        group_by=KEY,
        order_by=(
            lines.on_both_sides.desc(),
            lines.bookmakers_at_line.desc(),
            (lines.line - lines.middle).abs(),
            lines.line,
        ),
    )
    chosen = lines.mutate(_place=ibis.row_number().over(by_preference)).filter(ibis._._place == 0)
    return chosen.select(
        *KEY,
        "line",
        "bookmakers",
        "bookmakers_at_line",
        "over_price_american",
        "under_price_american",
        "fair_over_probability",
    )


def _quotes(player_props: ir.Table, games: ir.Table) -> ir.Table:
    """One row per bookmaker and line of his last snapshot, with the price of each side.

    A line may be quoted on one side only, and a bookmaker may quote several. American odds sort as what they pay.
    """
    rows = before_tipoff(player_props, games)
    latest_first = ibis.window(group_by=(*KEY, "bookmaker"), order_by=ibis.desc(rows.snapshot_utc, nulls_first=False))
    rows = rows.mutate(_place=ibis.rank().over(latest_first)).filter(ibis._._place == 0)
    is_over, is_under = rows.side == "over", rows.side == "under"
    return rows.group_by(*KEY, "bookmaker", "line").agg(
        is_on_both_sides=is_over.any() & is_under.any(),
        over_price_american=rows.price_american.max(where=is_over),
        under_price_american=rows.price_american.max(where=is_under),
    )
