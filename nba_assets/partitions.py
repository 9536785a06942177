"""The one partitions definition that every asset shares, and the days of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import dagster as dg

from nba_assets.days import FIRST_DAY, DayRange

# end_offset=1 makes today a partition before it is over: today's slate is what the platform is for.
DAILY = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone="America/New_York", end_offset=1)


def days_of(context: dg.AssetExecutionContext) -> DayRange:
    """The days that a run materializes: one partition, or the range of a backfill."""
    keys = context.partition_key_range
    return DayRange(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def days_of_tags(tags: Mapping[str, str]) -> DayRange | None:
    """The days that a run is about, by its tags: one partition or a range; None of a run that has none."""
    first = tags.get("dagster/asset_partition_range_start") or tags.get("dagster/partition")
    if not first:
        return None
    last = tags.get("dagster/asset_partition_range_end") or first
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))


def range_tags(days: DayRange) -> dict[str, str]:
    """Run tags that make Dagster materialize a range of partitions in one run."""
    return {
        "dagster/asset_partition_range_start": days.first.isoformat(),
        "dagster/asset_partition_range_end": days.last.isoformat(),
    }
