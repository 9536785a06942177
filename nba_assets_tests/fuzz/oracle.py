"""What must hold of every delivery, however broken: a clear error and untouched tables, or a table that is right."""

from __future__ import annotations

import functools
import json
import math
import weakref
from collections import Counter
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.sources.protocol import Source, SourceError
from nba_assets.tables import Table
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_session import DuckDBSession
from nba_assets.warehouse.ledger import SYSTEM_TABLES
from nba_assets.warehouse.protocol import ContractError
from nba_assets_tests.fuzz.trial import ERROR, TABLE

_TYPES: dict[str, type | tuple[type, ...]] = {
    "int64": int,
    "float64": float,
    "string": str,
    "boolean": bool,
    "date": date,
    "timestamp": datetime,
}


def fetched_and_ingested(source: Source, table: Table, days: DayRange, folder: Path, strict: bool = False) -> str:
    """Take the days from the source and write them, in the warehouse of the folder; whether it was refused.

    Whatever but SourceError and ContractError comes out is a traceback, and goes through.
    """
    try:
        rows = source.fetch(table.name, days)
    except SourceError as error:
        _assert_clear(error, table, days)
        return ERROR
    return ingested(rows, table, days, folder, strict)


def ingested(rows: pa.Table, table: Table, days: DayRange, folder: Path, strict: bool = False) -> str:
    """Write the rows on the days; whether they were refused."""
    session = _opened(folder)
    before = _everything(session, table)
    try:
        report = session.ingest(table, days, rows, strict)
    except ContractError as error:
        _assert_clear(error, table, days)
        assert _everything(session, table) == before, "refused, and yet something was written"
        return ERROR
    stored, aside = _assert_record(session, table, days)
    assert (sum(report.rows.values()), sum(report.set_aside.values())) == (stored, aside), "reported is not stored"
    assert stored + aside == rows.num_rows, f"{rows.num_rows} rows came, {stored} are stored and {aside} set aside"
    assert not (strict and aside), "strict, and yet rows were set aside"
    return TABLE


@functools.lru_cache(maxsize=1)
def _opened(folder: Path) -> DuckDBSession:
    """The folder's warehouse, open for all examples: opening it takes longer than most of them."""
    stack = ExitStack()
    session = stack.enter_context(DuckDBWarehouse(folder / "warehouse.duckdb").session())
    weakref.finalize(session, stack.close)
    return session


def _everything(session: DuckDBSession, table: Table) -> Any:
    """All rows of the table, of the ledger and of what was set aside, times of writing included."""
    return [Counter(map(repr, session.rows(f"SELECT * FROM {one.full_name}"))) for one in (table, *SYSTEM_TABLES)]


def _assert_clear(error: Exception, table: Table, days: DayRange) -> None:
    """The message says which table (or which capture), and which days."""
    text = str(error)
    assert table.full_name in text or "landing zone" in text or "/" in text.partition(",")[0], f"which table? {text}"
    # What is asked of a service may be a part of the days, or the whole season.
    assert str(days.first.year) in text or "object" in text, f"which day? {text}"
    assert "Traceback" not in text
    assert len(text) < 20_000, f"{len(text):,} characters"


def _assert_record(session: DuckDBSession, table: Table, days: DayRange) -> tuple[int, int]:
    """The days' rows are as the table's record says; how many are stored, and set aside with a reason."""
    range_ = {"first": days.first, "last": days.last}
    between = "game_date BETWEEN $first AND $last"
    broken = [f"({rule.sql}) IS FALSE" for rule in table.rules] or ["FALSE"]
    rows = session.rows(f"SELECT * FROM {table.full_name} WHERE {between}", range_)
    bad = session.rows(f"SELECT * FROM {table.full_name} WHERE {between} AND ({' OR '.join(broken)})", range_)
    set_aside = session.rows(
        f"SELECT * FROM nba_assets.set_aside WHERE {between} AND table_name = $name", {**range_, "name": table.name}
    )
    states = {state.day: state for state in session.day_states(days, [table.name])}
    assert not bad, f"a row breaks a rule: {bad[0]}"
    keys = [tuple(row[name] for name in table.key) for row in rows]
    assert len(set(keys)) == len(keys), "a key is there twice"
    for row in rows:
        for column in table.columns:
            value = row[column.name]
            if value is None:
                assert not column.required, f"no {column.name}"
                continue
            assert isinstance(value, _TYPES[column.type]), f"{column.name} is {value!r}"
            assert not isinstance(value, float) or math.isfinite(value), f"{column.name} is {value}"
    for one in set_aside:
        assert one["reason"], "set aside without a reason"
        assert set(json.loads(one["row"])) >= set(table.column_names)
    by_day = Counter(row["game_date"] for row in rows), Counter(row["game_date"] for row in set_aside)
    assert {day: (state.rows, state.set_aside) for day, state in states.items()} == {
        day: (by_day[0][day], by_day[1][day]) for day in days
    }, "the ledger says something else than the tables"
    return len(rows), len(set_aside)
