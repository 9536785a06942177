"""The one partitions definition that every asset shares, and the days of a run."""

from __future__ import annotations

from datetime import date

import dagster as dg

from nba_assets.days import FIRST_DAY, DayRange

# end_offset=1 makes today a partition before it is over: today's slate is what the platform is for.
DAILY = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone="America/New_York", end_offset=1)


def days_of(context: dg.AssetExecutionContext) -> DayRange:
    """The days that a run materializes: one partition, or the range of a backfill."""
    keys = context.partition_key_range
    return DayRange(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def range_tags(days: DayRange) -> dict[str, str]:
    """Run tags that make Dagster materialize a range of partitions in one run."""
    return {
        "dagster/asset_partition_range_start": days.first.isoformat(),
        "dagster/asset_partition_range_end": days.last.isoformat(),
    }
