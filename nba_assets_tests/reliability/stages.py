"""The named moments of a backfill, and dying at one of them: in the process that calls `die_at`, and nowhere else.

A stage is just before or just after a function of the platform is called, for the so many-th time.
"""

from __future__ import annotations

import functools
import itertools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster._core.storage.runs import SqlRunStorage

from nba_assets import backfill
from nba_assets.local.event_log import BatchedSqliteEventLogStorage
from nba_assets.turns import file as turn_file
from nba_assets.warehouse import duckdb as duckdb_warehouse
from nba_assets.warehouse.duckdb_session import DuckDBSession


class Watched:
    """DuckDB's connection, whose own methods cannot be replaced."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def begin(self) -> Any:
        return self._connection.begin()

    def commit(self) -> Any:
        return self._connection.commit()

    def execute(self, statement: str, *parameters: Any) -> Any:
        run = self.insert if statement.startswith("INSERT INTO nba_") else self._connection.execute
        return run(statement, *parameters)

    def insert(self, statement: str, *parameters: Any) -> Any:
        """Rows of a table, or what was set aside."""
        return self._connection.execute(statement, *parameters)


def _is_model(part: Path, _file: Path) -> bool:
    return part.suffix == ".partial"


@dataclass(frozen=True)
class Stage:
    """What has happened by then, and the function that it is before or after of. applies: to which of its calls."""

    text: str
    owner: Any
    attribute: str
    is_after: bool = False
    applies: Callable[..., bool] = lambda *_, **__: True


STAGES = {
    "planned": Stage("the plan is printed, nothing is begun", backfill, "close_abandoned_runs"),
    "turn": Stage("the turn is locked, nobody can read whose it is", turn_file, "_write"),
    "opened": Stage("the file is open, its tables are not made", duckdb_warehouse, "prepare"),
    "made": Stage("the warehouse file is made, and has no name yet", os, "link"),
    "run": Stage("Dagster knows of a run, which has not begun", SqlRunStorage, "add_run", is_after=True),
    "read": Stage("a table's rows are read, none is staged", DuckDBSession, "_stage"),
    "staged": Stage("they are staged", DuckDBSession, "_stage", is_after=True),
    "begun": Stage("the transaction has begun", Watched, "begin", is_after=True),
    "deleted": Stage("old rows are gone, new ones not there", Watched, "insert"),
    "rows": Stage("the rows are there, the ledger is old", DuckDBSession, "_record"),
    "ledger": Stage("rows and ledger are there, nothing is committed", Watched, "commit"),
    "committed": Stage("all is committed, Dagster does not know", Watched, "commit", is_after=True),
    "events": Stage("events are in the run's log, not in the index", BatchedSqliteEventLogStorage, "store_indexed"),
    "indexed": Stage("they are in the index, not committed", BatchedSqliteEventLogStorage, "store_indexed", True),
    "between": Stage("a step of the plan is done, the next not begun", backfill, "_run", is_after=True),
    "model": Stage("a model file is written, and has no name yet", Path, "replace", applies=_is_model),
}


def die_at(name: str, nth: int = 1) -> None:
    """From now on, this process is killed as soon as it comes to the stage for the nth time."""
    call_at(name, nth, die)


def tell(file: Path) -> None:
    """From now on, each stage that this process comes to is a line of the file."""
    for name in STAGES:
        call_at(name, None, functools.partial(_write_down, file, name))


def call_at(name: str, nth: int | None, what: Callable[[], object]) -> None:
    """The same with something else done than to die; without a number, each time."""
    stage = STAGES[name]
    _watch_connections()
    original, calls = getattr(stage.owner, stage.attribute), itertools.count(1)

    @functools.wraps(original)
    def dying(*arguments: Any, **named: Any) -> Any:
        is_now = stage.applies(*arguments, **named) and nth in (None, next(calls))
        if is_now and not stage.is_after:
            what()
        result = original(*arguments, **named)
        if is_now and stage.is_after:
            what()
        return result

    setattr(stage.owner, stage.attribute, dying)


def _write_down(file: Path, name: str) -> None:
    with file.open("a") as stream:
        stream.write(f"{name}\n")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _watch_connections() -> None:
    made = DuckDBSession.__init__

    def watched(session: Any, *given: Any) -> None:
        made(session, *given)
        if not isinstance(session._connection, Watched):
            session._connection = Watched(session._connection)

    DuckDBSession.__init__ = watched  # type: ignore[method-assign]
