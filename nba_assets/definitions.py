"""The code location: every asset, wired to the platform that the environment describes."""

from __future__ import annotations

import dagster as dg

from nba_assets.alerts.sensors import SENSORS
from nba_assets.assets.analytics import ANALYTICS_ASSETS
from nba_assets.assets.precompute import PRECOMPUTE_ASSETS
from nba_assets.assets.predictions import PREDICTION_ASSETS
from nba_assets.assets.raw import RAW_ASSETS
from nba_assets.assets.turn import in_its_turn
from nba_assets.automation import JOBS, SCHEDULES
from nba_assets.checks.definitions import TABLE_CHECKS
from nba_assets.platform import Platform, build_platform

ASSETS = [*RAW_ASSETS, *ANALYTICS_ASSETS, *PRECOMPUTE_ASSETS, *PREDICTION_ASSETS]


def build_definitions(platform: Platform, with_checks: bool = True) -> dg.Definitions:
    """The code location on a given platform; without checks for runs over history that nobody asked about."""
    return dg.Definitions(
        assets=[asset.map_asset_specs(lambda spec: _in_engine(spec, platform.warehouse.engine)) for asset in ASSETS],
        asset_checks=TABLE_CHECKS if with_checks else [],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources={
            "platform": in_its_turn(platform),
            "source": dg.ResourceDefinition.hardcoded_resource(platform.source),
        },
        # One DuckDB file has one writing process; steps in one process also start in milliseconds.
        executor=dg.in_process_executor,
    )


def _in_engine(spec: dg.AssetSpec, engine: str) -> dg.AssetSpec:
    """The asset, shown with the engine that its table lives in."""
    return spec.replace_attributes(kinds={*spec.kinds, engine})


defs = build_definitions(build_platform())
