"""What asset bodies work with: a warehouse, a source, a folder for models. Built from settings here only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nba_assets.days import DayRange
from nba_assets.settings import Settings, load_settings
from nba_assets.sources.protocol import Source
from nba_assets.tables import Table
from nba_assets.warehouse.protocol import Warehouse, WriteReport

Listener = Callable[[Table, DayRange, WriteReport | None], None]
"""Told when a table's days begin (report None) and when they are written."""


def _nobody(_table: Table, _days: DayRange, _report: WriteReport | None) -> None:
    """The listener of runs that nobody watches in this process."""


@dataclass(frozen=True)
class Platform:
    """The resource `platform` of every asset.

    is_strict: a source row that breaks its contract is an error instead of being set aside.
    """

    warehouse: Warehouse
    source: Source
    models_folder: Path
    is_strict: bool = False
    listener: Listener = _nobody


def build_platform(settings: Settings | None = None, is_strict: bool = False, listener: Listener = _nobody) -> Platform:
    """The platform that the settings describe (those of the environment by default)."""
    settings = settings or load_settings()
    return Platform(
        warehouse=build_warehouse(settings),
        source=_build_source(settings),
        models_folder=settings.models_folder,
        is_strict=is_strict,
        listener=listener,
    )


def build_warehouse(settings: Settings) -> Warehouse:
    """The warehouse that the settings name."""
    from nba_assets.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(settings.warehouse_file)


def _build_source(settings: Settings) -> Source:
    if settings.archive is not None and settings.source == "archive":
        from nba_assets.sources.archive import ArchiveSource

        return ArchiveSource(settings.archive)
    from nba_assets.sources.simulated import SimulatedSource

    return SimulatedSource(seed=settings.seed, today=datetime.now(ZoneInfo("America/New_York")).date())
