"""Turns between real processes, kept in a file and in PostgreSQL."""

from __future__ import annotations

import os
import re
from datetime import date

import psycopg2
import pytest

from nba_assets.days import DayRange
from nba_assets.platform import build_turns
from nba_assets.settings import Settings, load_settings
from nba_assets.turns.file import FileTurns
from nba_assets.turns.postgres import PostgresTurns
from nba_assets.turns.turns import TurnError, Turns
from nba_assets_tests.postgres import PASSWORD, Postgres
from nba_assets_tests.turns.holding import Holding, holding, turns_of

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
OVERLAPPING = DayRange(date(2022, 1, 7), date(2022, 1, 9))
DISJOINT = DayRange(date(2022, 1, 8), date(2022, 1, 14))
BACKFILL = "nba-assets backfill 2022-01-01..2022-01-07"


@pytest.fixture(params=["file", "postgres"])
def place(request, tmp_path) -> str:
    return request.getfixturevalue("database") if request.param == "postgres" else str(tmp_path / "home" / "turn.lock")


def unheard(text: str) -> None:
    raise AssertionError(f"nobody should be waited for, but: {text}")


def is_held_after_waiting(one: Holding) -> bool:
    """Whether it gets its turn once it has said that it does."""
    return one.says().startswith("It is this run's turn, after ") and one.says() == "held"


def test_the_second_says_for_whom_it_waits_and_goes_on_afterwards(place):
    with holding(place, WEEK, BACKFILL) as first:
        assert first.says() == "held"
        with holding(place, OVERLAPPING) as second:
            said = second.says()
            start = f"Waiting for {BACKFILL} (process {first.process.pid} on {os.uname().nodename}, since "
            assert said.startswith(start)
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)\.", said.removeprefix(start))
            first.let_go()
            assert is_held_after_waiting(second)


def test_a_killed_holder_lets_its_turn_go(place):
    with holding(place, WEEK) as first:
        assert first.says() == "held"
        with holding(place, WEEK) as second:
            assert second.says().startswith("Waiting for the first ")
            first.kill()
            assert is_held_after_waiting(second)


def test_one_who_waits_and_is_killed_holds_nobody_up(place):
    with holding(place, WEEK) as first:
        assert first.says() == "held"
        with holding(place, WEEK) as second, holding(place, WEEK) as third:
            assert second.says().startswith("Waiting for ")
            assert third.says().startswith("Waiting for ")
            second.kill()
            first.let_go()
            # It may have said meanwhile that it waits for the second.
            assert "held" in iter(third.says, "")


def test_a_turn_within_a_turn_is_part_of_it(place):
    turns = turns_of(place)
    with turns.taken(WEEK, "a plan", unheard), turns.taken(DayRange(WEEK.last, WEEK.last), "a step", unheard):
        turns.confirm(DayRange(WEEK.last, WEEK.last))
    with pytest.raises(TurnError, match="without a turn"):
        turns.confirm(WEEK)


def test_nothing_is_held_after_an_error(place):
    turns = turns_of(place)
    with pytest.raises(ZeroDivisionError), turns.taken(WEEK, "a plan", unheard):
        raise ZeroDivisionError
    with turns_of(place).taken(WEEK, "another", unheard):
        pass


def test_in_a_file_the_turn_is_on_all_days(tmp_path):
    place = str(tmp_path / "turn.lock")
    with holding(place, WEEK) as first:
        assert first.says() == "held"
        with holding(place, DISJOINT) as second:
            assert second.says().startswith("Waiting for the first ")


def test_in_the_database_disjoint_ranges_go_side_by_side(database):
    with holding(database, WEEK) as first, holding(database, DISJOINT) as second:
        assert (first.says(), second.says()) == ("held", "held")


def test_in_the_database_turns_come_in_the_order_of_asking(database):
    with holding(database, WEEK) as first:
        assert first.says() == "held"
        with holding(database, OVERLAPPING, "the second") as second:
            assert second.says().startswith("Waiting for the first ")
            # It has no day in common with the first, but one with the second, which came before it.
            with holding(database, DISJOINT, "the third") as third:
                assert third.says().startswith("Waiting for the second ")
                first.let_go()
                assert is_held_after_waiting(second)
                second.let_go()
                assert is_held_after_waiting(third)


def test_in_the_database_a_turn_cannot_be_widened(database):
    turns = PostgresTurns(database)
    with (
        turns.taken(WEEK, "a plan", unheard),
        pytest.raises(TurnError, match="within a turn"),
        turns.taken(OVERLAPPING, "its history", unheard),
    ):
        pass


def test_a_turn_that_is_lost_with_the_connection_is_noticed_before_anything_is_written(database):
    turns = PostgresTurns(database)
    with turns.taken(WEEK, "a plan", unheard):
        turns.confirm(WEEK)
        with psycopg2.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nba_assets turn' "
                "AND datname = current_database()"
            )
        connection.close()
        with pytest.raises(TurnError, match="is lost") as error:
            turns.confirm(WEEK)
    assert PASSWORD not in str(error.value)


def test_a_database_that_does_not_answer_is_one_clear_error():
    turns = PostgresTurns(Postgres(port=1).url("dagster"))
    with pytest.raises(TurnError, match="Nobody can be asked whose turn it is") as error, turns.taken(WEEK, "x", print):
        pass
    assert PASSWORD not in str(error.value)


def test_a_duckdb_file_has_one_builder_and_other_warehouses_one_for_each_day(tmp_path):
    url = Postgres(port=1).url("dagster")
    duckdb = load_settings({"NBA_ASSETS_HOME": str(tmp_path), "NBA_ASSETS_POSTGRES_URL": url})
    assert type(build_turns(duckdb)) is FileTurns
    elsewhere = Settings(home=tmp_path, source="simulated", archive=None, warehouse="bigquery", postgres_url=url)
    assert type(build_turns(elsewhere)) is PostgresTurns


def test_a_process_that_is_alone_asks_nobody():
    turns = Turns()
    with turns.taken(WEEK, "a plan", unheard) as held:
        assert WEEK.first in held
        turns.confirm(WEEK)
