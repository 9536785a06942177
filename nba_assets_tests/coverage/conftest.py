"""A warehouse of three days, built once for all tests of coverage, and a copy of it that may be damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.coverage.built import DAYS, availability, build, build_raw, grade, predict, untrained


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Path:
    """A warehouse of the three days with every table but prop_model. Not to be changed."""
    file = tmp_path_factory.mktemp("coverage") / "warehouse.duckdb"
    with DuckDBWarehouse(file).session() as session:
        build_raw(session, SimulatedSource(seed=7), DAYS)
        for name, table in TABLES.items():
            if name == "player_availability":
                availability(session)
            elif table not in RAW_TABLES and table.dataset != "nba_predictions":
                build(session, name, DAYS)
        build(session, "ml_feature_store_v2", DAYS)
        untrained(session)
        predict(session)
        grade(session)
    return file


@pytest.fixture
def file(whole, tmp_path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "warehouse.duckdb"))
