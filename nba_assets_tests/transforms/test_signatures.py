"""What every transform promises: its parameters are its record's reads, its columns the record's, in type and order."""

from __future__ import annotations

import ibis
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets_tests.factories import DAY, parameters_of, put, rows, run, transform_module, transformed_tables


def test_every_set_based_table_has_a_transform():
    expected = {t.name for t in TABLES.values() if t.kind == "sql"}
    # Its systems are models: in models/untrained_forecasts.py.
    assert set(transformed_tables()) == expected - {"untrained_forecasts"}


@pytest.mark.parametrize("name", transformed_tables())
def test_parameters_are_the_records_reads_and_the_days(name):
    assert set(parameters_of(transform_module(name))) == {*TABLES[name].reads, "days"}


@pytest.mark.parametrize("name", transformed_tables())
def test_columns_and_types_are_the_records(name):
    connection, table = ibis.duckdb.connect(), TABLES[name]
    inputs = {upstream: put(connection, upstream, rows(upstream)) for upstream in table.reads}
    schema = transform_module(name).build(**inputs, days=DayRange(DAY, DAY)).schema()
    assert schema.names == table.column_names
    kinds = {c: t.copy(nullable=True) for c, t in schema.items()}
    families = {c: "int64" if t.is_integer() else str(t) for c, t in kinds.items()}
    families = {c: "timestamp" if t.startswith("timestamp") else t for c, t in families.items()}
    assert families == {c.name: c.type for c in table.columns}


@pytest.mark.parametrize("name", transformed_tables())
def test_without_upstream_rows_there_are_no_rows(name):
    assert run(name).empty
