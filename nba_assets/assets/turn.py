"""The resource `platform`: a run, whoever launched it, waits for its turn before its first step, and spares memory.

Runs of `nba-assets backfill` are steps of a plan that has its turn already, and go on at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from nba_assets.memory import sparing_memory
from nba_assets.partitions import days_of_tags
from nba_assets.platform import Platform
from nba_assets.turns.turns import ALL_DAYS


def in_its_turn(platform: Platform) -> dg.ResourceDefinition:
    """The platform, for as long as the run has the turn on its days."""

    @contextmanager
    def taken(context: dg.InitResourceContext) -> Iterator[Platform]:
        run = context.run
        days = days_of_tags(run.tags) if run else None
        what = f"Dagster run {run.run_id[:8]}" + (f" of {days}" if days else "") if run else "a Dagster process"
        # In the run's log, where a person looks who wonders why nothing happens.
        say = context.log.warning if context.log else platform.observer.waits
        with platform.turns.taken(days or ALL_DAYS, what, say), sparing_memory():
            yield platform

    return dg.ResourceDefinition(taken)
