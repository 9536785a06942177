"""An empty warehouse of each engine, and a session on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import Session, Warehouse
from nba_assets_tests.warehouse.server import BigQueryServer, empty, started


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BigQueryServer]:
    """A server that speaks BigQuery's API, one for each process of tests."""
    with started(tmp_path_factory.mktemp("bigquery")) as running:
        yield running


@pytest.fixture(scope="session")
def project(server: BigQueryServer) -> BigQueryWarehouse:
    """A project whose tables are made once, as that takes seconds; see `emptied`."""
    # The server refuses to merge into a table that wants a condition on days, whatever the condition.
    return BigQueryWarehouse(server.client(), server.storage(), needs_filter=False)


@pytest.fixture
def emptied(project: BigQueryWarehouse) -> None:
    """The project without rows."""
    with project.session() as session:
        empty(session)


@pytest.fixture(params=["duckdb", pytest.param("bigquery", marks=pytest.mark.bigquery)])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    """An empty one of each engine."""
    if request.param == "duckdb":
        return DuckDBWarehouse(tmp_path / "home" / "warehouse.duckdb", wait_seconds=0.5)
    request.getfixturevalue("emptied")
    return request.getfixturevalue("project")


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as opened:
        yield opened
