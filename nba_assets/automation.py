"""Jobs that people start by name. What runs by itself, and when, will be here too."""

from __future__ import annotations

import dagster as dg

whole_graph = dg.define_asset_job(
    "whole_graph",
    selection=dg.AssetSelection.all(),
    description="All twenty-three tables of a day or of a range of days, in order.",
)

JOBS = [whole_graph]
