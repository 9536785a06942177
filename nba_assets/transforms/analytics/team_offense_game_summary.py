"""nba_analytics.team_offense_game_summary: a team's game, summed over its players."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.analytics import TEAM_OFFENSE_GAME_SUMMARY, ZONE_COUNTS
from nba_assets.tables.raw import BOX_COUNTS
from nba_assets.transforms.analytics.player_game_summary import effective_field_goal_pct, plays_used, true_shooting_pct
from nba_assets.transforms.as_of import on_days
from nba_assets.transforms.joins import add_columns

_REGULATION_MINUTES = 240


def build(player_game_summary: ir.Table, days: DayRange) -> ir.Table:
    """One row per game and team. Zones are NULL if any player's shots are unknown."""
    players = on_days(player_game_summary, days)
    team = players.group_by("game_date", "game_id", "season_year", "team_id", "opponent_team_id", "is_home").agg(
        # Minutes of some players say nothing of how long the game was.
        minutes=players.minutes.notnull().all().ifelse(players.minutes.sum(), ibis.null("float64")),
        has_shot_zones=players.has_shot_zones.all(),
        **{c.name: players[c.name].sum() for c in (*BOX_COUNTS, *ZONE_COUNTS)},
    )
    team = team.mutate(
        overtime_periods=(team.minutes > _REGULATION_MINUTES - 1).ifelse(
            ((team.minutes - _REGULATION_MINUTES) / 25).round().cast("int64"), ibis.null("int64")
        ),
        **{c.name: team.has_shot_zones.ifelse(team[c.name], None) for c in ZONE_COUNTS},
    )
    other = team.select("game_id", opponent_team_id="team_id", opponent_points="points")
    both = add_columns(team, other, "game_id", "opponent_team_id")
    both = both.mutate(
        is_win=both.points > both.opponent_points,
        possessions=plays_used(both) - both.offensive_rebounds,
        effective_field_goal_pct=effective_field_goal_pct(both),
        true_shooting_pct=true_shooting_pct(both),
    )
    return both.mutate(
        offensive_rating=100 * both.points / both.possessions.nullif(0),
        pace=both.possessions * 48 / (48 + 5 * both.overtime_periods),
    ).select(*TEAM_OFFENSE_GAME_SUMMARY.column_names)
