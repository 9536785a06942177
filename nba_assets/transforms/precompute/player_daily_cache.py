"""nba_precompute.player_daily_cache: an expected player's form, load and team, ready for the systems."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.markets import STATISTICS
from nba_assets.tables.precompute import PLAYER_DAILY_CACHE, RECENT_FORM
from nba_assets.transforms.as_of import as_of, last_n, on_days, season_frames
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.player_form import form
from nba_assets.transforms.precompute.player_composite_factors import analysed_zones, recent_zone_rates
from nba_assets.transforms.quality import history_reasons, reasons, tier
from nba_assets.transforms.shot_zones import window_sums

_BY = ("player_id", "frame")


def _form(player_game_summary: ir.Table) -> ir.Table:
    """After each game of a player, per looking-back season: means, deviations and shares of his latest games."""
    history = season_frames(player_game_summary)
    by = _BY
    last_5, last_10, so_far = last_n(by, 5), last_n(by, 10), last_n(by, None)
    columns: dict[str, ir.Value] = {}
    for name in (*STATISTICS, "minutes"):
        value = history[name]
        columns[f"{name}_avg_last_5"] = value.mean().over(last_5)
        columns[f"{name}_avg_last_10"] = value.mean().over(last_10)
        columns[f"{name}_avg_season"] = history.is_frame_season.ifelse(value, None).mean().over(so_far)
    for name in STATISTICS:
        value = history[name]
        columns[f"{name}_avg_previous_season"] = history.is_frame_season.ifelse(None, value).mean().over(so_far)
        columns[f"{name}_std_last_10"] = value.std(how="sample").over(last_10)
    columns["minutes_std_last_10"] = history.minutes.std(how="sample").over(last_10)
    scoring = history.field_goals_attempted + 0.44 * history.free_throws_attempted
    points = history.points.sum().over(last_10)
    return history.select(
        *by,
        "game_date",
        "game_id",
        games_used=history.count().over(last_10),
        field_goals_attempted_avg_last_10=history.field_goals_attempted.mean().over(last_10),
        usage_rate_last_10=history.usage_rate.mean().over(last_10),
        true_shooting_pct_last_10=points / (2 * scoring.sum().over(last_10)).nullif(0),
        free_throw_points_share_last_10=history.free_throws_made.sum().over(last_10) / points.nullif(0),
        **columns,
        **window_sums(history, last_10, "last_10"),
    )


def _team_form(team_offense_game_summary: ir.Table) -> ir.Table:
    history = season_frames(team_offense_game_summary)
    window = last_n(("team_id", "frame"), 10)
    return history.select(
        "team_id",
        "frame",
        "game_date",
        "game_id",
        team_pace_last_10=history.pace.mean().over(window),
        team_offensive_rating_last_10=history.offensive_rating.mean().over(window),
    )


def build(
    upcoming_player_game_context: ir.Table,
    player_shot_zone_analysis: ir.Table,
    player_game_summary: ir.Table,
    team_offense_game_summary: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day and expected player; short history makes a lower tier, not a missing row."""
    expected = on_days(upcoming_player_game_context, days).drop("last_game_date").mutate(frame=ibis._.season_year)
    teams = as_of(
        expected.select("game_date", "player_id", "team_id", "frame"),
        _team_form(team_offense_game_summary),
        on=("team_id", "frame"),
    ).select("game_date", "player_id", "team_pace_last_10", "team_offensive_rating_last_10")
    rows = as_of(expected, _form(player_game_summary), on=_BY)
    recent = form(player_game_summary).select(*_BY, "game_date", "game_id", *(c.name for c in RECENT_FORM))
    rows = as_of(rows.drop("last_game_date"), recent, on=_BY)
    rows = rows.pipe(add_columns, analysed_zones(player_shot_zone_analysis), "game_date", "player_id").pipe(
        add_columns, teams, "game_date", "player_id"
    )
    zones = recent_zone_rates(rows)
    rows = rows.mutate(
        games_used=ibis.coalesce(rows.games_used, 0),
        primary_scoring_zone=zones.pop("primary_scoring_zone"),
        **{f"{name}_last_10": rate for name, rate in zones.items()},
        quality_tier=tier(rows.games_played_season, rows.games_played_previous_season),
    )
    return rows.mutate(
        quality_reasons=reasons(
            *history_reasons(rows.games_played_season, rows.games_played_previous_season),
            (rows.paint_rate_last_10.isnull() & (rows.games_used > 0), "player's shot zones unknown"),
            (rows.team_pace_last_10.isnull(), "team's recent games unknown"),
        ),
    ).select(*PLAYER_DAILY_CACHE.column_names)
