"""What asset bodies work with: a warehouse, a source, a folder for models, turns. Built from settings here only."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nba_assets.days import DayRange
from nba_assets.settings import Settings, load_settings
from nba_assets.sources.protocol import Source
from nba_assets.tables import Table
from nba_assets.turns.turns import Say, Turns
from nba_assets.warehouse.protocol import Warehouse, WriteReport

if TYPE_CHECKING:
    from nba_assets.checks.evaluate import Results


_LOGGER = logging.getLogger("nba_assets")


class Observer:
    """Told how a run in this process comes along; this one keeps it to itself."""

    def begun(self, table: Table, days: DayRange) -> None:
        """The table's days are being computed."""

    def written(self, table: Table, days: DayRange, report: WriteReport) -> None:
        """They are in the warehouse."""

    def judges(self, text: str) -> None:
        """What is built and owes a verdict is judged before anything else."""

    def checked(self, table: Table, results: Results) -> None:
        """The table's checks have given their verdicts."""

    def waits(self, text: str) -> None:
        """Somebody else is to be waited for, or was. Told in any case: it is why nothing else happens."""
        _LOGGER.warning(text)


@dataclass(frozen=True)
class Platform:
    """The resource `platform` of every asset.

    is_strict: a source row that breaks its contract is an error instead of being set aside.
    accepts_missing_history: look-back days that are not built are a warning, and stop nothing.
    turns: whose turn it is to build; by default everybody's.
    """

    warehouse: Warehouse
    source: Source
    models_folder: Path
    is_strict: bool = False
    accepts_missing_history: bool = False
    observer: Observer = field(default_factory=Observer)
    turns: Turns = field(default_factory=Turns)


def build_platform(
    settings: Settings | None = None,
    is_strict: bool = False,
    accepts_missing_history: bool = False,
    observer: Observer | None = None,
    turns: Turns | None = None,
) -> Platform:
    """The platform that the settings describe (those of the environment by default)."""
    settings = settings or load_settings()
    observer = observer or Observer()
    return Platform(
        warehouse=build_warehouse(settings, observer.waits),
        source=_build_source(settings),
        models_folder=settings.models_folder,
        is_strict=is_strict,
        accepts_missing_history=accepts_missing_history,
        observer=observer,
        turns=turns or build_turns(settings),
    )


def build_warehouse(settings: Settings, say: Say | None = None) -> Warehouse:
    """The warehouse that the settings name. say: is told for whom it waits; a line on standard error by default."""
    if settings.bigquery is not None:
        from nba_assets.gcp import open_warehouse

        return open_warehouse(settings.bigquery)
    from nba_assets.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(settings.warehouse_file, say or Observer().waits)


def build_turns(settings: Settings) -> Turns:
    """Who else may build in the same warehouse at the same time, and where that is kept."""
    if settings.warehouse != "duckdb" and settings.postgres_url:
        from nba_assets.turns.postgres import PostgresTurns

        return PostgresTurns(settings.postgres_url)
    from nba_assets.turns.file import FileTurns

    return FileTurns(settings.turn_file)


def _build_source(settings: Settings) -> Source:
    if settings.archive is not None and settings.source == "archive":
        from nba_assets.sources.archive import ArchiveSource

        return ArchiveSource(settings.archive)
    if settings.source in ("nba_api", "landing"):
        return _build_live_source(settings)
    from nba_assets.sources.simulated import SimulatedSource

    return SimulatedSource(seed=settings.seed, today=datetime.now(ZoneInfo("America/New_York")).date())


def _build_live_source(settings: Settings) -> Source:
    from nba_assets.sources.landing.stores import open_store
    from nba_assets.sources.landing.zone import Landing
    from nba_assets.sources.live import odds
    from nba_assets.sources.live.client import Client
    from nba_assets.sources.live.source import LiveSource, Services

    landing = Landing(open_store(settings.landing))
    if settings.source == "landing":
        return LiveSource(landing, None, as_of=settings.landing_as_of)
    services = Services(odds=odds.service(settings.odds_api_key))
    return LiveSource(landing, Client(settings.proxy), services, since=settings.refetch_before)
