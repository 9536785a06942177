"""nba_predictions.ml_feature_store_v2: the day's precomputed tables joined into named features, per information set."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.information import LINEUP, PREGAME
from nba_assets.tables.features import (
    FACTOR_FEATURES,
    FEATURES,
    LINEUP_FEATURES,
    ML_FEATURE_STORE_V2,
    OPPONENT_FEATURES,
    ROSTER_FEATURES,
    TEAM_FEATURES,
)
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.quality import joined_reasons, reasons


def _by_information_set(players: ir.Table, lineup_context: ir.Table) -> ir.Table:
    """pregame rows of those who were projected, lineup rows of those on the active list, each with its own view of who
    plays beside him."""
    projected = players.filter(players.roster_source == "projected").mutate(information_set=ibis.literal(PREGAME))
    listed = players.filter(players.is_active).mutate(information_set=ibis.literal(LINEUP))
    # Whoever is on the list is taken to play.
    probability = (lineup_context.information_set == LINEUP).ifelse(1.0, lineup_context.active_probability)
    beside = lineup_context.mutate(active_probability=probability).select(
        "game_date", "player_id", "information_set", *LINEUP_FEATURES, has_lineup=True
    )
    return projected.union(listed).pipe(add_columns, beside, "game_date", "player_id", "information_set")


def build(
    upcoming_player_game_context: ir.Table,
    upcoming_team_game_context: ir.Table,
    upcoming_roster: ir.Table,
    player_daily_cache: ir.Table,
    player_lineup_context: ir.Table,
    player_composite_factors: ir.Table,
    team_defense_zone_analysis: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day, player and information set. A table that lacks the player leaves NULLs and a reason, no gap."""
    players = _known_of_players(
        on_days(upcoming_player_game_context, days),
        upcoming_team_game_context,
        upcoming_roster,
        player_daily_cache,
        player_composite_factors,
        team_defense_zone_analysis,
    )
    return _derived(_by_information_set(players, player_lineup_context)).select(*ML_FEATURE_STORE_V2.column_names)


def _known_of_players(
    context: ir.Table, team_context: ir.Table, roster: ir.Table, cache: ir.Table, factors: ir.Table, defense: ir.Table
) -> ir.Table:
    """One row per day and expected player, with what is the same in both information sets."""
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
        "roster_source",
        "is_active",
    )
    cache = cache.drop(
        "player_lookup",
        "game_id",
        "season_year",
        "team_id",
        "opponent_team_id",
        "is_home",
        "rest_days",
        "is_back_to_back",
    ).mutate(has_cache=True)
    roster = roster.select("game_date", "player_id", *ROSTER_FEATURES)
    factors = factors.select("game_date", "player_id", *FACTOR_FEATURES, has_factors=True)
    team = team_context.select(
        "game_date",
        "team_id",
        *TEAM_FEATURES,
        team_win_pct_season="win_pct_season",
        team_games_played_season="games_played_season",
        team_rest_days="rest_days",
        opponent_rest_days="opponent_rest_days",
    )
    opponent = defense.select("game_date", opponent_team_id="team_id", **OPPONENT_FEATURES)
    return (
        expected.pipe(add_columns, cache, "game_date", "player_id")
        .pipe(add_columns, factors, "game_date", "player_id")
        .pipe(add_columns, roster, "game_date", "player_id")
        .pipe(add_columns, team, "game_date", "team_id")
        .pipe(add_columns, opponent, "game_date", "opponent_team_id")
    )


def _derived(rows: ir.Table) -> ir.Table:
    """Features made of others of the same row, and how much of it all is known."""
    advantage = rows.team_rest_days - rows.opponent_rest_days
    rows = rows.mutate(
        rest_advantage_days=ibis.cases((advantage > 2, 2), (advantage < -2, -2), (advantage.notnull(), advantage)),
        absolute_spread=rows.spread.abs(),
        opponent_implied_points=rows.total - rows.implied_points,
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
                (rows.has_lineup.isnull(), "no row in player_lineup_context"),
                (rows.opponent_defensive_rating_last_15.isnull(), "opponent's defence unknown"),
                (rows.spread.isnull(), "no game line"),
            ),
        ),
    )
