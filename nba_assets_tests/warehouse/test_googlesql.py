"""Ibis expressions as GoogleSQL: what is read of each table, and the few things that Ibis writes otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import ibis
import ibis.expr.types as ir
import pytest
import sqlglot
import sqlglot.expressions as sge

from nba_assets.days import DayRange
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.googlesql import compiled
from nba_assets_tests.factories import transform_module, transformed_tables

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
SOME = ibis.table({"k": "string", "x": "float64", "n": "int64"}, name="some", catalog="p", database="d")


def stored(table: Table, days: DayRange) -> ir.Table:
    rows = ibis.table({c.name: c.type for c in table.columns}, name=table.name, catalog="p", database=table.dataset)
    return rows.filter(rows.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))


def scans(statement: str) -> Iterator[tuple[str, DayRange | None]]:
    """Each stored table that the statement reads, and the days that stand beside it as constants."""
    for table in sqlglot.parse_one(statement, dialect="bigquery").find_all(sge.Table):
        if not table.db:
            continue
        where = table.find_ancestor(sge.Select).args.get("where")
        between = where.find(sge.Between) if where else None
        yield table.name, between and DayRange(*(_day(between.args[end]) for end in ("low", "high")))


def _day(constant: sge.Expression) -> date:
    return date(*(int(part.this) for part in constant.find_all(sge.Literal)))


@pytest.mark.parametrize("name", transformed_tables())
def test_only_the_days_of_the_look_back_are_read_of_each_table(name):
    reads = TABLES[name].reads
    inputs = {upstream: stored(TABLES[upstream], back.days_for(WEEK)) for upstream, back in reads.items()}
    found = list(scans(compiled(transform_module(name).build(**inputs, days=WEEK))))
    assert {table for table, _ in found} <= set(reads)
    assert found
    for table, days in found:
        assert days == reads[table].days_for(WEEK)


def test_a_scan_without_days_would_be_found():
    whole = ibis.table({"game_date": "date"}, name="games", catalog="p", database="nba_raw")
    assert list(scans(compiled(whole))) == [("games", None)]


def test_rows_of_the_code_are_written_into_the_statement():
    rows = ibis.memtable([(1, "a", None), (2, None, 0.5)], schema={"n": "int64", "k": "string", "x": "float64"})
    assert compiled(rows) == (
        "SELECT * FROM UNNEST([STRUCT(1 AS `n`, 'a' AS `k`, CAST(NULL AS FLOAT64) AS `x`), "
        "STRUCT(2 AS `n`, CAST(NULL AS STRING) AS `k`, 0.5 AS `x`)])"
    )


def test_a_median_is_the_mean_of_the_two_in_the_middle():
    ordered = "ARRAY_AGG(`t0`.`x` IGNORE NULLS ORDER BY `t0`.`x`)"
    assert compiled(SOME.group_by("k").agg(middle=SOME.x.median())) == (
        f"SELECT `t0`.`k`, ({ordered}[SAFE_OFFSET(div((COUNT(`t0`.`x`) - 1), 2))] + "
        f"{ordered}[SAFE_OFFSET(div(COUNT(`t0`.`x`), 2))]) / 2 AS `middle` FROM `p`.`d`.`some` AS `t0` GROUP BY 1"
    )


def test_the_value_at_the_lowest_key_is_one_aggregate():
    assert compiled(SOME.group_by("k").agg(first=SOME.x.argmin(SOME.n))) == (
        "SELECT `t0`.`k`, ANY_VALUE(`t0`.`x` HAVING MIN `t0`.`n`) AS `first` FROM `p`.`d`.`some` AS `t0` GROUP BY 1"
    )


def test_a_condition_on_a_window_alone_has_a_where_before_it():
    newest = ibis.row_number().over(group_by="k", order_by=ibis.desc("n"))
    assert " WHERE TRUE QUALIFY " in compiled(SOME.filter(newest == 0))
    assert " WHERE `t0`.`x` > 0.0 QUALIFY " in compiled(SOME.filter(newest == 0, ibis._.x > 0.0))


def test_a_truth_becomes_a_number_by_way_of_a_whole_one():
    assert "CAST(CAST(`t0`.`x` > 0.0 AS INT64) AS FLOAT64)" in compiled(SOME.select(n=(SOME.x > 0.0).cast("float64")))


def test_text_becomes_json_by_being_parsed():
    assert "PARSE_JSON(`t0`.`k`)['n']" in compiled(SOME.select(n=SOME.k.cast("json")["n"].int))
