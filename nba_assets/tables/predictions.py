"""Records of nba_predictions: features, the model that serves a day, predictions and their grading."""

from __future__ import annotations

from nba_assets.tables.analytics import IS_BACK_TO_BACK, REST_DAYS
from nba_assets.tables.precompute import (
    LAST_GAME_DATE,
    PLAYER_COMPOSITE_FACTORS,
    PLAYER_DAILY_CACHE,
    QUALITY_REASONS,
    QUALITY_TIER,
    STATISTICS,
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
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, Column, Table

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
    "paint_allowed_vs_league_pct",
    "mid_range_allowed_vs_league_pct",
    "three_point_allowed_vs_league_pct",
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
    C("team_win_pct_season", "float64", "Share of the team's games won this season; NULL before the first", "0..1"),
    C("spread", "float64", "Team's spread before tip-off; negative means favoured", "points"),
    C("total", "float64", "Total line before tip-off", "points"),
    C("implied_points", "float64", "Points that the lines expect of the team", "points"),
    C("travel_miles", "float64", "Distance from the arena of the team's previous game", "miles"),
)
"""The model's inputs, in order. A feature not listed here reaches no model."""

FEATURES: tuple[str, ...] = tuple(column.name for column in FEATURE_COLUMNS)

OPPONENT_FEATURES: dict[str, str] = {_as_opponents(name): name for name in _FROM_OPPONENT}
"""Feature -> column of the opponent's row in team_defense_zone_analysis."""
FACTOR_FEATURES: tuple[str, ...] = _FROM_FACTORS
"""Features taken from player_composite_factors."""

INFORMATION_SET = C(
    "information_set",
    "string",
    "pregame: the player was projected before tip-off; lineup: it took knowing who played",
    required=True,
)

ML_FEATURE_STORE_V2 = Table(
    dataset="nba_predictions",
    name="ml_feature_store_v2",
    grain="one row per game day and expected player",
    description="The features that models are trained on and served from, one named column each.",
    key=("game_date", "player_id"),
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
        "player_daily_cache": SAME_DAY,
        "player_composite_factors": SAME_DAY,
        "team_defense_zone_analysis": SAME_DAY,
    },
    formula="Joined from the day's precomputed tables; a feature that is unknown is NULL, never a default.",
)

MARKET = C("market", "string", "points, rebounds, assists or threes", required=True)

PROP_MODEL = Table(
    dataset="nba_predictions",
    name="prop_model",
    grain="one row per game day and market",
    description="Which trained model serves the day: trained on days before its cut-off, never on the day itself.",
    key=("game_date", "market"),
    kind="lightgbm",
    columns=(
        date_column(),
        MARKET,
        C("model_id", "string", "Market, cut-off and content of the model; NULL if none could be trained"),
        C("training_cutoff", "date", "The model was trained on days before this one", "date", required=True),
        C("training_first_day", "date", "First day among the training rows", "date"),
        C("training_last_day", "date", "Last day among the training rows; always before the cut-off", "date"),
        C("training_rows", "int64", "Player-days trained on", "rows", required=True),
        C(
            "validation_rows",
            "int64",
            "Player-days of the last 28 days before the cut-off, held out to measure",
            "rows",
            required=True,
        ),
        C(
            "validation_mae",
            "float64",
            "Mean absolute error on them of a model trained on the days before",
            "the market's own",
        ),
        C(
            "validation_mae_last_10",
            "float64",
            "Mean absolute error of the last-10 mean on the same rows",
            "the market's own",
        ),
        C(
            "spread_intercept",
            "float64",
            "Variance of the validation residuals = intercept + slope * prediction",
            "squared",
        ),
        C("spread_slope", "float64", "See spread_intercept", "the market's own"),
        C("file_sha256", "string", "Hash of the model file, checked before each use"),
        C("training_fingerprint", "string", "Hash of the training rows, parameters and library release", required=True),
        C("reason", "string", "Why there is no model; NULL if there is one"),
    ),
    reads={"games": SAME_DAY, "ml_feature_store_v2": PREVIOUS_SEASON, "player_game_summary": PREVIOUS_SEASON},
    formula="LightGBM, L1 objective, retrained with the first day of each month as cut-off.",
)

_PREDICTION_KEY = (
    date_column(),
    GAME_ID,
    PLAYER_ID,
    PLAYER_NAME,
    PLAYER_LOOKUP,
    TEAM_ID,
    OPPONENT,
    MARKET,
    C("system_id", "string", "moving_average, zone_matchup, similarity, lightgbm or ensemble", required=True),
    INFORMATION_SET,
    C("predicted_value", "float64", "Forecast of the market's statistic", "the market's own", required=True),
)

PLAYER_PROP_PREDICTIONS = Table(
    dataset="nba_predictions",
    name="player_prop_predictions",
    grain="one row per game day, player, market and system that had something to say",
    description="Predictions of each system with quantiles and, where a bookmaker quotes a line, its over probability.",
    key=("game_date", "player_id", "market", "system_id"),
    kind="lightgbm",
    columns=(
        *_PREDICTION_KEY,
        *(
            C(
                f"p{level}",
                "float64",
                f"Value that the statistic stays under with probability {level} %; NULL without a spread",
                "the market's own",
            )
            for level in (10, 25, 50, 75, 90)
        ),
        C(
            "line",
            "float64",
            "Median line over bookmakers, stamped before tip-off; NULL without one",
            "the market's own",
        ),
        C("line_source", "string", "bookmaker or none", required=True),
        C(
            "over_probability",
            "float64",
            "Probability of more than the line, given that it is not a push; NULL without a line",
            "0..1",
        ),
        C("edge", "float64", "predicted_value - line; NULL without a line", "the market's own"),
        C("recommendation", "string", "OVER, UNDER, PASS or NO_LINE", required=True),
        C(
            "confidence_score",
            "float64",
            "How much history and agreement stand behind the prediction",
            "0..1",
            required=True,
        ),
        C("model_id", "string", "The model used; NULL for systems without one"),
        C("feature_quality_score", "float64", "As in ml_feature_store_v2", "0..1", required=True),
        C("created_at", "timestamp", "When the row was written", "UTC time", required=True),
    ),
    volatile=("created_at",),
    reads={
        "games": SAME_DAY,
        "ml_feature_store_v2": SAME_DAY,
        "prop_model": SAME_DAY,
        "player_props": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON,
        "team_defense_game_summary": PREVIOUS_SEASON,
    },
    formula="One module per system in nba_assets/models/systems/.",
)

PREDICTION_ACCURACY = Table(
    dataset="nba_predictions",
    name="prediction_accuracy",
    grain="one row per prediction whose player appeared",
    description="Predictions graded against what happened, once the games are final.",
    key=("game_date", "player_id", "market", "system_id"),
    columns=(
        *_PREDICTION_KEY,
        C("actual_value", "float64", "What the player did", "the market's own", required=True),
        C("minutes", "float64", "Minutes played", "minutes"),
        C(
            "signed_error",
            "float64",
            "predicted_value - actual_value; positive is over-predicted",
            "the market's own",
            required=True,
        ),
        C("absolute_error", "float64", "Size of signed_error", "the market's own", required=True),
        C("is_within_3", "boolean", "Whether the error is 3 or less", required=True),
        C("is_within_5", "boolean", "Whether the error is 5 or less", required=True),
        C("is_in_80_interval", "boolean", "Whether the actual value lies between p10 and p90; NULL without quantiles"),
        C("line", "float64", "As predicted against; NULL without one", "the market's own"),
        C("line_result", "string", "OVER, UNDER or PUSH; NULL without a line"),
        C("recommendation", "string", "As predicted", required=True),
        C("is_correct", "boolean", "Whether the recommendation won; NULL for PASS, NO_LINE and a push"),
        C("confidence_score", "float64", "As predicted", "0..1", required=True),
        C("confidence_decile", "int64", "1 for 0 to 0.1, up to 10 for 0.9 and above", "decile", required=True),
        C("model_id", "string", "As predicted"),
        C("games_played_season", "int64", "Games the player had behind him that season", "games"),
    ),
    reads={
        "games": SAME_DAY,
        "player_prop_predictions": SAME_DAY,
        "player_game_summary": SAME_DAY,
        "ml_feature_store_v2": SAME_DAY,
    },
    formula="A push is neither a win nor a loss; a prediction for a player who did not appear is not graded.",
)

PREDICTION_TABLES = (ML_FEATURE_STORE_V2, PROP_MODEL, PLAYER_PROP_PREDICTIONS, PREDICTION_ACCURACY)
