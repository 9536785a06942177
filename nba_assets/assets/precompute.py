"""Assets of nba_precompute: each table's transform, under the table's name, and the model of who plays."""

from __future__ import annotations

import dagster as dg
import pyarrow as pa

from nba_assets.assets.factory import table_asset
from nba_assets.assets.transformed import from_transform, upstreams
from nba_assets.days import DayRange
from nba_assets.platform import Platform
from nba_assets.tables import lineups
from nba_assets.tables import precompute as tables
from nba_assets.tables.arrow import arrow_schema
from nba_assets.transforms import precompute as transforms
from nba_assets.warehouse.protocol import Session, WriteReport


def _player_availability(platform: Platform, session: Session, days: DayRange) -> WriteReport:
    from nba_assets.models import availability
    from nba_assets.models.cutoffs import cutoff_of

    table = lineups.PLAYER_AVAILABILITY
    roster = upstreams(table, session, days)["upcoming_roster"]
    so_far = session.read(table, DayRange(cutoff_of(days.first), days.last))
    rows = availability.serve(
        session.frame(roster).to_pandas(),
        days,
        platform.models_folder,
        known=session.frame(so_far.select(*availability.MODEL_COLUMNS).distinct()).to_pylist(),
    )
    delivered = pa.Table.from_pandas(rows, schema=arrow_schema(table), preserve_index=False)
    return session.replace_days(table, days, session.attach("likely", delivered))


player_availability = table_asset(lineups.PLAYER_AVAILABILITY, _player_availability)
player_composite_factors = table_asset(
    tables.PLAYER_COMPOSITE_FACTORS,
    from_transform(tables.PLAYER_COMPOSITE_FACTORS, transforms.player_composite_factors.build),
)
player_daily_cache = table_asset(
    tables.PLAYER_DAILY_CACHE, from_transform(tables.PLAYER_DAILY_CACHE, transforms.player_daily_cache.build)
)
player_lineup_context = table_asset(
    lineups.PLAYER_LINEUP_CONTEXT,
    from_transform(lineups.PLAYER_LINEUP_CONTEXT, transforms.player_lineup_context.build),
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
    player_availability,
    player_composite_factors,
    player_daily_cache,
    player_lineup_context,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
]
