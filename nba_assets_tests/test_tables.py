"""The twenty-four records: what they promise to each other and to the reader."""

from __future__ import annotations

from collections import defaultdict

import pytest

from nba_assets.tables import DATASETS, TABLES, Column, LookBack, Rule, Table
from nba_assets.tables.features import FEATURE_COLUMNS, FEATURES
from nba_assets.tables.record import PREVIOUS_SEASON

EVERY = pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)


def test_there_are_twenty_four_tables_in_four_datasets():
    assert len(TABLES) == 24
    assert {t.dataset for t in TABLES.values()} == set(DATASETS)


@EVERY
def test_upstreams_are_known_tables_that_come_earlier(table):
    order = list(TABLES)
    for upstream in table.reads:
        assert upstream in TABLES
        assert order.index(upstream) < order.index(table.name)


@EVERY
def test_only_raw_tables_have_no_upstream(table):
    assert bool(table.reads) == (table.dataset != "nba_raw")
    assert (table.kind == "source") == (table.dataset == "nba_raw")


@EVERY
def test_every_row_has_a_required_date_and_a_required_key(table):
    assert table.column("game_date").type == "date"
    for name in ("game_date", *table.key):
        assert table.column(name).required


@EVERY
def test_everything_says_what_it_means(table):
    assert table.grain.startswith("one row per ")
    assert table.description.endswith(".")
    for column in table.columns:
        assert column.meaning, column.name


@EVERY
def test_numbers_have_a_unit_and_labels_and_flags_have_none(table):
    for column in table.columns:
        if column.type in ("string", "boolean"):
            assert column.unit == "", column.name
        elif column.type == "float64":
            assert column.unit != "", column.name


@EVERY
def test_booleans_start_with_is_or_has_and_nothing_else_does(table):
    for column in table.columns:
        assert (column.type == "boolean") == column.name.startswith(("is_", "has_")), column.name


def test_the_same_quantity_carries_the_same_type_and_unit_everywhere():
    seen = defaultdict(set)
    for table in TABLES.values():
        for column in table.columns:
            seen[column.name].add((column.type, column.unit))
    assert {name: kinds for name, kinds in seen.items() if len(kinds) > 1} == {}


def test_features_are_columns_of_the_feature_store_once_each():
    store = TABLES["ml_feature_store_v2"]
    assert len(set(FEATURES)) == len(FEATURES)
    assert set(FEATURES) <= set(store.column_names)
    assert all(c.type in ("int64", "float64", "boolean") for c in FEATURE_COLUMNS)


def test_look_back_reads_as_words():
    assert [
        str(b) for b in (LookBack(None), LookBack(0), PREVIOUS_SEASON, LookBack(3), LookBack(0).strictly_before)
    ] == [
        "the same day",
        "this season",
        "this and the previous season",
        "this and the 3 previous seasons",
        "this season, before the day",
    ]


def made(*columns: Column, **given) -> Table:
    required = Column("game_date", "date", "day", "date", required=True)
    return Table("nba_raw", "t", "one row per x", "d", **{"key": ("game_date",), **given}, columns=(required, *columns))


def test_a_record_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="must be one of int64"):
        Column("n", "integer", "a number")
    with pytest.raises(ValueError, match="declares a column twice"):
        made(Column("n", "int64", "a"), Column("n", "int64", "b"))
    with pytest.raises(ValueError, match=r"does not declare its column\(s\) n"):
        made(key=("game_date", "n"))
    with pytest.raises(ValueError, match=r"key column\(s\) n must be required"):
        made(Column("n", "int64", "a"), key=("game_date", "n"))
    with pytest.raises(KeyError, match=r"nba_raw.t has no column n"):
        made().column("n")


def test_rule_names_are_unique_in_their_table():
    for table in TABLES.values():
        names = [rule.name for rule in table.rules]
        assert len(set(names)) == len(names)
        assert all(isinstance(rule, Rule) for rule in table.rules)
