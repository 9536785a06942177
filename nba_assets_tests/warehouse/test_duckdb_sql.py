"""Ibis expressions as DuckDB's SQL: rows of the code, types, and the order that was asked for."""

from __future__ import annotations

from datetime import date

import duckdb
import ibis
import pyarrow as pa
import pytest

from nba_assets.tables import TABLES
from nba_assets.warehouse.dialect import DUCKDB
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.duckdb_sql import compiled, definitions, schema_of


def found(expression: ibis.Table) -> pa.Table:
    return duckdb.connect().sql(compiled(expression)).to_arrow_table()


def test_rows_of_the_code_are_written_into_the_statement():
    schema = {"n": "int64", "k": "string", "x": "float64", "day": "date", "is_late": "boolean"}
    rows = [(1, "Luka Dončić's", None, date(2020, 2, 29), True), (2, None, 0.1, None, None)]
    table = found(ibis.memtable(rows, schema=schema))
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    assert table.schema.names == list(schema)
    assert table.schema.types == [pa.int64(), pa.string(), pa.float64(), pa.date32(), pa.bool_()]


def test_text_cannot_leave_its_quotes():
    hostile = "'); DROP TABLE nba_raw.games; --"
    assert found(ibis.memtable([(hostile,)], schema={"k": "string"})).to_pylist() == [{"k": hostile}]


def test_rows_come_in_the_order_asked_for_also_through_a_selection():
    numbers = ibis.memtable([(n * 7919 % 100_003,) for n in range(500)], schema={"n": "int64"})
    in_order = numbers.order_by("n").mutate(twice=lambda t: t.n * 2).select("twice")
    values = found(in_order)["twice"].to_pylist()
    assert values == sorted(values)


def test_selections_are_merged_again_for_everybody_else_also_after_a_mistake():
    before = ibis.options.sql.fuse_selects
    with pytest.raises(AttributeError):
        compiled(None)
    assert ibis.options.sql.fuse_selects is before


@pytest.mark.parametrize("name", TABLES)
def test_a_tables_columns_are_read_as_what_they_were_made_as(name):
    made = {column.name: DUCKDB.types[column.type] for column in TABLES[name].columns}
    declared = ibis.schema({column.name: column.type for column in TABLES[name].columns})
    assert schema_of(made).to_pyarrow() == declared.to_pyarrow()


def test_attached_rows_have_the_types_of_their_expression(tmp_path):
    with DuckDBWarehouse(tmp_path / "w.duckdb").session() as session:
        rows = ibis.memtable([(2**40,), (2**40,)], schema={"n": "int64"})
        total = session.attach("total", rows.agg(n=rows.n.sum()))  # DuckDB adds whole numbers up in 128 bits
        assert session.frame(total).schema.types == [pa.int64()]
        assert session.rows("SELECT typeof(n) AS kind FROM temp.total") == [{"kind": "BIGINT"}]


def test_columns_are_defined_by_name_and_type():
    assert definitions(ibis.schema({"a b": "string", "n": "int64"})) == '"a b" TEXT, "n" BIGINT'
