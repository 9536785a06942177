"""Transforms of nba_precompute, one module per table."""

from nba_assets.transforms.precompute import (
    player_composite_factors,
    player_daily_cache,
    player_lineup_context,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
)

__all__ = [
    "player_composite_factors",
    "player_daily_cache",
    "player_lineup_context",
    "player_shot_zone_analysis",
    "team_defense_zone_analysis",
]
