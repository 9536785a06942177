"""Rows of a source: bad ones are set aside with their reason, whole deliveries of another shape are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import ContractError
from nba_assets_tests.factories import ATL, DAY, box, final, game_id, rows

ONE = DayRange(DAY, DAY)
BOXES = TABLES["player_boxscores"]

GOOD: dict[str, dict[str, Any]] = {
    "games": final(DAY, 1, 1610612737, 1610612738),
    "player_boxscores": box(
        field_goals_made=3, field_goals_attempted=7, three_pointers_made=1, three_pointers_attempted=2
    ),
    "shots": {"shot_number": 1},
    "game_lines": {"home_spread": -3.5, "total": 220.0},
    "player_props": {"price_american": -110.0},
    "injuries": {"status": "out"},
    "active_players": {},
}
for _row in GOOD.values():
    _row.setdefault("game_id", game_id())
GOOD["injuries"].pop("game_id")
_ID = {"game_id has 10 characters": {"game_id": "22100001"}, "season_year matches the game_id": {"season_year": 2019}}
BREAKING: dict[str, dict[str, dict[str, Any]]] = {
    "games": {
        **_ID,
        "a team does not play itself": {"away_team_id": ATL},
        "status is known": {"status": "live", "home_points": None, "away_points": None},
        "a final game has a result without a tie": {"home_points": 90, "away_points": 90},
        "a game that is not final has no points": {"status": "scheduled"},
        "points are between 0 and 250": {"home_points": 251},
    },
    "player_boxscores": {
        **_ID,
        "the opponent is another team": {"opponent_team_id": ATL},
        "minutes are between 0 and 75": {"minutes": 75.5},
        "counts are not negative": {"assists": -1},
        "no more makes than attempts": {"field_goals_attempted": 2, "three_pointers_attempted": 1},
        "no more three-point makes than attempts": {"three_pointers_attempted": 0},
        "no more free throws made than attempted": {"free_throws_made": 1, "points": 8},
        "three-pointers are field goals": {"three_pointers_attempted": 8},
        "points add up": {"points": 8},
        "rebounds add up": {"rebounds": 1},
    },
    "shots": {
        **_ID,
        "period is between 1 and 10": {"period": 0},
        "seconds remaining are between 0 and 720": {"seconds_remaining": 721},
        "distance is between 0 and 94 feet": {"shot_distance_feet": 95.0},
    },
    "game_lines": {
        **_ID,
        "spread is between -60 and 60": {"home_spread": 61.0},
        "total is between 120 and 320": {"total": 12.0},
    },
    "player_props": {
        **_ID,
        "market is known": {"market": "steals"},
        "side is over or under": {"side": "Over"},
        "line is between 0 and 100": {"line": -0.5},
        "price is American odds": {"price_american": 1.9},
    },
    "injuries": {"status is out or available": {"status": "questionable"}},
    "active_players": _ID,
}
# Rows are judged in memory, the same for every engine: no server that takes seconds to store them is needed for it.
judged_in_memory = pytest.mark.parametrize("warehouse", ["duckdb"], indirect=True)
CASES = [(table, rule) for table, broken in BREAKING.items() for rule in broken]


def test_every_rule_of_every_raw_table_is_broken_here():
    assert set(CASES) == {(t.name, r.name) for t in RAW_TABLES for r in t.rules}


@pytest.mark.parametrize("table", [t.name for t in RAW_TABLES])
def test_a_good_row_is_taken(session, table):
    report = session.ingest(TABLES[table], ONE, rows(table, [GOOD[table]]))
    assert (report.rows, report.set_aside, report.reasons) == ({DAY: 1}, {DAY: 0}, {})


@pytest.fixture(scope="module")
def shared_session(tmp_path_factory):
    """One warehouse for the many rules: each case replaces the day."""
    with DuckDBWarehouse(tmp_path_factory.mktemp("rules") / "warehouse.duckdb").session() as opened:
        yield opened


@pytest.mark.parametrize(("table", "rule"), CASES)
def test_a_row_that_breaks_a_rule_is_set_aside_with_the_rules_name(shared_session, table, rule):
    report = shared_session.ingest(TABLES[table], ONE, rows(table, [{**GOOD[table], **BREAKING[table][rule]}]))
    assert (report.rows, report.set_aside) == ({DAY: 0}, {DAY: 1})
    (reason,) = report.reasons
    assert rule in reason.split("; ")


def deliver(session, *records: dict, **options: bool):
    return session.ingest(BOXES, ONE, rows(BOXES, records), **options)


def test_a_single_bad_row_is_set_aside_counted_and_kept_as_json(session):
    report = deliver(session, box(player_id=1), box(player_id=2, points=5))
    assert (report.rows, report.set_aside, report.reasons) == ({DAY: 1}, {DAY: 1}, {"points add up": 1})
    (aside,) = session.frame(session.set_aside(ONE)).to_pylist()
    assert (aside["table_name"], aside["game_date"], aside["reason"]) == ("player_boxscores", DAY, "points add up")
    row = json.loads(aside["row"])
    assert (row["player_id"], row["points"]) == (2, 5)
    (state,) = session.day_states(ONE, ["player_boxscores"])
    assert (state.rows, state.set_aside) == (1, 1)


def test_what_was_set_aside_goes_when_the_source_has_mended_it(session):
    deliver(session, box(player_id=2, points=5))
    report = deliver(session, box(player_id=2, field_goals_made=1, field_goals_attempted=1))
    assert (report.rows, report.set_aside) == ({DAY: 1}, {DAY: 0})
    assert session.frame(session.set_aside(ONE)).num_rows == 0


def test_ingesting_twice_changes_nothing(session):
    for expected in ({DAY}, frozenset()):
        assert deliver(session, box(player_id=1), box(player_id=2, points=5)).changed == expected
    assert session.frame(session.set_aside(ONE)).num_rows == 1


def test_a_bad_row_of_a_day_that_was_not_asked_for_does_not_pile_up(session):
    stray = box(player_id=2, points=5, game_date=DAY + timedelta(days=3))
    for _ in range(2):
        report = deliver(session, box(player_id=1), stray)
    everything = DayRange(DAY, DAY + timedelta(days=9))
    assert report.set_aside == {DAY: 1}
    assert session.frame(session.set_aside(everything)).num_rows == 1


@judged_in_memory
def test_strict_refuses_a_bad_row_and_writes_nothing(session):
    deliver(session, box(player_id=1))
    with pytest.raises(ContractError) as error:
        deliver(session, box(player_id=1), box(player_id=2, points=5), strict=True)
    for word in ("nba_raw.player_boxscores", str(DAY), "points add up (1 rows", '"player_id":2', "Nothing was written"):
        assert word in str(error.value)
    assert session.frame(session.read(BOXES, ONE)).column("player_id").to_pylist() == [1]
    assert session.frame(session.set_aside(ONE)).num_rows == 0


@judged_in_memory
def test_the_second_row_of_a_key_is_set_aside(session):
    report = deliver(session, box(player_id=1), box(player_id=1))
    assert report.rows == {DAY: 1}
    assert report.reasons == {"another row has the same key (game_id, player_id)": 1}


@judged_in_memory
def test_a_bad_row_does_not_take_the_place_of_a_good_one_with_its_key(session):
    report = deliver(session, box(player_id=1, points=99), box(player_id=1))
    assert (report.rows, report.reasons) == ({DAY: 1}, {"points add up": 1})


@judged_in_memory
def test_a_null_where_a_value_is_required_is_set_aside(session):
    report = deliver(session, box(player_id=1, assists=None))
    assert report.reasons == {"no usable value in assists": 1}


@judged_in_memory
def test_null_passes_a_rule(session):
    assert deliver(session, box(player_id=1, minutes=None)).rows == {DAY: 1}


@judged_in_memory
@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("assists", pa.array([1.5]), "assists is not a whole number"),
        ("minutes", pa.array([float("nan")]), "minutes is not a finite number"),
        # Twice as much would not fit the type, and the rule on points reckons with it.
        ("field_goals_made", pa.array([2**63 - 1]), "field_goals_made is too large"),
        ("assists", pa.array([2**64 - 1], pa.uint64()), "assists is not a whole number"),
        ("game_id", pa.array(["0021²00001"]), "season_year matches the game_id"),
    ],
)
def test_numbers_that_do_not_fit_are_set_aside(session, column, values, reason):
    made = rows(BOXES, [box()])
    report = session.ingest(BOXES, ONE, made.set_column(made.column_names.index(column), column, values))
    assert report.rows == {DAY: 0}
    assert reason in next(iter(report.reasons))


@judged_in_memory
def test_whole_numbers_that_come_as_floats_are_taken(session):
    made = rows(BOXES, [box()])
    made = made.set_column(made.column_names.index("plus_minus"), "plus_minus", pa.array([3.0]))
    assert session.ingest(BOXES, ONE, made).rows == {DAY: 1}


@judged_in_memory
def test_a_missing_column_is_refused(session):
    with pytest.raises(ContractError, match=r"nba_raw.player_boxscores.*assists"):
        session.ingest(BOXES, ONE, rows(BOXES, [box()]).drop_columns(["assists"]))


@judged_in_memory
def test_a_column_that_comes_twice_is_refused(session):
    made = rows(BOXES, [box()])
    with pytest.raises(ContractError, match=r"nba_raw.player_boxscores.* column assists more than once"):
        session.ingest(BOXES, ONE, made.append_column("assists", made["assists"]))


@judged_in_memory
@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("is_home", pa.array([b"\xff\xfe"]).view(pa.string())),
        ("is_home", pa.array([2**31 - 1], pa.int32()).view(pa.date32())),
    ],
)
def test_rows_that_cannot_be_shown_are_refused_all_the_same(session, column, values):
    made = rows(BOXES, [box()])
    with pytest.raises(ContractError, match=r"column is_home is .* cannot be shown"):
        session.ingest(BOXES, ONE, made.set_column(made.column_names.index(column), column, values))


@judged_in_memory
@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("minutes", pa.array(["30:00"])),
        ("minutes", pa.array([1.5], pa.float32()).cast(pa.float16())),
        ("assists", pa.array([1], pa.decimal256(60, 0))),
        ("is_home", pa.array(["yes"])),
        ("player_name", pa.array([1])),
    ],
)
def test_a_column_of_another_kind_is_refused(session, column, values):
    made = rows(BOXES, [box()])
    made = made.set_column(made.column_names.index(column), column, values)
    with pytest.raises(ContractError) as error:
        session.ingest(BOXES, ONE, made)
    for word in ("nba_raw.player_boxscores", str(DAY), column, "Nothing was written"):
        assert word in str(error.value)


@judged_in_memory
def test_text_that_is_not_utf_8_is_refused(session):
    made, bad = rows(BOXES, [box()]), pa.array([b"\xff\xfe"]).view(pa.string())
    with pytest.raises(ContractError, match=r"nba_raw.player_boxscores.*damaged.*UTF8"):
        session.ingest(BOXES, ONE, made.set_column(made.column_names.index("source"), "source", bad))


@judged_in_memory
def test_good_rows_of_days_that_were_not_asked_for_are_refused(session):
    with pytest.raises(ContractError, match="a day that was not asked for in game_date: 1 rows"):
        deliver(session, box(player_id=1), box(player_id=2, game_date=DAY + timedelta(days=1)))


def test_times_of_any_zone_are_stored_as_utc(session):
    stamp = pa.array([datetime(2022, 1, 15, 19, tzinfo=UTC)], pa.timestamp("us", tz="America/New_York"))
    made = rows("games", [GOOD["games"]])
    made = made.set_column(made.column_names.index("tipoff_utc"), "tipoff_utc", stamp)
    session.ingest(TABLES["games"], ONE, made)
    assert session.frame(session.read(TABLES["games"], ONE)).column("tipoff_utc").to_pylist() == [
        datetime(2022, 1, 15, 19)
    ]
