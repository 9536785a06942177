"""nba_analytics.player_game_summary: a player's game, from the box score, the shots, the result and the line."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.analytics import PLAYER_GAME_SUMMARY
from nba_assets.transforms.as_of import before_tipoff, on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.shot_zones import is_paint


def effective_field_goal_pct(table: ir.Table) -> ir.FloatingValue:
    """(FGM + 0.5 * 3PM) / FGA; NULL without an attempt."""
    return (table.field_goals_made + 0.5 * table.three_pointers_made) / table.field_goals_attempted.nullif(0)


def true_shooting_pct(table: ir.Table) -> ir.FloatingValue:
    """PTS / (2 * (FGA + 0.44 * FTA)); NULL without an attempt."""
    return table.points / (2 * (table.field_goals_attempted + 0.44 * table.free_throws_attempted)).nullif(0)


def plays_used(table: ir.Table) -> ir.FloatingValue:
    """FGA + 0.44 * FTA + TOV."""
    return table.field_goals_attempted + 0.44 * table.free_throws_attempted + table.turnovers


def build(
    player_boxscores: ir.Table, shots: ir.Table, games: ir.Table, player_props: ir.Table, days: DayRange
) -> ir.Table:
    """One row per game and player who appeared. Usage = plays * (team minutes / 5) / (minutes * team plays)."""
    box = on_days(player_boxscores, days).drop("source")
    attempts = shots.group_by("game_id", "player_id").agg(
        shots_seen=shots.count(),
        threes_seen=shots.is_three.cast("int64").sum(),
        paint_attempts=is_paint(shots).cast("int64").sum(),
        paint_makes=(is_paint(shots) & shots.is_made).cast("int64").sum(),
        mid_range_attempts=(~is_paint(shots) & ~shots.is_three).cast("int64").sum(),
        mid_range_makes=(~is_paint(shots) & ~shots.is_three & shots.is_made).cast("int64").sum(),
    )
    # By day as well: a game that was postponed stands in the schedule of two days.
    results = games.select("game_date", "game_id", "home_points", "away_points")
    points_props = before_tipoff(player_props, games).filter(lambda t: (t.market == "points") & (t.side == "over"))
    lines = points_props.group_by("game_date", "game_id", "player_id").agg(
        points_line=points_props.line.argmin(points_props.bookmaker)
    )
    rows = (
        box.pipe(add_columns, attempts, "game_id", "player_id")
        .pipe(add_columns, results, "game_date", "game_id")
        .pipe(add_columns, lines, "game_date", "game_id", "player_id")
    )
    team = ibis.window(group_by=("game_id", "team_id"))
    rows = rows.mutate(
        plays_used=plays_used(rows),
        effective_field_goal_pct=effective_field_goal_pct(rows),
        true_shooting_pct=true_shooting_pct(rows),
        has_shot_zones=(ibis.coalesce(rows.shots_seen, 0) == rows.field_goals_attempted)
        & (ibis.coalesce(rows.threes_seen, 0) == rows.three_pointers_attempted),
        is_win=(rows.home_points > rows.away_points) == rows.is_home,
        points_result=ibis.cases(
            (rows.points > rows.points_line, "OVER"),
            (rows.points < rows.points_line, "UNDER"),
            (rows.points == rows.points_line, "PUSH"),
        ),
    )
    return rows.mutate(
        usage_rate=rows.plays_used
        * (rows.minutes.sum().over(team) / 5)
        / (rows.minutes.nullif(0) * rows.plays_used.sum().over(team).nullif(0)),
        **{
            name: rows.has_shot_zones.ifelse(ibis.coalesce(rows[name], 0), ibis.null("int64"))
            for name in ("paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes")
        },
    ).select(*PLAYER_GAME_SUMMARY.column_names)
