"""Jobs that people start by name. What runs by itself, and when, will be here too."""

from __future__ import annotations

import dagster as dg

from nba_assets.partitions import DAILY

whole_graph = dg.define_asset_job(
    "whole_graph",
    selection=dg.AssetSelection.all(),
    partitions_def=DAILY,
    description="All nineteen tables of a day or of a range of days, in order.",
)

JOBS = [whole_graph]
