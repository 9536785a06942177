"""Every window and as-of join: what was known before a day, and nothing later.

A row for day D is computed from results of days before D. This is the only module that compares dates; the cut-off is
exclusive everywhere but in `latest_report` and `before_tipoff`, which are for things published before tip-off.

Windows reach back to the season before and no further, so that what a row says does not depend on how much older
history happens to be loaded. `season_frames` makes that exact: each game is seen once by its own season and once, as
the previous season, by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np

from nba_assets.days import DayRange
from nba_assets.transforms.joins import add_columns, joined

if TYPE_CHECKING:
    import pandas as pd


def on_days(table: ir.Table, days: DayRange) -> ir.Table:
    """Rows of the days themselves."""
    return table.filter(table.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))


def game_days(games: ir.Table, days: DayRange) -> ir.Table:
    """The days on which a game is to be played (a postponed one is not), one row each: game_date, season_year."""
    slate = on_days(games, days)
    return slate.filter(slate.status != "postponed").select("game_date", "season_year").distinct()


def is_before_cutoff(days: pd.Series, first: date, cutoff: date) -> pd.Series:
    """Rows of a training frame that a model may see: from `first` on, strictly before its cut-off."""
    return (days >= np.datetime64(first)) & (days < np.datetime64(cutoff))


def mean_before(values: pd.Series, by: pd.Series, half_life: float) -> pd.Series:
    """Of each row of a frame the mean over the rows before it, per `by`, weights halving every so many known values.

    The rows are in order of day, one a day; NaN is no value, and what comes of none.
    """
    so_far = values.groupby(by, sort=False).ewm(halflife=half_life, ignore_na=True).mean().droplevel(0)
    return so_far.reindex(values.index).groupby(by).shift()


def season_frames(history: ir.Table) -> ir.Table:
    """History as seen by each season: adds `frame` (the season looking back) and `is_frame_season`."""
    seasons_on = ibis.memtable([(0,), (1,)], schema={"seasons_on": "int64"})
    seen = history.cross_join(seasons_on)
    return seen.mutate(frame=seen.season_year + seen.seasons_on, is_frame_season=seen.seasons_on == 0).drop(
        "seasons_on"
    )


def last_n(by: str | tuple[str, ...], n: int | None) -> ibis.expr.builders.WindowBuilder:
    """Window over a history row and the n - 1 games before it (None: all games before it), per `by`.

    It includes the row itself; `as_of` then hands the row only to later days.
    """
    preceding = None if n is None else n - 1
    return ibis.window(group_by=by, order_by=("game_date", "game_id"), preceding=preceding, following=0)


def numbered(history: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """History with `game_number`: 1 for the first game per `by`, and so on."""
    return history.mutate(game_number=history.count().over(last_n(by, None)))


def decayed_sum(history: ir.Table, value: ir.NumericValue, by: tuple[str, ...], half_life: float) -> ir.FloatingValue:
    """After each row of `numbered` history, the sum of the value so far, a game that lies n games back weighted by
    0.5^(n / half_life). Games in which the value is NULL count as games and add nothing; NULL if it never was known.
    """
    grown = ibis.literal(2.0) ** (history.game_number / half_life)
    return (value * grown).sum().over(last_n(by, None)) / grown


def ewma(history: ir.Table, value: ir.NumericValue, by: tuple[str, ...], half_life: float) -> ir.FloatingValue:
    """After each row of `numbered` history, the mean of the value so far with the weights of `decayed_sum`, over the
    games in which it is known; NULL if it never was."""
    known = value.notnull().ifelse(1.0, None)
    return decayed_sum(history, value, by, half_life) / decayed_sum(history, known, by, half_life)


def ewmas(history: ir.Table, by: tuple[str, ...], half_lives: Mapping[str, Iterable[int]]) -> dict[str, ir.Value]:
    """`ewma` of columns of `numbered` history, each with its half-lives in games: `{column}_ewma_{half_life}`."""
    return {
        f"{name}_ewma_{half_life}": ewma(history, history[name], by, half_life)
        for name, of_column in half_lives.items()
        for half_life in of_column
    }


def latest(rows: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Per `by` the row of the latest day."""
    last_first = ibis.window(group_by=by, order_by=ibis.desc("game_date"))
    return rows.mutate(_place=ibis.row_number().over(last_first)).filter(ibis._._place == 0).drop("_place")


def before_game(history: ir.Table, columns: Iterable[str], by: tuple[str, ...]) -> dict[str, ir.Value]:
    """The columns as they stood after the game before each history row, per `by`; NULL for the first."""
    window = ibis.window(group_by=by, order_by=("game_date", "game_id"))
    return {name: history[name].lag().over(window) for name in columns}


def as_of(targets: ir.Table, history: ir.Table, on: tuple[str, ...]) -> ir.Table:
    """Each target with the latest history row of a day strictly before the target's, NULLs if there is none.

    targets: any grain, with game_date and the columns `on`; all its columns are kept.
    history: with game_date, game_id and the columns `on`; its other columns are added and game_date comes out as
        last_game_date. Where a name stands in both, the target's is kept.
    """
    by_entity = ibis.window(group_by=on, order_by=("game_date", "game_id"))
    added = [c for c in history.columns if c not in targets.columns and c not in on]
    past = history.mutate(_next_game_date=history.game_date.lead().over(by_entity)).select(
        *added, *on, "_next_game_date", last_game_date=ibis._.game_date
    )
    return joined(
        targets,
        past,
        [*added, "last_game_date"],
        lambda target, game: [
            *(target[c] == game[c] for c in on),
            game.last_game_date < target.game_date,
            game._next_game_date.isnull() | (game._next_game_date >= target.game_date),
        ],
    )


def within_days(targets: ir.Table, history: ir.Table, on: tuple[str, ...], days_back: int) -> ir.Table:
    """Pairs of a target and each history row from D - days_back to D - 1, as target columns plus `past_*` columns.

    Targets without such a row do not appear.
    """
    pairs = earlier_games(targets, history, on)
    return pairs.filter(pairs.past_game_date >= pairs.game_date - ibis.interval(days=days_back))


def earlier_games(targets: ir.Table, history: ir.Table, on: tuple[str, ...]) -> ir.Table:
    """Pairs of a target and each history row of a day strictly before the target's, as target and `past_*` columns."""
    past = history.select(**{f"past_{c}": history[c] for c in history.columns}).view()
    return targets.join(past, [*(targets[c] == past[f"past_{c}"] for c in on), past.past_game_date < targets.game_date])


def previous_game_date(history: ir.Table, by: tuple[str, ...]) -> ir.DateValue:
    """Day of the game before each history row, per `by`; NULL for the first."""
    return history.game_date.lag().over(ibis.window(group_by=by, order_by=("game_date", "game_id")))


def days_before(target_day: ir.DateValue, past_day: ir.DateValue) -> ir.IntegerValue:
    """Whole days from a past day to the target day."""
    return target_day.delta(past_day, unit="day")


def rest_days(target_day: ir.DateValue, last_game_day: ir.DateValue) -> ir.IntegerValue:
    """Days between two games minus one: 0 is a back-to-back."""
    return days_before(target_day, last_game_day) - 1


def latest_report(targets: ir.Table, reports: ir.Table, on: tuple[str, ...]) -> ir.Table:
    """Each target with the latest report up to and including its day: reports of D are published before tip-off.

    Adds the reports' other columns as `report_*`, with report_date for their day.
    """
    by_entity = ibis.window(group_by=on, order_by="game_date")
    others = [c for c in reports.columns if c not in on and c != "game_date"]
    known = reports.mutate(_next_date=reports.game_date.lead().over(by_entity)).select(
        *on, "_next_date", **{f"report_{c}": ibis._[c] for c in others}, report_date=ibis._.game_date
    )
    return joined(
        targets,
        known,
        [*(f"report_{c}" for c in others), "report_date"],
        lambda target, report: [
            *(target[c] == report[c] for c in on),
            report.report_date <= target.game_date,
            report._next_date.isnull() | (report._next_date > target.game_date),
        ],
    )


def before_tipoff(lines: ir.Table, games: ir.Table) -> ir.Table:
    """Lines stamped before their game's tip-off.

    A line without a stamp comes from a source that delivers pre-game lines only, and is kept. A stamped line of a game
    whose start is unknown is left out: it cannot be shown to be pre-game.
    """
    # By day as well: a game that was postponed and played later has lines on both days, each of its own tip-off.
    start = games.select("game_date", "game_id", _tipoff="tipoff_utc")
    timed = add_columns(lines, start, "game_date", "game_id")
    tipoff = ibis.coalesce(timed._tipoff, timed.tipoff_utc) if "tipoff_utc" in lines.columns else timed._tipoff
    return timed.filter(timed.snapshot_utc.isnull() | (timed.snapshot_utc < tipoff)).select(*lines.columns)


def begun(games: ir.Table, now: datetime) -> ir.Table:
    """Games whose start is known and past. now: UTC, without a zone."""
    return games.filter(games.tipoff_utc <= ibis.literal(now))


def made_before_tipoff(forecasts: ir.Table, games: ir.Table) -> ir.Table:
    """Forecasts written before their game's tip-off; none of a game that is postponed or whose start is unknown."""
    start = games.filter(games.status != "postponed").select("game_date", "game_id", _tipoff="tipoff_utc")
    timed = add_columns(forecasts, start, "game_date", "game_id", how="inner")
    return timed.filter(timed.created_at < timed._tipoff).select(*forecasts.columns)


def earlier_totals(
    targets: ir.Table, history: ir.Table, on: tuple[str, ...], **totals: ibis.expr.types.Deferred
) -> ir.Table:
    """Aggregates over all history rows of days strictly before each target's, worked out pair by pair.

    It shares nothing with the windows above but the comparison of dates, and so can be held against them. `totals` are
    aggregates over `past_*` columns; targets with no such row do not appear.
    """
    pairs = earlier_games(targets, history, on)
    return pairs.group_by(*targets.columns).agg(**totals)


def is_not_before(day: ir.DateValue, other: ir.DateValue) -> ir.BooleanValue:
    """Whether a day that should be strictly earlier is not; NULL if it is unknown."""
    return day >= other
