"""nba_predictions.prediction_accuracy: predictions graded against what happened."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.tables.predictions import PREDICTION_ACCURACY
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns

DID_NOT_PLAY = "did not play"
BOX_SCORE_MISSING = "the game's box score is missing or does not add up"
"""Who is not in such a box score may have played all the same."""


def build(
    games: ir.Table,
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    ml_feature_store_v2: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per prediction whose player appeared in a game that is final."""
    rows = _graded_or_not(games, player_prop_predictions, player_game_summary, days)
    rows = rows.filter(rows.actual_value.notnull())
    played_before = ml_feature_store_v2.select("game_date", "player_id", "games_played_season")
    rows = rows.pipe(add_columns, played_before, "game_date", "player_id")
    signed = rows.predicted_value - rows.actual_value
    line_result = ibis.cases(
        (rows.actual_value > rows.line, "OVER"),
        (rows.actual_value < rows.line, "UNDER"),
        (rows.actual_value == rows.line, "PUSH"),
    )
    is_bet = rows.recommendation.isin(["OVER", "UNDER"]) & (line_result != "PUSH")
    return rows.mutate(
        signed_error=signed,
        absolute_error=signed.abs(),
        is_within_3=signed.abs() <= 3,
        is_within_5=signed.abs() <= 5,
        is_in_80_interval=(rows.actual_value >= rows.p10) & (rows.actual_value <= rows.p90),
        line_result=line_result,
        is_correct=is_bet.ifelse(rows.recommendation == line_result, ibis.null("boolean")),
        confidence_decile=ibis.least((rows.confidence_score * 10).floor().cast("int64") + 1, 10),
    ).select(*PREDICTION_ACCURACY.column_names)


def absent(
    games: ir.Table, player_prop_predictions: ir.Table, player_game_summary: ir.Table, days: DayRange
) -> ir.Table:
    """Predictions that cannot be graded, with the reason."""
    rows = _graded_or_not(games, player_prop_predictions, player_game_summary, days)
    return rows.filter(rows.actual_value.isnull()).select(
        "game_date",
        "player_id",
        "market",
        "system_id",
        reason=ibis.cases(
            (rows.status != "final", "game not final"),
            (ibis.coalesce(rows.has_whole_box_score, False), DID_NOT_PLAY),
            else_=BOX_SCORE_MISSING,
        ),
    )


def _graded_or_not(
    games: ir.Table, player_prop_predictions: ir.Table, player_game_summary: ir.Table, days: DayRange
) -> ir.Table:
    predictions = on_days(player_prop_predictions, days)
    actual = player_game_summary.select("game_id", "player_id", "minutes", *{m.statistic for m in MARKETS})
    scored = player_game_summary.group_by("game_id").agg(points_scored=player_game_summary.points.sum())
    state = games.left_join(scored, "game_id")
    state = state.select(
        "game_id", "status", has_whole_box_score=state.points_scored == state.home_points + state.away_points
    )
    rows = predictions.pipe(add_columns, state, "game_id")
    rows = rows.pipe(add_columns, actual, "game_id", "player_id")
    value = ibis.cases(*((rows.market == m.name, rows[m.statistic].cast("float64")) for m in MARKETS))
    is_final = ibis.coalesce(rows.status == "final", False)
    return rows.mutate(actual_value=is_final.ifelse(value, ibis.null("float64")))
