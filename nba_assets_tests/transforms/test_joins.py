"""Joins by name: what they keep, what they add, and that they say what Ibis's own joins say."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.transforms.joins import add_columns, joined

PLAYERS = ibis.memtable({"team": [1, 1, 2, None], "player": [10, 11, 12, 13], "day": [1, 2, 3, 4]})
TEAMS = ibis.memtable({"team": [1, 3, None], "pace": [99.5, 101.0, 90.0]})
GAMES = ibis.memtable({"team": [1, 1, 2], "played_on": [0, 1, 5], "points": [100, 110, 120]})


def _said(table: ir.Table, *columns: str) -> list[tuple[object, ...]]:
    """These columns, or all, of its rows in some fixed order."""
    rows = ibis.duckdb.connect().to_pyarrow(table).to_pylist()
    return sorted((tuple(row[name] for name in columns or table.columns) for row in rows), key=repr)


def test_a_row_without_another_of_its_key_is_kept_with_null():
    found = add_columns(PLAYERS, TEAMS, "team")
    assert _said(found, "player", "pace") == [(10, 99.5), (11, 99.5), (12, None), (13, None)]
    as_ibis_does = PLAYERS.left_join(TEAMS, "team").drop("team_right")
    assert (found.columns, _said(found)) == (as_ibis_does.columns, _said(as_ibis_does))


def test_inner_leaves_such_a_row_out():
    found = add_columns(PLAYERS, TEAMS, "team", how="inner")
    assert _said(found, "player", "pace") == [(10, 99.5), (11, 99.5)]
    assert (found.columns, _said(found)) == (PLAYERS.join(TEAMS, "team").columns, _said(PLAYERS.join(TEAMS, "team")))


def test_two_rows_of_one_key_multiply_the_row():
    found = _said(add_columns(PLAYERS, GAMES, "team"), "player", "points")
    assert found == [(10, 100), (10, 110), (11, 100), (11, 110), (12, 120), (13, None)]


def test_any_condition_may_be_asked_and_only_the_named_columns_are_added():
    found = joined(
        PLAYERS, GAMES, ["points"], lambda player, game: [player.team == game.team, game.played_on < player.day]
    )
    assert found.columns == ("team", "player", "day", "points")
    assert _said(found, "player", "points") == [(10, 100), (11, 100), (11, 110), (12, None), (13, None)]


def test_a_table_is_joined_with_what_was_made_of_it_and_that_again():
    others = PLAYERS.select("team", other="player")
    pairs = joined(PLAYERS, others, ["other"], lambda one, two: [one.team == two.team, one.player != two.other])
    again = add_columns(pairs, PLAYERS.select(other="player", day_of_other="day"), "other")
    expected = [(10, 11, 2), (11, 10, 1), (12, None, None), (13, None, None)]
    assert _said(again, "player", "other", "day_of_other") == expected


def test_a_table_is_joined_with_itself():
    found = joined(PLAYERS, PLAYERS, [], lambda one, two: [one.player == two.player + 1], how="inner")
    assert _said(found, "player") == [(11,), (12,), (13,)]


def test_a_column_that_both_have_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="Both tables have day: drop or rename"):
        add_columns(PLAYERS, PLAYERS.select("player", "day"), "player")


def test_what_comes_of_it_is_a_table_like_any_other():
    found = add_columns(PLAYERS, TEAMS, "team").mutate(twice=ibis._.pace * 2).filter(ibis._.player < 12)
    assert _said(found, "player", "twice") == [(10, 199.0), (11, 199.0)]
