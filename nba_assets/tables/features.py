"""The record of nba_predictions.ml_feature_store_v2, and the features by where they come from.

Which of them a market's model is trained on is in `models/features.py`.
"""

from __future__ import annotations

from nba_assets.markets import ALLOWANCES, STATISTICS
from nba_assets.tables.analytics import IS_BACK_TO_BACK, REST_DAYS, UPCOMING_TEAM_GAME_CONTEXT
from nba_assets.tables.lineups import INFORMATION_SET, PLAYER_LINEUP_CONTEXT, UPCOMING_ROSTER
from nba_assets.tables.precompute import (
    LAST_GAME_DATE,
    PLAYER_COMPOSITE_FACTORS,
    PLAYER_DAILY_CACHE,
    QUALITY_REASONS,
    QUALITY_TIER,
    RECENT_FORM,
    TEAM_DEFENSE_ZONE_ANALYSIS,
)
from nba_assets.tables.raw import (
    GAME_ID,
    IS_HOME,
    OPPONENT,
    PLAYER_ID,
    PLAYER_LOOKUP,
    PLAYER_NAME,
    SEASON_YEAR,
    TEAM_ID,
    date_column,
)
from nba_assets.tables.record import SAME_DAY, Column, Table

C = Column

_FROM_CACHE = (
    *(
        f"{statistic}_{form}"
        for statistic in STATISTICS
        for form in ("avg_last_5", "avg_last_10", "avg_season", "avg_previous_season", "std_last_10")
    ),
    "minutes_avg_last_5",
    "minutes_avg_last_10",
    "minutes_avg_season",
    "minutes_std_last_10",
    "field_goals_attempted_avg_last_10",
    "usage_rate_last_10",
    "true_shooting_pct_last_10",
    "free_throw_points_share_last_10",
    "games_in_last_7_days",
    "games_in_last_14_days",
    "minutes_in_last_7_days",
    "minutes_in_last_14_days",
    "back_to_backs_in_last_14_days",
    "games_played_season",
    "games_played_previous_season",
    "missing_usage_share",
    "team_pace_last_10",
    "team_offensive_rating_last_10",
    "paint_rate_last_10",
    "mid_range_rate_last_10",
    "three_point_rate_last_10",
    *(column.name for column in RECENT_FORM),
)
_FROM_ROSTER = (
    "games_missed",
    "appearances_last_5",
    "appearances_last_10",
    "minutes_last_10_total",
    "minutes_previous_team_game",
)
_FROM_LINEUP = tuple(
    column.name
    for column in PLAYER_LINEUP_CONTEXT.columns
    if column.unit and column.name not in ("game_date", "season_year", "last_game_date")
)
_FROM_TEAM = (
    "spread",
    "total",
    "implied_points",
    "travel_miles",
    "market_margin_surprise",
    "market_margin_surprise_recent",
    "implied_points_surprise",
    "implied_points_surprise_recent",
)
_FROM_FACTORS = (
    "fatigue_score",
    "shot_zone_mismatch_score",
    "pace_score",
    "usage_spike_score",
    "projected_usage_rate",
)
_FROM_OPPONENT = (
    "defensive_rating_last_15",
    "opponent_pace_last_15",
    "league_pace_last_15",
    "points_allowed_avg_last_15",
    *(f"{statistic}_allowed_avg_last_15" for statistic in ALLOWANCES),
    *(f"league_{statistic}_allowed_avg_last_15" for statistic in ALLOWANCES),
    "paint_allowed_vs_league_pct",
    "mid_range_allowed_vs_league_pct",
    "three_point_allowed_vs_league_pct",
    "three_point_attempts_allowed_avg_last_15",
)


def _as_opponents(name: str) -> str:
    """Name of a defence column when it describes tonight's opponent."""
    return name if name.startswith(("opponent_", "league_")) else f"opponent_{name}"


def _optional(column: Column) -> Column:
    return Column(column.name, column.type, column.meaning, column.unit)


FEATURE_COLUMNS: tuple[Column, ...] = (
    *(_optional(PLAYER_DAILY_CACHE.column(name)) for name in _FROM_CACHE),
    *(_optional(PLAYER_COMPOSITE_FACTORS.column(name)) for name in _FROM_FACTORS),
    *(
        Column(
            _as_opponents(name),
            TEAM_DEFENSE_ZONE_ANALYSIS.column(name).type,
            f"Of the opponent: {TEAM_DEFENSE_ZONE_ANALYSIS.column(name).meaning[0].lower()}"
            f"{TEAM_DEFENSE_ZONE_ANALYSIS.column(name).meaning[1:]}",
            TEAM_DEFENSE_ZONE_ANALYSIS.column(name).unit,
        )
        for name in _FROM_OPPONENT
    ),
    REST_DAYS,
    C("rest_advantage_days", "int64", "Team's rest minus the opponent's, -2 to 2; NULL if either is unknown", "days"),
    IS_BACK_TO_BACK,
    IS_HOME,
    C("recent_trend_points", "float64", "Mean points of the last 5 minus the last 10; positive is rising", "points"),
    C("minutes_change_pct", "float64", "minutes_avg_last_10 over minutes_avg_season, minus 1", "fraction"),
    _optional(UPCOMING_ROSTER.column("team_games_played_season")),
    C("team_win_pct_season", "float64", "Share of the team's games won this season; NULL before the first", "0..1"),
    *(_optional(UPCOMING_TEAM_GAME_CONTEXT.column(name)) for name in _FROM_TEAM),
    C("absolute_spread", "float64", "Size of the spread: the larger, the likelier a blowout", "points"),
    C("opponent_implied_points", "float64", "Points that the lines expect of the opponent", "points"),
    *(_optional(UPCOMING_ROSTER.column(name)) for name in _FROM_ROSTER),
    *(_optional(PLAYER_LINEUP_CONTEXT.column(name)) for name in _FROM_LINEUP),
)
"""The model's inputs, in order. A feature not listed here reaches no model."""

FEATURES: tuple[str, ...] = tuple(column.name for column in FEATURE_COLUMNS)

OPPONENT_FEATURES: dict[str, str] = {_as_opponents(name): name for name in _FROM_OPPONENT}
"""Feature -> column of the opponent's row in team_defense_zone_analysis."""
FACTOR_FEATURES: tuple[str, ...] = _FROM_FACTORS
"""Features taken from player_composite_factors."""
ROSTER_FEATURES: tuple[str, ...] = _FROM_ROSTER
"""Features taken from upcoming_roster."""
LINEUP_FEATURES: tuple[str, ...] = _FROM_LINEUP
"""Features taken from player_lineup_context."""
TEAM_FEATURES: tuple[str, ...] = _FROM_TEAM
"""Features taken from upcoming_team_game_context under their own names."""

FEATURES_FROM: dict[str, tuple[str, ...]] = {
    "player_daily_cache": _FROM_CACHE,
    "player_composite_factors": FACTOR_FEATURES,
    "team_defense_zone_analysis": tuple(OPPONENT_FEATURES),
    "upcoming_player_game_context": (REST_DAYS.name, IS_BACK_TO_BACK.name, IS_HOME.name),
    "upcoming_team_game_context": (*TEAM_FEATURES, "team_games_played_season", "team_win_pct_season"),
    "upcoming_roster": ROSTER_FEATURES,
    "player_lineup_context": LINEUP_FEATURES,
}
"""Table -> features that are a column of it; the others are worked out of several."""

ML_FEATURE_STORE_V2 = Table(
    dataset="nba_predictions",
    name="ml_feature_store_v2",
    grain="one row per game day, player and information set: pregame if he is projected, lineup if he is listed",
    description=(
        "The features that models are trained on and served from, one named column each. A projected player who "
        "is on the active list has two rows, one who is not a pregame row only, one not projected a lineup row only."
    ),
    key=("game_date", "player_id", "information_set"),
    columns=(
        date_column(),
        PLAYER_ID,
        PLAYER_NAME,
        PLAYER_LOOKUP,
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        INFORMATION_SET,
        LAST_GAME_DATE,
        C("games_used", "int64", "Games in the 10-game window", "games", required=True),
        *FEATURE_COLUMNS,
        C("primary_scoring_zone", "string", "As in player_shot_zone_analysis; NULL if unknown"),
        C("feature_quality_score", "float64", "Share of the features that are known", "0..1", required=True),
        QUALITY_TIER,
        QUALITY_REASONS,
    ),
    reads={
        "upcoming_player_game_context": SAME_DAY,
        "upcoming_team_game_context": SAME_DAY,
        "upcoming_roster": SAME_DAY,
        "player_daily_cache": SAME_DAY,
        "player_lineup_context": SAME_DAY,
        "player_composite_factors": SAME_DAY,
        "team_defense_zone_analysis": SAME_DAY,
    },
    formula="Joined from the day's precomputed tables; a feature that is unknown is NULL, never a default.",
)
