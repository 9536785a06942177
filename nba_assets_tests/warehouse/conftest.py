"""An empty warehouse in a folder of its own, and a session on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_assets.warehouse.duckdb import DuckDBSession, DuckDBWarehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path / "home" / "warehouse.duckdb", wait_seconds=0.5)


@pytest.fixture
def session(warehouse: DuckDBWarehouse) -> Iterator[DuckDBSession]:
    with warehouse.session() as opened:
        yield opened
