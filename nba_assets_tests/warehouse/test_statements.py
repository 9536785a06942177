"""Statements that are kept: found by what is computed, in any process, and what would be compiled for the days."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse import statements
from nba_assets.warehouse.canonical import NoCanonicalFormError, canonical
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_sql import COMPILER, compiled
from nba_assets.warehouse.statements import Statements
from nba_assets_tests.factories import transform_module, transformed_tables

RANGES = (
    DayRange(date(2022, 1, 1), date(2022, 1, 7)),
    DayRange(date(2022, 1, 9), date(2022, 1, 9)),
    DayRange(date(2021, 10, 19), date(2021, 10, 20)),
)
SOME = ibis.table(
    {"game_date": "date", "at": "timestamp", "k": "string", "n": "int64"}, name="some", database="nba_raw"
)
DAY = date(2022, 1, 1)


def transform(name: str, days: DayRange) -> ir.Table:
    def upstream(table: str, days: DayRange) -> ir.Table:
        columns = {column.name: column.type for column in TABLES[table].columns}
        rows = ibis.table(columns, name=table, database=TABLES[table].dataset)
        return rows.filter(rows.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    reads = {table: upstream(table, back.days_for(days)) for table, back in TABLES[name].reads.items()}
    return transform_module(name).build(**reads, days=days)


def keeping(folder: Path) -> Statements:
    return Statements(folder, compiled, COMPILER)


def never(expression: ir.Table, names: object) -> str:
    raise AssertionError("This was kept, and need not be compiled.")


def key(expression: ir.Table) -> str:
    return canonical(expression.op())[0]


@pytest.mark.parametrize("name", transformed_tables())
def test_a_tables_statement_for_one_range_serves_every_other(name, tmp_path):
    alone = [keeping(tmp_path / str(n)).of(transform(name, days)) for n, days in enumerate(RANGES)]
    for after in range(len(RANGES)):
        kept = keeping(tmp_path / str(after))
        assert [kept.of(transform(name, days)) for days in RANGES] == alone
    assert "$at_" not in "".join(alone)
    next_week = transform(name, DayRange(date(2022, 1, 8), date(2022, 1, 14)))
    assert "DATE '2022-01-14'" in Statements(tmp_path / "0", never, COMPILER).of(next_week)


def test_dates_and_times_stand_in_it_as_they_were_given():
    moment = datetime(2022, 1, 1, 19, 30, 0, 123457)
    values = ibis.memtable([(1,)], schema={"n": "int64"}).select(
        day=ibis.literal(DAY), at=ibis.literal(moment), again=ibis.literal(DAY), later=ibis.literal(date(2024, 2, 29))
    )
    statement = Statements(Path("/nowhere"), compiled, COMPILER).of(values)
    assert duckdb.connect().sql(statement).fetchall() == [(DAY, moment, DAY, date(2024, 2, 29))]
    assert "DATE '2022-01-01'" in statement


def test_one_date_twice_is_not_two_dates():
    one = SOME.filter(SOME.game_date.between(ibis.literal(DAY), ibis.literal(DAY)))
    two = SOME.filter(SOME.game_date.between(ibis.literal(DAY), ibis.literal(date(2022, 1, 2))))
    other = SOME.filter(SOME.game_date.between(ibis.literal(date(2022, 2, 1)), ibis.literal(date(2022, 2, 2))))
    assert key(one) != key(two)
    assert key(two) == key(other)


@pytest.mark.parametrize(
    "others",
    [
        [SOME.mutate(x=ibis.literal(value)) for value in (1, 1.0, True, "1", None, 2)],
        [SOME.select("k", "n"), SOME.select("n", "k"), SOME.select("n"), SOME.drop("n")],
        [SOME.n.sum().name("x").as_table(), SOME.n.max().name("x").as_table(), SOME.n.max().name("y").as_table()],
        [SOME.filter(SOME.n > 1), SOME.filter(SOME.n >= 1), SOME.filter(SOME.n > 1, SOME.k == "a")],
        [SOME.mutate(x=ibis.literal(DAY)), SOME.mutate(x=ibis.literal(datetime.combine(DAY, time())))],
        [ibis.memtable([row], schema={"n": "int64"}) for row in ((1,), (2,), (None,))],
        [ibis.memtable([(1,)], schema={"n": kind}) for kind in ("int64", "int32", "!int64")],
        [SOME, SOME.view(), SOME.cross_join(SOME.view()), SOME.view().cross_join(SOME.view())],
        [ibis.table(SOME.schema(), name=name, database=dataset) for name in "ab" for dataset in ("c", "d")],
        [SOME.order_by("n"), SOME.order_by(ibis.desc("n")), SOME.limit(1), SOME.limit(2)],
        [SOME.mutate(x=SOME.n.sum().over(rows=rows)) for rows in ((-1, 0), (-2, 0), (None, 0))],
    ],
)
def test_what_computes_something_else_has_another_form(others):
    assert len({key(expression) for expression in others}) == len(others)


def test_what_is_made_up_anew_each_time_is_not_in_the_form():
    def twice() -> ir.Table:
        rows = ibis.memtable([(1,)], schema={"n": "int64"})
        return rows.join(rows.view(), "n")

    assert key(twice()) == key(twice())


@pytest.mark.parametrize(
    "expression",
    [
        SOME.mutate(x=ibis.literal("costs $at_0")),
        SOME.mutate(x=ibis.literal(datetime(2022, 1, 1, tzinfo=UTC))),
        ibis.memtable([(DAY,)], schema={"day": "date"}),
        SOME.mutate(x=ibis.udf.scalar.builtin(lambda n: None, name="abs", signature=(("int64",), "int64"))(SOME.n)),
    ],
)
def test_what_has_no_form_is_compiled_each_time_and_not_kept(expression, tmp_path):
    with pytest.raises(NoCanonicalFormError):
        key(expression)
    assert keeping(tmp_path).of(expression) == compiled(expression)
    assert not list(tmp_path.iterdir())


def test_a_date_that_compiling_makes_is_refused_and_the_statement_compiled_as_it_is(tmp_path):
    def making(expression: ir.Table, names: object) -> str:
        return compiled(expression, None if names is None else {})

    later = SOME.filter(SOME.game_date > ibis.literal(DAY))
    assert Statements(tmp_path, making, COMPILER).of(later) == compiled(later)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("left", [0, 10, 64, 65, 100])
def test_a_statement_that_is_cut_short_is_made_again(left, tmp_path):
    rows = SOME.filter(SOME.game_date == ibis.literal(DAY))
    made = keeping(tmp_path).of(rows)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    assert len(whole) > left
    file.write_bytes(whole[:left])
    assert keeping(tmp_path).of(rows) == made
    assert file.read_bytes() == whole


def test_a_letter_that_is_another_is_found_out(tmp_path):
    rows = SOME.filter(SOME.n > 1)
    made = keeping(tmp_path).of(rows)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text().replace("> 1", "> 2"))
    assert keeping(tmp_path).of(rows) == made


def test_another_compiler_has_statements_of_its_own(tmp_path):
    keeping(tmp_path).of(SOME)
    with pytest.raises(AssertionError, match="need not be compiled"):
        Statements(tmp_path, never, "another").of(SOME)


def test_where_nothing_can_be_written_statements_are_compiled(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    assert keeping(in_the_way).of(SOME) == compiled(SOME, {})
    assert in_the_way.read_text() == "no folder"


def test_there_are_never_more_than_so_many(tmp_path, monkeypatch):
    monkeypatch.setattr(statements, "_MOST", 3)
    for number in range(8):
        keeping(tmp_path).of(SOME.filter(SOME.n > number))
        assert 1 <= len(list(tmp_path.iterdir())) <= 3
    assert Statements(tmp_path, never, COMPILER).of(SOME.filter(SOME.n > 7))


def test_a_session_keeps_what_it_runs_beside_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("nba_assets.warehouse.duckdb.Statements", Statements)  # For tests it is another place.

    def count(days: DayRange) -> object:
        with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
            games = session.read(TABLES["games"], days)
            session.attach("some", games.select("game_date"))
            return session.frame(games.agg(n=games.count())).to_pylist()

    assert count(RANGES[0]) == [{"n": 0}]
    assert len(list((tmp_path / "statements").iterdir())) == 2
    monkeypatch.setattr("nba_assets.warehouse.duckdb.compiled", never)
    assert count(RANGES[2]) == [{"n": 0}]


FORMS = f"""
import json
from {__name__} import RANGES, key, transform, transformed_tables
print(json.dumps({{name: key(transform(name, RANGES[0])) for name in transformed_tables()}}))
"""


def test_another_process_finds_every_tables_statement():
    forms = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        said = subprocess.run(
            [sys.executable, "-c", FORMS], env=environment, check=True, capture_output=True, text=True
        )
        forms.append(json.loads(said.stdout))
    assert set(forms[0]) == set(transformed_tables())
    assert [name for name in forms[0] if forms[0][name] != forms[1][name]] == []
