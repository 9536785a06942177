"""The faults that are planted, a day's each, and the checks meant for them. `$day` in a statement is the day."""

from __future__ import annotations

from dataclasses import dataclass

from nba_assets.checks.verdict import Severity

ERROR, WARN = Severity.ERROR, Severity.WARN


@dataclass(frozen=True)
class Fault:
    """What is done to the stored tables, and which checks are meant to say so on the day."""

    name: str
    statements: tuple[str, ...]
    caught: dict[tuple[str, str], Severity]


ONE_GAME = "(SELECT min(game_id) FROM nba_raw.games WHERE game_date = $day)"
LAST_GAME = "(SELECT max(game_id) FROM nba_raw.games WHERE game_date = $day)"
ONE_PLAYER = "(SELECT min(player_id) FROM nba_raw.player_boxscores WHERE game_date = $day)"
# As a source that never delivered them would leave it: the ledger counts what is there.
RECOUNT = (
    "UPDATE nba_assets.day_ledger SET row_count = (SELECT count(*) FROM {table} WHERE game_date = $day) "
    "WHERE table_name = '{name}' AND game_date = $day"
)


def recount(table: str) -> str:
    return RECOUNT.format(table=table, name=table.partition(".")[2])


FAULTS = [
    Fault(
        "a game without box scores",
        (
            f"DELETE FROM nba_raw.player_boxscores WHERE game_id = {ONE_GAME}",
            recount("nba_raw.player_boxscores"),
        ),
        {("player_boxscores", "row_count"): ERROR, ("player_boxscores", "coverage"): ERROR},
    ),
    Fault(
        "a game missing from the schedule",
        (f"DELETE FROM nba_raw.games WHERE game_id = {ONE_GAME}", recount("nba_raw.games")),
        {("player_boxscores", "row_count"): ERROR, ("team_offense_game_summary", "row_count"): ERROR},
    ),
    Fault(
        "rows lost after they were written",
        (f"DELETE FROM nba_raw.games WHERE game_id = {ONE_GAME}",),
        {("games", "row_count"): ERROR},
    ),
    Fault(
        "a duplicated player row",
        (
            "INSERT INTO nba_analytics.player_game_summary SELECT * FROM nba_analytics.player_game_summary "
            f"WHERE game_date = $day AND player_id = {ONE_PLAYER}",
        ),
        {("player_game_summary", "unique_key"): ERROR},
    ),
    Fault(
        "half of the day's players gone from the source",
        (
            "DELETE FROM nba_raw.player_boxscores WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_raw.player_boxscores"),
        ),
        {("player_boxscores", "reconciles"): ERROR, ("player_boxscores", "coverage"): ERROR},
    ),
    Fault(
        "half of the day's players gone from a table",
        (
            "DELETE FROM nba_analytics.player_game_summary WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_analytics.player_game_summary"),
        ),
        {("player_game_summary", "coverage"): ERROR, ("player_game_summary", "reconciles"): ERROR},
    ),
    Fault(
        "half of the day's expected players without features",
        (
            "DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_predictions.ml_feature_store_v2"),
        ),
        {("ml_feature_store_v2", "coverage"): ERROR},
    ),
    Fault(
        "the rows of the line-up gone, those before tip-off there",
        (
            "DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = $day AND information_set = 'lineup'",
            recount("nba_predictions.ml_feature_store_v2"),
        ),
        {("ml_feature_store_v2", "coverage"): ERROR, ("ml_feature_store_v2", "row_count"): ERROR},
    ),
    Fault(
        "minutes null",
        ("UPDATE nba_raw.player_boxscores SET minutes = NULL WHERE game_date = $day",),
        {("player_boxscores", "null_share"): ERROR},
    ),
    Fault(
        "a feature turned constant",
        ("UPDATE nba_predictions.ml_feature_store_v2 SET usage_rate_last_10 = 0.2 WHERE game_date = $day",),
        {("ml_feature_store_v2", "not_constant"): WARN},
    ),
    Fault(
        "a feature in another unit",
        (
            "UPDATE nba_predictions.ml_feature_store_v2 SET points_avg_last_10 = 6 * points_avg_last_10 "
            "WHERE game_date = $day",
        ),
        {("ml_feature_store_v2", "drift"): WARN},
    ),
    Fault(
        "shots cut off in the middle of a game",
        (
            f"DELETE FROM nba_raw.shots WHERE game_id = {LAST_GAME} AND shot_number > 60",
            recount("nba_raw.shots"),
        ),
        {("shots", "reconciles"): ERROR},
    ),
    Fault(
        "shots cut off before a game",
        (f"DELETE FROM nba_raw.shots WHERE game_id = {LAST_GAME}", recount("nba_raw.shots")),
        {("shots", "coverage"): ERROR, ("shots", "row_count"): ERROR},
    ),
    Fault(
        "a line stamped after tip-off",
        (
            "UPDATE nba_raw.player_props SET snapshot_utc = tipoff_utc + INTERVAL 30 MINUTE WHERE game_date = $day "
            "AND player_id = (SELECT min(player_id) FROM nba_raw.player_props WHERE game_date = $day)",
        ),
        {("player_props", "lines_before_tipoff"): WARN, ("player_prop_predictions", "lines_before_tipoff"): ERROR},
    ),
    Fault(
        "a result of the day in an average of the day",
        (
            "UPDATE nba_predictions.ml_feature_store_v2 AS f SET points_avg_season = "
            "(f.points_avg_season * f.games_played_season + p.points) / (f.games_played_season + 1) "
            "FROM nba_analytics.player_game_summary AS p "
            "WHERE f.game_date = $day AND p.game_date = $day AND p.player_id = f.player_id",
        ),
        {("ml_feature_store_v2", "no_leakage"): ERROR},
    ),
    Fault(
        "the day itself among the games that a row rests on",
        ("UPDATE nba_precompute.player_composite_factors SET last_game_date = $day WHERE game_date = $day",),
        {("player_composite_factors", "no_leakage"): ERROR},
    ),
    Fault(
        "a model that was trained past its cut-off",
        ("UPDATE nba_predictions.prop_model SET training_last_day = training_cutoff WHERE game_date = $day",),
        {("prop_model", "no_leakage"): ERROR},
    ),
    Fault(
        "points that do not add up",
        (
            "UPDATE nba_raw.player_boxscores SET points = points + 1, free_throws_made = free_throws_made + 1, "
            f"free_throws_attempted = free_throws_attempted + 1 WHERE game_date = $day AND player_id = {ONE_PLAYER}",
        ),
        {("player_boxscores", "reconciles"): ERROR},
    ),
    Fault(
        "a value that cannot be",
        ("UPDATE nba_precompute.player_daily_cache SET paint_rate_last_10 = 1.2 WHERE game_date = $day",),
        {("player_daily_cache", "values_in_range"): ERROR},
    ),
    Fault(
        "a value that is no number",
        ("UPDATE nba_precompute.player_daily_cache SET minutes_avg_last_5 = 'nan' WHERE game_date = $day",),
        {("player_daily_cache", "schema"): ERROR},
    ),
    Fault(
        "minutes of a line-up that are more than the game has",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 1.5 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND expected_minutes >= 20",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "minutes shared out unevenly among those who are sure to play",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 0.9 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND player_id = (SELECT max(player_id) "
            "FROM nba_precompute.player_lineup_context WHERE game_date = $day AND information_set = 'lineup' "
            "AND expected_minutes >= 20)",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "more minutes for those who may not play",
        (
            "UPDATE nba_precompute.player_lineup_context SET projected_minutes = 2 * projected_minutes "
            "WHERE game_date = $day AND information_set = 'lineup' AND expected_minutes < 15",
        ),
        {("player_lineup_context", "reconciles"): ERROR},
    ),
    Fault(
        "a system that fell silent without a reason",
        ("DELETE FROM nba_predictions.player_prop_predictions WHERE game_date = $day AND system_id = 'similarity'",),
        {("player_prop_predictions", "systems_answer"): ERROR, ("player_prop_predictions", "row_count"): ERROR},
    ),
    Fault(
        "a system silent in one market before tip-off",
        (
            "DELETE FROM nba_predictions.player_prop_predictions WHERE game_date = $day "
            "AND system_id = 'moving_average' AND market = 'assists' AND information_set = 'pregame'",
            recount("nba_predictions.player_prop_predictions"),
        ),
        {("player_prop_predictions", "systems_answer"): ERROR},
    ),
    Fault(
        "quantiles that cross",
        (
            "UPDATE nba_predictions.player_prop_predictions SET p10 = 1, p25 = 5, p50 = 6, p75 = 4, p90 = 9 "
            "WHERE game_date = $day AND system_id = 'lightgbm'",
        ),
        {("player_prop_predictions", "quantiles_ordered"): ERROR},
    ),
    Fault(
        "a recommendation that its probability does not carry",
        (
            "UPDATE nba_predictions.player_prop_predictions SET recommendation = 'OVER' "
            "WHERE game_date = $day AND recommendation = 'NO_LINE'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a recommendation of the less likely side of a whole line",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20, over_probability = 0.3, "
            "recommendation = 'OVER' WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a pass where the probability and the price advise a bet",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20.5, over_probability = 0.7, "
            "over_price_american = NULL, under_price_american = NULL, recommendation = 'PASS' "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a bet at a price that does not pay",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = 20.5, over_probability = 0.7, "
            "over_price_american = -400, under_price_american = 300, recommendation = 'OVER' "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR},
    ),
    Fault(
        "a probability that is none",
        (
            "UPDATE nba_predictions.player_prop_predictions SET confidence_score = 1.2 "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "probabilities"): ERROR, ("player_prop_predictions", "values_in_range"): ERROR},
    ),
    Fault(
        "a line that somebody quotes, but not the one that most do",
        (
            "UPDATE nba_predictions.player_prop_predictions SET line = line + 1 "
            "WHERE game_date = $day AND line IS NOT NULL",
        ),
        {("player_prop_predictions", "lines_before_tipoff"): ERROR},
    ),
    Fault(
        "an ensemble outside its members",
        (
            "UPDATE nba_predictions.player_prop_predictions SET predicted_value = predicted_value + 40 "
            "WHERE game_date = $day AND system_id = 'ensemble'",
        ),
        {("player_prop_predictions", "reconciles"): ERROR},
    ),
    Fault(
        "grades that are not what happened",
        ("UPDATE nba_predictions.prediction_accuracy SET actual_value = actual_value + 1 WHERE game_date = $day",),
        {("prediction_accuracy", "reconciles"): ERROR},
    ),
    Fault(
        "forecasts that have seen the answer",
        (
            "UPDATE nba_predictions.prediction_accuracy SET predicted_value = actual_value + 0.5, signed_error = 0.5, "
            "absolute_error = 0.5 WHERE game_date = $day",
        ),
        {("prediction_accuracy", "not_too_good"): ERROR},
    ),
    Fault(
        "forecasts that have seen the answer in one market, knowing the line-up",
        (
            "UPDATE nba_predictions.prediction_accuracy SET predicted_value = actual_value + 0.2, signed_error = 0.2, "
            "absolute_error = 0.2 WHERE game_date = $day AND market = 'threes' AND information_set = 'lineup'",
        ),
        {("prediction_accuracy", "not_too_good"): ERROR},
    ),
    Fault(
        "no model for one market and information set",
        (
            "UPDATE nba_predictions.prop_model SET model_id = NULL, reason = 'lost' "
            "WHERE game_date = $day AND market = 'rebounds' AND information_set = 'pregame'",
        ),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a market that the untrained systems said nothing about",
        (
            "DELETE FROM nba_predictions.untrained_forecasts WHERE game_date = $day AND market = 'threes'",
            recount("nba_predictions.untrained_forecasts"),
        ),
        {("untrained_forecasts", "row_count"): ERROR, ("untrained_forecasts", "coverage"): ERROR},
    ),
    Fault(
        "half of the players without an answer of the untrained systems",
        (
            "DELETE FROM nba_predictions.untrained_forecasts WHERE game_date = $day AND player_id % 2 = 0",
            recount("nba_predictions.untrained_forecasts"),
        ),
        {("untrained_forecasts", "coverage"): ERROR},
    ),
    Fault(
        "a model that was last trained long before its cut-off",
        ("UPDATE nba_predictions.prop_model SET training_last_day = DATE '2019-11-10' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a December model that has seen nothing of the autumn",
        ("UPDATE nba_predictions.prop_model SET training_last_day = DATE '2019-04-10' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a model of the cut-off before the day's own",
        ("UPDATE nba_predictions.prop_model SET training_cutoff = DATE '2019-10-01' WHERE game_date = $day",),
        {("prop_model", "model_freshness"): WARN},
    ),
    Fault(
        "a model that is no better than a mean",
        (
            "UPDATE nba_predictions.prop_model SET validation_mae = 5, validation_mae_last_10 = 5 "
            "WHERE game_date = $day",
        ),
        {("prop_model", "model_skill"): WARN},
    ),
]
