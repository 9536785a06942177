"""nba_precompute.player_shot_zone_analysis: where each player with 10 games this season shoots from, and how well."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.precompute import PLAYER_SHOT_ZONE_ANALYSIS
from nba_assets.transforms.as_of import as_of, game_days, last_n
from nba_assets.transforms.quality import reasons, tier
from nba_assets.transforms.shot_zones import primary_zone, shares, window_sums

MINIMUM_GAMES = 10
_LONG_WINDOW_MINIMUM = 15


def _form(player_game_summary: ir.Table) -> ir.Table:
    by = ("player_id", "season_year")
    history = player_game_summary
    last_10, last_20, so_far = last_n(by, 10), last_n(by, 20), last_n(by, None)
    return history.select(
        *by,
        "player_lookup",
        "game_date",
        "game_id",
        games_played_season=history.count().over(so_far),
        **window_sums(history, last_10, "last_10"),
        **window_sums(history, last_20, "last_20"),
    )


def build(games: ir.Table, player_game_summary: ir.Table, days: DayRange) -> ir.Table:
    """One row per game day and player with 10 or more games of the season before it."""
    form = _form(player_game_summary)
    players = player_game_summary.select("player_id", "season_year").distinct()
    targets = game_days(games, days).join(players, "season_year")
    rows = as_of(targets, form, on=("player_id", "season_year"))
    rows = rows.filter(rows.games_played_season >= MINIMUM_GAMES)
    long_20 = shares(rows, "last_20")
    is_long = rows.games_played_season >= _LONG_WINDOW_MINIMUM
    rows = rows.mutate(
        **shares(rows, "last_10"),
        games_with_shot_zones=rows.games_with_shot_zones_last_10,
        paint_rate_last_20=is_long.ifelse(long_20["paint_rate_last_20"], ibis.null("float64")),
        paint_pct_last_20=is_long.ifelse(long_20["paint_pct_last_20"], ibis.null("float64")),
        quality_tier=tier(rows.games_with_shot_zones_last_10, ibis.literal(0)),
    )
    return rows.mutate(
        primary_scoring_zone=primary_zone(
            rows.paint_rate_last_10, rows.mid_range_rate_last_10, rows.three_point_rate_last_10
        ),
        quality_reasons=reasons(
            (rows.games_with_shot_zones == 0, "shots missing in every game of the window"),
            (
                (rows.games_with_shot_zones > 0) & (rows.games_with_shot_zones < MINIMUM_GAMES),
                "shots missing in some games of the window",
            ),
            (rows.paint_rate_last_10.isnull() & (rows.games_with_shot_zones > 0), "no attempt in the window"),
        ),
    ).select(*PLAYER_SHOT_ZONE_ANALYSIS.column_names)
