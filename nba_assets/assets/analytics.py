"""Assets of nba_analytics: each table's transform, under the table's name."""

from __future__ import annotations

import dagster as dg

from nba_assets.assets.factory import table_asset
from nba_assets.assets.transformed import from_transform
from nba_assets.tables import analytics as tables
from nba_assets.tables import lineups
from nba_assets.transforms import analytics as transforms

player_game_summary = table_asset(
    tables.PLAYER_GAME_SUMMARY, from_transform(tables.PLAYER_GAME_SUMMARY, transforms.player_game_summary.build)
)
team_defense_game_summary = table_asset(
    tables.TEAM_DEFENSE_GAME_SUMMARY,
    from_transform(tables.TEAM_DEFENSE_GAME_SUMMARY, transforms.team_defense_game_summary.build),
)
team_offense_game_summary = table_asset(
    tables.TEAM_OFFENSE_GAME_SUMMARY,
    from_transform(tables.TEAM_OFFENSE_GAME_SUMMARY, transforms.team_offense_game_summary.build),
)
upcoming_player_game_context = table_asset(
    tables.UPCOMING_PLAYER_GAME_CONTEXT,
    from_transform(tables.UPCOMING_PLAYER_GAME_CONTEXT, transforms.upcoming_player_game_context.build),
)
upcoming_roster = table_asset(
    lineups.UPCOMING_ROSTER, from_transform(lineups.UPCOMING_ROSTER, transforms.upcoming_roster.build)
)
upcoming_team_game_context = table_asset(
    tables.UPCOMING_TEAM_GAME_CONTEXT,
    from_transform(tables.UPCOMING_TEAM_GAME_CONTEXT, transforms.upcoming_team_game_context.build),
)

ANALYTICS_ASSETS: list[dg.AssetsDefinition] = [
    player_game_summary,
    team_defense_game_summary,
    team_offense_game_summary,
    upcoming_player_game_context,
    upcoming_roster,
    upcoming_team_game_context,
]
