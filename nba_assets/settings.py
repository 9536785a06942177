"""The environment, read once into one typed object.

No other module reads environment variables. Defaults that belong to a table, a model or a league live with those.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("archive", "simulated")
WAREHOUSES = ("duckdb",)


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; says which and what would do."""


@dataclass(frozen=True)
class Settings:
    """What a person can configure.

    home: folder holding `warehouse.duckdb`, `models/` and `dagster/`.
    source: where raw rows come from, one of SOURCES.
    archive: folder of parquet files, when the source is `archive`.
    warehouse: where tables live, one of WAREHOUSES.
    seed: seed of the simulated league.
    """

    home: Path
    source: str
    archive: Path | None
    warehouse: str
    seed: int = 7

    @property
    def warehouse_file(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def models_folder(self) -> Path:
        """Where model files are kept."""
        return self.home / "models"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state."""
        return self.home / "dagster"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (or from the mapping given, in tests).

    An archive folder selects the archive source; without one the simulated league is used.

    Raises:
        SettingsError: a value is not among those allowed, or the archive folder is missing.
    """
    values = os.environ if environment is None else environment
    home = Path(values.get("NBA_ASSETS_HOME") or ".nba_assets").expanduser().resolve()
    archive_text = values.get("NBA_ASSETS_ARCHIVE") or ""
    archive = Path(archive_text).expanduser().resolve() if archive_text else None
    source = values.get("NBA_ASSETS_SOURCE") or ("archive" if archive else "simulated")
    if source not in SOURCES:
        raise SettingsError(f"NBA_ASSETS_SOURCE is {source!r}; it must be one of {', '.join(SOURCES)}.")
    if source == "archive":
        if archive is None:
            raise SettingsError("NBA_ASSETS_SOURCE is archive: set NBA_ASSETS_ARCHIVE to the folder of parquet files.")
        if not archive.is_dir():
            raise SettingsError(f"NBA_ASSETS_ARCHIVE is {str(archive)!r}, which is not a folder.")
    warehouse = values.get("NBA_ASSETS_WAREHOUSE") or "duckdb"
    if warehouse not in WAREHOUSES:
        raise SettingsError(f"NBA_ASSETS_WAREHOUSE is {warehouse!r}; it must be one of {', '.join(WAREHOUSES)}.")
    seed_text = values.get("NBA_ASSETS_SEED") or "7"
    if not seed_text.isdigit():
        raise SettingsError(f"NBA_ASSETS_SEED is {seed_text!r}; it must be a whole number, 0 or more.")
    return Settings(home=home, source=source, archive=archive, warehouse=warehouse, seed=int(seed_text))
