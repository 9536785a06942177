"""Transforms of nba_analytics, one module per table."""

from nba_assets.transforms.analytics import (
    player_game_summary,
    team_defense_game_summary,
    team_offense_game_summary,
    upcoming_player_game_context,
    upcoming_roster,
    upcoming_team_game_context,
)

__all__ = [
    "player_game_summary",
    "team_defense_game_summary",
    "team_offense_game_summary",
    "upcoming_player_game_context",
    "upcoming_roster",
    "upcoming_team_game_context",
]
