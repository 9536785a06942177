"""Assets of nba_precompute: each table's transform, under the table's name."""

from __future__ import annotations

import dagster as dg

from nba_assets.assets.factory import table_asset
from nba_assets.assets.transformed import from_transform
from nba_assets.tables import precompute as tables
from nba_assets.transforms import precompute as transforms

player_composite_factors = table_asset(
    tables.PLAYER_COMPOSITE_FACTORS,
    from_transform(tables.PLAYER_COMPOSITE_FACTORS, transforms.player_composite_factors.build),
)
player_daily_cache = table_asset(
    tables.PLAYER_DAILY_CACHE, from_transform(tables.PLAYER_DAILY_CACHE, transforms.player_daily_cache.build)
)
player_shot_zone_analysis = table_asset(
    tables.PLAYER_SHOT_ZONE_ANALYSIS,
    from_transform(tables.PLAYER_SHOT_ZONE_ANALYSIS, transforms.player_shot_zone_analysis.build),
)
team_defense_zone_analysis = table_asset(
    tables.TEAM_DEFENSE_ZONE_ANALYSIS,
    from_transform(tables.TEAM_DEFENSE_ZONE_ANALYSIS, transforms.team_defense_zone_analysis.build),
)

PRECOMPUTE_ASSETS: list[dg.AssetsDefinition] = [
    player_composite_factors,
    player_daily_cache,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
]
