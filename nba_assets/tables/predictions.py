"""Records of nba_predictions: untrained forecasts, the model that serves a day, predictions and their grading.

The feature store's record is in `features.py`.
"""

from __future__ import annotations

from nba_assets.markets import MARKETS
from nba_assets.systems import SYSTEMS, UNTRAINED
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.tables.lineups import INFORMATION_SET
from nba_assets.tables.raw import (
    GAME_ID,
    OPPONENT,
    PLAYER_ID,
    PLAYER_LOOKUP,
    PLAYER_NAME,
    TEAM_ID,
    date_column,
)
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, THREE_PREVIOUS_SEASONS, Column, Table

C = Column


MARKET = C("market", "string", f"One of {', '.join(market.name for market in MARKETS)}", required=True)

UNTRAINED_FORECASTS = Table(
    dataset="nba_predictions",
    name="untrained_forecasts",
    grain="one row per feature row and market",
    description="What the systems that need no training say; its past is what they are weighed by.",
    key=("game_date", "player_id", "information_set", "market"),
    columns=(
        date_column(),
        PLAYER_ID,
        INFORMATION_SET,
        MARKET,
        *(
            column
            for system in UNTRAINED
            for column in (
                C(system, "float64", f"Forecast of {system}; NULL if silent", "the market's own"),
                C(f"{system}_reason", "string", f"Why {system} is silent; NULL if it is not"),
            )
        ),
    ),
    reads={
        "ml_feature_store_v2": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
        "team_defense_game_summary": PREVIOUS_SEASON.strictly_before,
    },
    formula="One module per system in nba_assets/models/systems/.",
)

PROP_MODEL = Table(
    dataset="nba_predictions",
    name="prop_model",
    grain="one row per game day, market and information set",
    description=(
        "Which trained model serves the day: trained on days before its cut-off, never on the day itself, and on rows "
        "of its own information set only."
    ),
    key=("game_date", "market", "information_set"),
    kind="lightgbm",
    columns=(
        date_column(),
        MARKET,
        INFORMATION_SET,
        C(
            "model_id",
            "string",
            "Market, information set, cut-off and content of the model; NULL if none could be trained",
        ),
        C("training_cutoff", "date", "The model was trained on days before this one", "date", required=True),
        C("training_first_day", "date", "First day among the training rows", "date"),
        C("training_last_day", "date", "Last day among the training rows; always before the cut-off", "date"),
        C("training_rows", "int64", "Player-days trained on", "rows", required=True),
        C(
            "validation_rows",
            "int64",
            "Player-days that the models of the year before the cut-off served, not having seen them: the calibration "
            "is learned from them; 0 if too few",
            "rows",
            required=True,
        ),
        C("validation_mae", "float64", "Mean absolute error of those models there", "the market's own"),
        C("validation_mae_ensemble", "float64", "The ensemble's there, as now weighted", "the market's own"),
        C("validation_mae_last_10", "float64", "The last-10 mean's there", "the market's own"),
        C(
            "calibration",
            "string",
            "As JSON: weights of the systems, spread and curves of the distribution, levels of the 80 % interval",
            required=True,
        ),
        C("parameters", "string", "As JSON: the parameters of the training", required=True),
        C("file_sha256", "string", "Hash of the model file, checked before each use"),
        C("training_fingerprint", "string", "Hash of the training rows, parameters and library release", required=True),
        C(
            "calibration_fingerprint",
            "string",
            "Hash of the models before, of the rows that they served and of the settings",
            required=True,
        ),
        C("settings_fingerprint", "string", "Hash of the settings of training and calibration"),
        C("reason", "string", "Why there is no model; NULL if there is one"),
    ),
    reads={
        "games": SAME_DAY,
        "ml_feature_store_v2": THREE_PREVIOUS_SEASONS.strictly_before,
        "untrained_forecasts": PREVIOUS_SEASON.strictly_before,
        "player_game_summary": THREE_PREVIOUS_SEASONS.strictly_before,
    },
    formula=(
        "A linear fit and two LightGBM ensembles on what it leaves (models/regression.py), and the market's part of a "
        "neural network of all markets (models/network.py), trained on this season and "
        "the two before it with 1 October, 1 December and 1 February as cut-offs; calibrated on what the models of the "
        "year before said of the days that they served (models/calibration.py)."
    ),
)

MINUTES_BANDS = {"0-12": 12.0, "12-20": 20.0, "20-28": 28.0, "28+": float("inf")}
"""Name of a band of projected minutes -> the minutes that it ends before."""

_PREDICTION_KEY = (
    date_column(),
    GAME_ID,
    PLAYER_ID,
    PLAYER_NAME,
    PLAYER_LOOKUP,
    TEAM_ID,
    OPPONENT,
    MARKET,
    C("system_id", "string", f"One of {', '.join(SYSTEMS)}", required=True),
    INFORMATION_SET,
    C("predicted_value", "float64", "Forecast of the market's statistic", "the market's own", required=True),
)

_QUANTILE_COLUMNS = tuple(
    C(
        f"p{level}",
        "float64",
        f"Value that the statistic stays under with probability {level} %; NULL without a distribution",
        "the market's own",
    )
    for level in (10, 25, 50, 75, 90)
)


def _in_deviations(share: float) -> str:
    """So much of each market's deviation, for people: `3 points, 1.25 rebounds`."""
    return ", ".join(f"{share * market.deviation:g} {market.name}" for market in MARKETS)


PLAYER_PROP_PREDICTIONS = Table(
    dataset="nba_predictions",
    name="player_prop_predictions",
    grain="one row per game day, player, market, information set and system that had something to say",
    description="Predictions of each system with quantiles and, where a bookmaker quotes a line, its over probability.",
    key=("game_date", "player_id", "market", "system_id", "information_set"),
    kind="lightgbm",
    columns=(
        *_PREDICTION_KEY,
        *_QUANTILE_COLUMNS,
        C(
            "root_spread",
            "float64",
            "Standard deviation of the result's square root around the forecast's; with the model's calibration it "
            "gives the probability of any line",
            "root of the market's own",
        ),
        C(
            "line",
            "float64",
            "The line that most bookmakers quote, stamped before tip-off; NULL without one",
            "the market's own",
        ),
        C("bookmakers", "int64", "Bookmakers who quote the player and market; NULL without a line", "count"),
        C("over_price_american", "float64", "Best price of over at the line; NULL if none is stated", "American odds"),
        C(
            "under_price_american",
            "float64",
            "Best price of under at the line; NULL if none is stated",
            "American odds",
        ),
        C(
            "fair_over_probability",
            "float64",
            "Probability of over in the prices once the margin is removed; NULL unless both sides are priced",
            "0..1",
        ),
        C("line_source", "string", "bookmaker or none", required=True),
        C(
            "over_probability",
            "float64",
            "Probability of more than the line, given that it is not a push; NULL without a line",
            "0..1",
        ),
        C("edge", "float64", "predicted_value - line; NULL without a line", "the market's own"),
        C(
            "expected_value",
            "float64",
            "Mean profit per unit staked on the recommended side, of the better one for PASS; NULL without a line",
            "units",
        ),
        C("price_american", "float64", "Price that expected_value is worked out at", "American odds"),
        C("has_price", "boolean", "Whether a bookmaker states that price; false where -110 is assumed"),
        C("recommendation", "string", "OVER, UNDER, PASS or NO_LINE", required=True),
        C(
            "confidence_score",
            "float64",
            "Probability that the result is within the market's usual deviation of the forecast "
            f"({_in_deviations(1.0)}); NULL without a distribution",
            "0..1",
        ),
        C("model_id", "string", "The model used; NULL for systems without one"),
        C("feature_quality_score", "float64", "As in ml_feature_store_v2", "0..1", required=True),
        C(
            "created_at",
            "timestamp",
            "When the row was written; one from before tip-off stands once the game has begun",
            "UTC time",
            required=True,
        ),
    ),
    volatile=("created_at",),
    reads={
        "games": SAME_DAY,
        "ml_feature_store_v2": SAME_DAY,
        "untrained_forecasts": SAME_DAY,
        "prop_model": SAME_DAY,
        "player_props": SAME_DAY,
    },
    formula="models/predictions.py; lines in transforms/predictions/lines.py, prices and advice in models/odds.py.",
)

PREDICTION_ACCURACY = Table(
    dataset="nba_predictions",
    name="prediction_accuracy",
    grain="one row per prediction whose player appeared",
    description="Predictions graded against what happened, once the games are final.",
    key=("game_date", "player_id", "market", "system_id", "information_set"),
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
        C(
            "is_within_half_deviation",
            "boolean",
            f"Whether the error is at most half of the market's usual deviation: {_in_deviations(0.5)}",
            required=True,
        ),
        C(
            "is_within_deviation",
            "boolean",
            f"Whether the error is at most the market's usual deviation: {_in_deviations(1.0)}",
            required=True,
        ),
        *_QUANTILE_COLUMNS,
        C("is_in_80_interval", "boolean", "Whether the actual value lies between p10 and p90; NULL without quantiles"),
        C("last_10_average", "float64", "Baseline: mean of the last 10 games", "the market's own"),
        C(
            "blend_average",
            "float64",
            "Baseline: half the last 10 games' mean and half the season's; the previous season's before the first game",
            "the market's own",
        ),
        C("minutes_band", "string", f"{', '.join(MINUTES_BANDS)}: by projected minutes; NULL if unknown"),
        C("line", "float64", "As predicted against; NULL without one", "the market's own"),
        C("closing_line", "float64", "The last line before tip-off; NULL without one", "the market's own"),
        C("over_price_american", "float64", "As predicted against", "American odds"),
        C("under_price_american", "float64", "As predicted against", "American odds"),
        C("over_probability", "float64", "As predicted", "0..1"),
        C("expected_value", "float64", "As predicted", "units"),
        C("line_result", "string", "OVER, UNDER or PUSH; NULL without a line"),
        C("recommendation", "string", "As predicted", required=True),
        C("is_correct", "boolean", "Whether the recommendation won; NULL for PASS, NO_LINE and a push"),
        C("confidence_score", "float64", "As predicted", "0..1"),
        C("confidence_decile", "int64", "1 for 0 to 0.1, up to 10 for 0.9 and above", "decile"),
        C("model_id", "string", "As predicted"),
        C("games_played_season", "int64", "Games the player had behind him that season", "games"),
    ),
    reads={
        "games": SAME_DAY,
        "player_prop_predictions": SAME_DAY,
        "player_game_summary": SAME_DAY,
        "ml_feature_store_v2": SAME_DAY,
        "player_props": SAME_DAY,
    },
    formula="A push is neither a win nor a loss; a prediction for a player who did not appear is not graded.",
)

PREDICTION_TABLES = (ML_FEATURE_STORE_V2, UNTRAINED_FORECASTS, PROP_MODEL, PLAYER_PROP_PREDICTIONS, PREDICTION_ACCURACY)
