"""What all tests share: one thread per worker, and the folder of real seasons where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock
from uuid import uuid4

import pytest

# Test workers share the cores already; LightGBM's threads spinning on top of them make training many times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from nba_assets.models import availability, network_training, regression
from nba_assets.warehouse import duckdb
from nba_assets.warehouse.statements import Statements
from nba_assets_tests.postgres import Postgres, binaries, running_postgres
from nba_assets_tests.shared import folder_of_all

# Whole graphs are built many times over; that a model is good is stated where it is, with the rounds and epochs that
# it takes.
# The browser's tests and `make run` train in processes of their own, in full.
availability.ROUNDS = regression.ROUNDS = 10
network_training.MEMBERS = network_training.EPOCHS = 1

ARCHIVE_VARIABLE = "NBA_ASSETS_TEST_ARCHIVE"
LONGEST_FIRST = (
    "ui/test_ui.py",
    "warehouse/test_both_engines.py",
    "test_daily_cycle.py",
    "assets/test_materialization.py",
    "warehouse/test_bigquery.py",
    "test_real_week.py",
)
"""Of a file's tests each takes its turn in the same process: a long file that begins last leaves the others waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of LONGEST_FIRST before the others."""
    places = {(Path(__file__).parent / name).resolve(strict=True): n for n, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch, tmp_path):
    """No test sees the settings of the machine it runs on, nor writes outside its own folder."""
    for name in list(os.environ):
        if name.startswith("NBA_ASSETS_") and not name.startswith("NBA_ASSETS_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory) -> Iterator[None]:
    """Warehouses of the test processes share the statements that they keep: most of them begin with an empty folder."""
    kept = folder_of_all(tmp_path_factory) / "statements"
    with mock.patch.object(duckdb, "Statements", lambda _, compile_, compiler: Statements(kept, compile_, compiler)):
        yield


@pytest.fixture(scope="session")
def archive_folder() -> Path:
    """The folder of real seasons; tests that need it are skipped without NBA_ASSETS_TEST_ARCHIVE."""
    folder = os.environ.get(ARCHIVE_VARIABLE)
    if not folder:
        pytest.skip(f"{ARCHIVE_VARIABLE} names no folder of real seasons")
    return Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; tests that need it are skipped where Debian's package is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with running_postgres(programs) as server:
        yield server


@pytest.fixture
def database(postgres) -> str:
    """The URL of an empty database."""
    return postgres.new_database(f"dagster_{uuid4().hex}")
