"""Does a row for a day know anything of that day or later: as-of dates, and totals worked out a second time.

Each as-of table says when its latest game was, and a total over the season so far. Both are computed here again, from
game summaries of days strictly before the row's, by a plain join of every row with every earlier game instead of the
windows that built the table. A result of the day that found its way into the row makes the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Verdict, counted, failed, listed, passed
from nba_assets.tables.record import THIS_SEASON, LookBack
from nba_assets.transforms.analytics.upcoming_team_game_context import team_games
from nba_assets.transforms.as_of import earlier_totals, is_not_before
from nba_assets.transforms.joins import add_columns

_EXAMPLES = 5
_TOLERANCE = 2e-6
"""Two steps of the sixth decimal, to which stored floats are rounded."""


@dataclass(frozen=True)
class Retold:
    """Columns of a table that can be told again from the games before each day.

    history: the table with the games. by: who they are counted for.
    counts: columns that number the season's earlier games. means: columns and the statistic that they are the mean of.
    """

    history: str
    by: str
    counts: tuple[str, ...] = ()
    means: tuple[tuple[str, str], ...] = ()
    back: LookBack = THIS_SEASON


_PLAYER_MEANS = (("points_avg_season", "points"), ("minutes_avg_season", "minutes"), ("assists_avg_season", "assists"))

RETOLD: dict[str, Retold] = {
    "upcoming_team_game_context": Retold("games", "team_id", ("games_played_season",), (("win_pct_season", "is_win"),)),
    "upcoming_player_game_context": Retold("player_game_summary", "player_id", ("games_played_season",)),
    "upcoming_roster": Retold("player_game_summary", "player_id", ("games_played_season",)),
    "team_defense_zone_analysis": Retold("team_defense_game_summary", "team_id", ("games_played_season",)),
    "player_shot_zone_analysis": Retold("player_game_summary", "player_id", ("games_played_season",)),
    "player_daily_cache": Retold("player_game_summary", "player_id", ("games_played_season",), _PLAYER_MEANS),
    "ml_feature_store_v2": Retold("player_game_summary", "player_id", ("games_played_season",), _PLAYER_MEANS),
}
"""Table -> what of it is told again; tables without an entry are held to their dates only."""


def no_leakage(look: Look) -> dict[date, Verdict]:
    """Rows rest on earlier days only: their dates say so, and totals told again from earlier games agree."""
    late = _late_dates(look)
    leaks = _retold_differently(look)
    verdicts = {}
    for day in look.days:
        rows, faults = look.row_count(day), [*late.get(day, []), *leaks.get(day, [])]
        if faults:
            columns = list(dict.fromkeys(str(fault["column"]) for fault in faults))
            verdicts[day] = failed(
                f"{counted(len(faults), 'value')} in {listed(columns)} cannot come from days before.",
                details=faults[:_EXAMPLES],
                rows=rows,
            )
        else:
            verdicts[day] = passed(f"{counted(rows, 'row')} rest on earlier days only.", rows=rows)
    return verdicts


def _late_dates(look: Look) -> dict[date, list[dict[str, Any]]]:
    """Rows whose own dates are not before the day."""
    rows, names = look.rows, look.table.column_names
    if "training_cutoff" in names:
        # A model may serve the very day that is its cut-off: it was trained on days before it.
        wrong = is_not_before(rows.training_last_day, rows.training_cutoff) | ~is_not_before(
            rows.game_date, rows.training_cutoff
        )
        column = "training_last_day"
    elif "last_game_date" in names:
        wrong, column = is_not_before(rows.last_game_date, rows.game_date), "last_game_date"
    else:
        return {}
    entity = [c for c in look.table.key if c != "game_date"]
    bad = rows.filter(wrong).select(
        "game_date", *entity, column=ibis.literal(column), stored=rows[column].cast("string")
    )
    return look.lists_by_day(bad.order_by("game_date", *entity))


def _retold_differently(look: Look) -> dict[date, list[dict[str, Any]]]:
    retold = RETOLD.get(look.table.name)
    if retold is None:
        return {}
    by = (retold.by, "season_year")
    history = look.read(retold.history, retold.back)
    if retold.history == "games":
        sides = team_games(history)
        history = sides.filter(sides.status == "final").mutate(is_win=(sides.margin > 0).cast("float64"))
    rows = look.rows
    statistics = dict.fromkeys(statistic for _, statistic in retold.means)
    # Once for each player, whose rows of both information sets have the same games behind them.
    targets = rows.select("game_date", *by).distinct()
    again = earlier_totals(
        targets,
        history.select("game_date", *by, *statistics),
        by,
        told_count=ibis._.count(),
        **{f"told_{s}": ibis._[f"past_{s}"].mean() for s in statistics},
    )
    keys = ["game_date", *by]
    rows = add_columns(rows, again, *keys)
    parts = [_difference(rows, c, ibis.coalesce(rows.told_count, 0).cast("float64"), retold.by) for c in retold.counts]
    parts += [_difference(rows, c, rows[f"told_{s}"], retold.by) for c, s in retold.means]
    return look.lists_by_day(
        ibis.union(*parts).order_by("game_date", "column", retold.by) if len(parts) > 1 else parts[0]
    )


def _difference(rows: ir.Table, column: str, told: ir.FloatingValue, by: str) -> ir.Table:
    stored = rows[column].cast("float64")
    is_same = ((stored - told).abs() <= _TOLERANCE) | (stored.isnull() & told.isnull())
    return rows.filter(~ibis.coalesce(is_same, False)).select(
        "game_date",
        by,
        column=ibis.literal(column),
        stored=stored.cast("string"),
        from_earlier_days=told.cast("string"),
    )
