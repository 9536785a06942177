"""nba_predictions.ml_feature_store_v2: the day's precomputed tables joined into named features."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.predictions import FACTOR_FEATURES, FEATURES, ML_FEATURE_STORE_V2, OPPONENT_FEATURES
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.quality import joined_reasons, reasons


def build(
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    player_daily_cache: ir.Table,
    player_composite_factors: ir.Table,
    team_defense_zone_analysis: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day and expected player. A table that lacks the player leaves NULLs and a reason, not a gap."""
    context = on_days(upcoming_player_game_context, days)
    expected = context.select(
        "game_date",
        "player_id",
        "player_name",
        "player_lookup",
        "game_id",
        "season_year",
        "team_id",
        "opponent_team_id",
        "is_home",
        "rest_days",
        "is_back_to_back",
        information_set=(context.roster_source == "projected").ifelse("pregame", "lineup"),
    )
    cache = player_daily_cache.drop(
        "player_lookup",
        "game_id",
        "season_year",
        "team_id",
        "opponent_team_id",
        "is_home",
        "rest_days",
        "is_back_to_back",
    ).mutate(has_cache=True)
    factors = player_composite_factors.select("game_date", "player_id", *FACTOR_FEATURES, has_factors=True)
    team = upcoming_team_game_context.select(
        "game_date",
        "team_id",
        "spread",
        "total",
        "implied_points",
        "travel_miles",
        team_win_pct_season="win_pct_season",
        team_rest_days="rest_days",
        opponent_rest_days="opponent_rest_days",
    )
    opponent = team_defense_zone_analysis.select(
        "game_date",
        opponent_team_id="team_id",
        **OPPONENT_FEATURES,
    )
    rows = (
        expected.pipe(add_columns, cache, "game_date", "player_id")
        .pipe(add_columns, factors, "game_date", "player_id")
        .pipe(add_columns, team, "game_date", "team_id")
        .pipe(add_columns, opponent, "game_date", "opponent_team_id")
    )
    advantage = rows.team_rest_days - rows.opponent_rest_days
    rows = rows.mutate(
        rest_advantage_days=ibis.cases((advantage > 2, 2), (advantage < -2, -2), (advantage.notnull(), advantage)),
        recent_trend_points=rows.points_avg_last_5 - rows.points_avg_last_10,
        minutes_change_pct=rows.minutes_avg_last_10 / rows.minutes_avg_season.nullif(0) - 1,
    )
    known = sum((rows[name].notnull().cast("int64") for name in FEATURES), start=ibis.literal(0))
    return rows.mutate(
        games_used=ibis.coalesce(rows.games_used, 0),
        feature_quality_score=known / float(len(FEATURES)),
        quality_tier=ibis.coalesce(rows.quality_tier, "no_history"),
        quality_reasons=joined_reasons(
            rows.quality_reasons,
            reasons(
                (rows.has_cache.isnull(), "no row in player_daily_cache"),
                (rows.has_factors.isnull(), "no row in player_composite_factors"),
                (rows.opponent_defensive_rating_last_15.isnull(), "opponent's defence unknown"),
                (rows.spread.isnull(), "no game line"),
            ),
        ),
    ).select(*ML_FEATURE_STORE_V2.column_names)
