"""Building the graph in tests: a platform in a temporary folder, runs in this process, and what the tables then hold.

Opening month of 2019-20 is the shortest range with a whole history: nothing lies before the first partition.
"""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import islice, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import dagster as dg
import pyarrow as pa
import pytest

from nba_assets.assets.factory import asset_key
from nba_assets.days import DayRange
from nba_assets.definitions import build_definitions
from nba_assets.local.home import open_instance
from nba_assets.partitions import range_tags
from nba_assets.platform import Platform
from nba_assets.settings import load_settings
from nba_assets.sources.protocol import Source
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import Session
from nba_assets_tests.shared import made_once

OPENING = DayRange(date(2019, 10, 22), date(2019, 12, 3))
"""Long enough for ten games a player and, from the December cut-off on, for a trained model."""


def make_platform(folder: Path, source: Source | None = None, is_strict: bool = False) -> Platform:
    return Platform(
        warehouse=DuckDBWarehouse(folder / "warehouse.duckdb", wait_seconds=5),
        source=source or SimulatedSource(seed=7),
        models_folder=folder / "models",
        is_strict=is_strict,
    )


def opening_month(factory: pytest.TempPathFactory) -> Platform:
    """A platform of one's own with every table of the opening month, which workers build once between them."""
    built = made_once(factory, "opening_month", lambda folder: materialize(make_platform(folder), OPENING))
    return make_platform(Path(shutil.copytree(built, factory.mktemp("opening") / "month")))


@contextmanager
def open_state(home: Path | None = None) -> Iterator[dg.DagsterInstance]:
    """Dagster's state as commands keep it, in this home or in a folder that is gone afterwards.

    What Dagster keeps in memory it writes event by event: of building the opening month that is a fifth.
    """
    with (
        nullcontext(home) if home else TemporaryDirectory(prefix="nba-assets-dagster-") as folder,
        mock.patch.dict(os.environ),
        open_instance(load_settings({"NBA_ASSETS_HOME": str(folder)})) as instance,
    ):
        yield instance


def materialize(
    platform: Platform,
    days: DayRange,
    tables: Iterable[str] = tuple(TABLES),
    instance: dg.DagsterInstance | None = None,
    raise_on_error: bool = True,
    with_checks: bool = False,
) -> dg.ExecuteInProcessResult:
    job = build_definitions(platform, with_checks).resolve_implicit_global_asset_job_def()
    # One that is open is not opened again: leaving it twice leaves Dagster with a state that is no more.
    with nullcontext(instance) if instance else open_state() as used:
        return job.execute_in_process(
            asset_selection=[asset_key(TABLES[name]) for name in tables],
            tags=range_tags(days),
            instance=used,
            raise_on_error=raise_on_error,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


Row = tuple[object, ...]
Contents = dict[str, list[Row]]


def contents(platform: Platform, days: DayRange) -> Contents:
    """Table -> its rows on these days in key order, without the columns that say when a row was written."""
    with platform.warehouse.session(read_only=True) as session:
        return contents_of(session, days)


def contents_of(session: Session, days: DayRange) -> Contents:
    """The same of a session."""
    rows = {}
    for name, table in TABLES.items():
        kept = [c for c in table.column_names if c not in table.volatile]
        read = session.read(table, days).select(*kept).order_by(*dict.fromkeys(("game_date", *table.key)))
        rows[name] = list(zip(*(column.to_pylist() for column in session.frame(read).columns), strict=True))
    return rows


def differing(one: Contents, other: Contents) -> dict[str, list[tuple[Row | None, Row | None]]]:
    """Table -> the first three pairs of rows that are not the same; without the tables that are.

    To be held against nothing: what two whole graphs differ in takes longer to write down than to build them.
    """
    assert one.keys() == other.keys()
    pairs = {name: zip_longest(rows, other[name]) for name, rows in one.items() if rows != other[name]}
    return {
        name: list(islice((pair for pair in of_table if pair[0] != pair[1]), 3)) for name, of_table in pairs.items()
    }


@dataclass(frozen=True)
class Rewritten(ABC):
    """A source whose rows on and after a day are changed by `rewrite`, to see what must not notice."""

    inner: Source
    first_day: date
    name: str = "simulated"

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        import pyarrow.compute as pc

        rows = self.inner.fetch(table, days)
        is_later = pc.greater_equal(rows["game_date"], pa.scalar(self.first_day, pa.date32()))
        return pa.concat_tables([rows.filter(pc.invert(is_later)), self.rewrite(table, rows.filter(is_later))])

    @abstractmethod
    def rewrite(self, table: str, rows: pa.Table) -> pa.Table: ...


def replaced(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        position = rows.schema.get_field_index(name)
        rows = rows.set_column(position, rows.schema.field(position), values.cast(rows.schema.field(position).type))
    return rows


class OtherResults(Rewritten):
    """The same players appear in the same games, but everything that happened is different."""

    def rewrite(self, table: str, rows: pa.Table) -> pa.Table:
        count = len(rows)

        def constant(value: int) -> pa.Array:
            return pa.array([value] * count, pa.int64())

        if table == "games" and count:
            return replaced(rows, home_points=constant(90), away_points=constant(91))
        if table == "player_boxscores":
            return replaced(
                rows,
                minutes=pa.array([20.0] * count),
                field_goals_made=constant(20),
                field_goals_attempted=constant(40),
                three_pointers_made=constant(0),
                three_pointers_attempted=constant(0),
                free_throws_made=constant(3),
                free_throws_attempted=constant(9),
                offensive_rebounds=constant(9),
                defensive_rebounds=constant(9),
                rebounds=constant(18),
                assists=constant(14),
                turnovers=constant(9),
                points=constant(43),
            )
        if table == "shots":
            return rows.slice(0, 0)
        return rows


class NoResults(Rewritten):
    """Nothing has happened yet: the schedule stands and lists are out, nobody has appeared."""

    def rewrite(self, table: str, rows: pa.Table) -> pa.Table:
        if table in ("player_boxscores", "shots"):
            return rows.slice(0, 0)
        if table == "games" and len(rows):
            nothing = pa.nulls(len(rows), pa.int64())
            scheduled = pa.array(["scheduled"] * len(rows))
            return replaced(rows, home_points=nothing, away_points=nothing, status=scheduled)
        return rows


class NoLists(NoResults):
    """Nor are there active lists."""

    def rewrite(self, table: str, rows: pa.Table) -> pa.Table:
        return rows.slice(0, 0) if table == "active_players" else super().rewrite(table, rows)
