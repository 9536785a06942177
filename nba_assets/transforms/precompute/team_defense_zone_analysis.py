"""nba_precompute.team_defense_zone_analysis: how each of the 30 teams defends each zone, against the league."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.markets import ALLOWANCES
from nba_assets.tables.precompute import TEAM_DEFENSE_ZONE_ANALYSIS
from nba_assets.teams import TEAMS
from nba_assets.transforms.as_of import as_of, game_days, last_n, season_frames
from nba_assets.transforms.quality import tier
from nba_assets.transforms.shot_zones import ZONES, window_sums

WINDOW_GAMES = 15
_ALLOWED_COUNTS = {
    "paint": ("paint_attempts_allowed", "paint_makes_allowed"),
    "mid_range": ("mid_range_attempts_allowed", "mid_range_makes_allowed"),
    "three_point": ("three_pointers_attempted_allowed", "three_pointers_made_allowed"),
}


def _form(team_defense_game_summary: ir.Table) -> ir.Table:
    """After each game of a team, per looking-back season: sums and means of the last 15 games."""
    history = season_frames(team_defense_game_summary)
    window = last_n(("team_id", "frame"), WINDOW_GAMES)
    so_far = last_n(("team_id", "frame"), None)
    return history.select(
        "team_id",
        "frame",
        "game_date",
        "game_id",
        games_used=history.count().over(window),
        games_played_season=history.is_frame_season.cast("int64").sum().over(so_far),
        games_played_previous_season=(~history.is_frame_season).cast("int64").sum().over(so_far),
        defensive_rating_last_15=history.defensive_rating.mean().over(window),
        opponent_pace_last_15=history.opponent_pace.mean().over(window),
        points_allowed_avg_last_15=history.points_allowed.mean().over(window),
        **{f"{name}_allowed_avg_last_15": history[f"{name}_allowed"].mean().over(window) for name in ALLOWANCES},
        **window_sums(history, window, "last_15", _ALLOWED_COUNTS),
    )


def build(games: ir.Table, team_defense_game_summary: ir.Table, days: DayRange) -> ir.Table:
    """One row per game day and team, whether or not the team plays."""
    teams = ibis.memtable([(t.team_id,) for t in TEAMS], schema={"team_id": "int64"})
    targets = game_days(games, days).cross_join(teams).mutate(frame=ibis._.season_year)
    rows = as_of(targets, _form(team_defense_game_summary), on=("team_id", "frame"))
    day = ibis.window(group_by="game_date")
    columns: dict[str, ir.Value] = {}
    for zone in ZONES:
        attempts, makes = rows[f"{zone}_attempts_last_15"], rows[f"{zone}_makes_last_15"]
        allowed = makes / attempts.nullif(0)
        columns[f"{zone}_pct_allowed_last_15"] = allowed
        columns[f"{zone}_attempts_allowed_avg_last_15"] = attempts / rows.games_with_shot_zones_last_15.nullif(0)
        columns[f"{zone}_allowed_vs_league_pct"] = allowed - makes.sum().over(day) / attempts.sum().over(day).nullif(0)
    rows = rows.mutate(
        **columns,
        league_pace_last_15=rows.opponent_pace_last_15.mean().over(day),
        **{
            f"league_{name}_allowed_avg_last_15": rows[f"{name}_allowed_avg_last_15"].mean().over(day)
            for name in ALLOWANCES
        },
        games_with_shot_zones=ibis.coalesce(rows.games_with_shot_zones_last_15, 0),
        games_used=ibis.coalesce(rows.games_used, 0),
        games_played_season=ibis.coalesce(rows.games_played_season, 0),
        quality_tier=tier(rows.games_played_season, rows.games_played_previous_season),
    )
    paint, mid_range, three = (rows[f"{zone}_allowed_vs_league_pct"] for zone in ZONES)
    known = paint.notnull() & mid_range.notnull() & three.notnull()

    def zone_where(best: ir.FloatingValue) -> ir.StringValue:
        return ibis.cases(
            (~known, ibis.null("string")), (paint == best, "paint"), (mid_range == best, "mid_range"), else_="perimeter"
        )

    return rows.mutate(
        strongest_zone=zone_where(ibis.least(paint, mid_range, three)),
        weakest_zone=zone_where(ibis.greatest(paint, mid_range, three)),
    ).select(*TEAM_DEFENSE_ZONE_ANALYSIS.column_names)
