"""nba_predictions.prediction_accuracy: predictions graded against what happened."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.markets import MARKETS, STATISTICS, Market
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.tables.predictions import MINUTES_BANDS, PREDICTION_ACCURACY
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.predictions.lines import consensus_lines

DID_NOT_PLAY = "did not play"
BOX_SCORE_MISSING = "the game's box score is missing or does not add up"
"""Who is not in such a box score may have played all the same."""


def build(
    games: ir.Table,
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    ml_feature_store_v2: ir.Table,
    player_props: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per prediction whose player appeared in a game that is final."""
    rows = _graded_or_not(games, player_prop_predictions, player_game_summary, days)
    rows = rows.filter(rows.actual_value.notnull())
    by = ("game_date", "player_id", "information_set")
    rows = rows.pipe(add_columns, _known_before(ml_feature_store_v2), *by)
    rows = rows.mutate(
        last_10_average=_of_market(rows, "{}_avg_last_10"), blend_average=_of_market(rows, "{}_blend_average")
    )
    closing = consensus_lines(player_props, games).select("game_date", "player_id", "market", closing_line="line")
    rows = rows.pipe(add_columns, closing, "game_date", "player_id", "market")
    signed = rows.predicted_value - rows.actual_value
    line_result = ibis.cases(
        (rows.actual_value > rows.line, "OVER"),
        (rows.actual_value < rows.line, "UNDER"),
        (rows.actual_value == rows.line, "PUSH"),
    )
    deviation = ibis.cases(*((rows.market == m.name, m.deviation) for m in MARKETS))
    minutes = rows.projected_minutes
    is_bet = rows.recommendation.isin(["OVER", "UNDER"]) & (line_result != "PUSH")
    return rows.mutate(
        signed_error=signed,
        absolute_error=signed.abs(),
        is_within_half_deviation=signed.abs() <= deviation / 2,
        is_within_deviation=signed.abs() <= deviation,
        is_in_80_interval=(rows.actual_value >= rows.p10) & (rows.actual_value <= rows.p90),
        line_result=line_result,
        is_correct=is_bet.ifelse(rows.recommendation == line_result, ibis.null("boolean")),
        confidence_decile=(rows.confidence_score >= 1).ifelse(
            10, (rows.confidence_score * 10).floor().cast("int64") + 1
        ),
        minutes_band=ibis.cases(*((minutes < end, name) for name, end in MINUTES_BANDS.items())),
    ).select(*PREDICTION_ACCURACY.column_names)


def _known_before(ml_feature_store_v2: ir.Table) -> ir.Table:
    """Per feature row what grading needs of it, and the baselines of each market."""
    rows = ml_feature_store_v2
    averages = {f"{m.statistic}_avg_last_10": rows[f"{m.statistic}_avg_last_10"] for m in MARKETS}
    blends = {f"{m.statistic}_blend_average": _blend(rows, m) for m in MARKETS}
    return rows.select(*ML_FEATURE_STORE_V2.key, "games_played_season", "projected_minutes", **averages, **blends)


def _blend(rows: ir.Table, market: Market) -> ir.FloatingValue:
    season = ibis.coalesce(rows[f"{market.statistic}_avg_season"], rows[f"{market.statistic}_avg_previous_season"])
    return (rows[f"{market.statistic}_avg_last_10"] + season) / 2


def _of_market(rows: ir.Table, column: str) -> ir.FloatingValue:
    return ibis.cases(*((rows.market == m.name, rows[column.format(m.statistic)]) for m in MARKETS))


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
        "information_set",
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
    actual = player_game_summary.select("game_id", "player_id", "minutes", *STATISTICS)
    scored = player_game_summary.group_by("game_id").agg(points_scored=player_game_summary.points.sum())
    state = games.left_join(scored, "game_id")
    state = state.select(
        "game_date",
        "game_id",
        "status",
        has_whole_box_score=state.points_scored == state.home_points + state.away_points,
    )
    # By day as well: on the day that it was postponed from, a game that was played later is not final.
    rows = predictions.pipe(add_columns, state, "game_date", "game_id")
    rows = rows.pipe(add_columns, actual, "game_id", "player_id")
    value = ibis.cases(*((rows.market == m.name, rows[m.statistic].cast("float64")) for m in MARKETS))
    is_final = ibis.coalesce(rows.status == "final", False)
    return rows.mutate(actual_value=is_final.ifelse(value, ibis.null("float64")))
