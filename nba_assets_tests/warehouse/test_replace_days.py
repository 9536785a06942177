"""Replacing days: all or nothing, only what changed, and only rows that fit the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.warehouse.bigquery import BigQueryWarehouse
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import ContractError, Session, Warehouse, WarehouseError, WriteReport
from nba_assets_tests.factories import DAY, rows
from nba_assets_tests.warehouse.analyzer import analysing

TABLE = TABLES["upcoming_player_game_context"]
NEXT = DAY + timedelta(days=1)
BOTH = DayRange(DAY, NEXT)


def form(player: int, day: date = DAY, **given: Any) -> dict[str, Any]:
    return {"player_id": player, "game_date": day, "missing_usage_share": 0.25, **given}


def replace(session: Session, records: list[dict], days: DayRange = BOTH) -> WriteReport:
    return session.replace_days(TABLE, days, session.attach("made", rows(TABLE, records)))


def kept(session: Session, days: DayRange = BOTH) -> list[tuple]:
    data = session.frame(session.read(TABLE, days)).to_pylist()
    return sorted((r["game_date"], r["player_id"], r["missing_usage_share"]) for r in data)


def versions(session: Session) -> dict[date, tuple[int, int]]:
    return {s.day: (s.built, s.changed) for s in session.day_states(BOTH, [TABLE.name])}


OLD = [form(1), form(2), form(1, NEXT)]


def test_rows_are_written_and_counted_by_day(session):
    report = replace(session, OLD)
    assert report.rows == {DAY: 2, NEXT: 1}
    assert report.changed == {DAY, NEXT}
    assert kept(session) == [(DAY, 1, 0.25), (DAY, 2, 0.25), (NEXT, 1, 0.25)]


def in_parts(session: Session, *parts: list[dict]) -> Iterator[ir.Table]:
    """Each is attached, in the place of the one before, when it is asked for."""
    return (session.attach("made", rows(TABLE, records)) for records in parts)


def test_rows_may_come_in_parts(session):
    report = session.replace_days(TABLE, BOTH, in_parts(session, [form(1), form(1, NEXT)], [form(2)]))
    assert report.rows == {DAY: 2, NEXT: 1}
    assert kept(session) == sorted((r["game_date"], r["player_id"], 0.25) for r in OLD)
    assert replace(session, OLD).changed == frozenset()


@pytest.mark.parametrize("second", [[form(1)], [form(3, NEXT + timedelta(days=1))]], ids=["a key twice", "another day"])
def test_a_part_that_does_not_fit_the_record_keeps_all_parts_out(session, second):
    replace(session, OLD)
    with pytest.raises(ContractError, match="Nothing was written"):
        session.replace_days(TABLE, BOTH, in_parts(session, [form(1)], second))
    assert len(kept(session)) == len(OLD)


@pytest.mark.bigquery
def test_a_part_that_is_added_is_a_statement_that_googlesql_accepts(server, project, emptied):
    with analysing(server.client()) as statements, project.session() as session:
        session.replace_days(TABLE, BOTH, in_parts(session, [form(1)], [form(2)]))
    assert [statement.split()[0] for statement in statements].count("INSERT") == 1


def test_every_part_has_the_columns(session):
    def parts() -> Iterator[ir.Table]:
        (whole,) = in_parts(session, OLD)
        yield whole
        yield whole.drop("missing_usage_share")

    with pytest.raises(ContractError, match="missing_usage_share"):
        session.replace_days(TABLE, BOTH, parts())
    assert kept(session) == []


def test_a_day_is_settled_if_it_was_built_after_its_results_were_out(session):
    today = datetime.now(UTC).date()
    replace(session, [])
    replace(session, [], DayRange(today, today))
    settled = {s.day: s.is_settled for s in session.day_states(DayRange(DAY, today), [TABLE.name])}
    assert settled == {DAY: True, NEXT: True, today: False}


def test_rows_that_are_gone_do_not_stay(session):
    replace(session, OLD)
    replace(session, [form(2)], DayRange(DAY, DAY))
    assert kept(session) == [(DAY, 2, 0.25), (NEXT, 1, 0.25)]


def test_a_day_without_rows_is_built_and_empty(session):
    replace(session, OLD)
    report = replace(session, [])
    assert report.rows == {DAY: 0, NEXT: 0}
    assert kept(session) == []
    assert set(versions(session)) == {DAY, NEXT}


@pytest.mark.parametrize("name", ["upcoming_player_game_context", "team_offense_game_summary"])
def test_the_same_new_value_of_the_last_column_in_any_number_of_rows_is_seen(session, name):
    table = TABLES[name]
    counts = {DAY + timedelta(days=count): count for count in (1, 2, 3, 4)}
    reports = []
    for value in (0.5, 0.25):
        made = [
            {"game_date": day, table.key[1]: 10 * count + number, table.column_names[-1]: value}
            for day, count in counts.items()
            for number in range(count)
        ]
        days = DayRange(min(counts), max(counts))
        reports.append(session.replace_days(table, days, session.attach("made", rows(table, made))))
    assert [report.changed for report in reports] == [counts.keys()] * 2


def test_running_twice_changes_nothing(session):
    replace(session, OLD)
    before = versions(session)
    report = replace(session, list(reversed(OLD)))
    assert report.changed == frozenset()
    after = versions(session)
    for day in BOTH:
        assert after[day][0] > before[day][0]  # built again
        assert after[day][1] == before[day][1]  # not changed


def test_an_empty_day_built_twice_changes_nothing(session):
    replace(session, [])
    before = versions(session)
    assert replace(session, []).changed == frozenset()
    assert {d: v[1] for d, v in versions(session).items()} == {d: v[1] for d, v in before.items()}


def test_a_changed_day_only_rewrites_that_day(session):
    replace(session, OLD)
    before = versions(session)
    report = replace(session, [form(1), form(2), form(1, NEXT, missing_usage_share=0.5)])
    assert report.changed == {NEXT}
    assert versions(session)[DAY][1] == before[DAY][1]
    assert versions(session)[NEXT][1] > before[NEXT][1]


def test_noise_beyond_six_decimals_is_no_change(session):
    replace(session, [form(1, missing_usage_share=1 / 3)])
    assert replace(session, [form(1, missing_usage_share=1 / 3 + 1e-12)]).changed == frozenset()


def test_null_becoming_zero_is_a_change(session):
    replace(session, [form(1, missing_usage_share=None)])
    assert replace(session, [form(1, missing_usage_share=0.0)]).changed == {DAY}


def test_a_volatile_column_alone_is_no_change(session):
    table = TABLES["player_prop_predictions"]
    for n, changed in enumerate([{DAY}, frozenset()]):
        made = rows(table, [{"system_id": "moving_average", "created_at": datetime(2022, 1, 15, n)}])
        report = session.replace_days(table, DayRange(DAY, DAY), session.attach("made", made))
        assert report.changed == changed


# On BigQuery rows and ledger are put in place one after the other: test_bigquery.py says what holds there.
@pytest.mark.parametrize("warehouse", ["duckdb"], indirect=True)
def test_a_failing_write_leaves_the_old_days(session, monkeypatch):
    replace(session, OLD)
    before = versions(session)

    def fail(*_: object) -> None:
        raise WarehouseError("the disk is full")

    monkeypatch.setattr(session, "check_written", fail)  # the last step before the commit
    with pytest.raises(WarehouseError, match="disk is full"):
        replace(session, [form(3), form(3, NEXT)])
    assert kept(session) == [(DAY, 1, 0.25), (DAY, 2, 0.25), (NEXT, 1, 0.25)]
    assert versions(session) == before


@pytest.fixture(scope="module", params=["duckdb", pytest.param("bigquery", marks=pytest.mark.bigquery)])
def holding(request, tmp_path_factory) -> Iterator[Session]:
    """One warehouse of each engine that holds the old days, for all that is to be refused."""
    if request.param == "duckdb":
        warehouse: Warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("holding") / "warehouse.duckdb")
    else:
        server = request.getfixturevalue("server")
        warehouse = BigQueryWarehouse(server.client("holding"), server.storage(), needs_filter=False)
    with warehouse.session() as opened:
        replace(opened, OLD)
        yield opened


def refused(session: Session, made: pa.Table, *words: str) -> None:
    """The rows are refused with an error that names the table and these words; what was there stays."""
    before = versions(session)
    assert set(before) == {DAY, NEXT}
    with pytest.raises(ContractError) as error:
        session.replace_days(TABLE, BOTH, session.attach("made", made))
    for word in (TABLE.full_name, "Nothing was written", *words):
        assert word in str(error.value)
    assert kept(session) == [(DAY, 1, 0.25), (DAY, 2, 0.25), (NEXT, 1, 0.25)]
    assert versions(session) == before


def test_duplicated_keys_are_refused(holding):
    refused(holding, rows(TABLE, [form(7), form(7)]), "duplicated key (game_date, player_id)", "7", "2022, 1, 15")


def test_a_missing_column_is_refused(holding):
    refused(
        holding,
        rows(TABLE, OLD).drop_columns(["missing_usage_share", "rest_days"]),
        "missing_usage_share",
        "rest_days",
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none_are_refused(holding, value):
    made = rows(TABLE, [form(1), form(7, NEXT, missing_usage_share=value)])
    refused(holding, made, "not a finite number in missing_usage_share: 1 rows", "2022, 1, 16", "7")


def test_null_in_a_required_column_is_refused(holding):
    made = rows(TABLE, [form(1), form(7, NEXT, games_played_season=None)])
    refused(holding, made, "no value in games_played_season: 1 rows", "2022, 1, 16", "7")


def test_days_that_were_not_asked_for_are_refused(holding):
    made = rows(TABLE, [form(1), form(7, NEXT + timedelta(days=1))])
    refused(holding, made, "a day that was not asked for in game_date: 1 rows", "2022, 1, 17")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("games_played_season", pa.array(["ten"])),
        ("games_played_season", pa.array([9.5])),
        ("missing_usage_share", pa.array(["12.5"])),
        ("is_home", pa.array([1])),
        ("roster_source", pa.array([3])),
    ],
)
def test_a_column_of_another_type_is_refused(holding, column, values):
    made = rows(TABLE, [form(1)])
    made = made.set_column(made.column_names.index(column), column, values)
    refused(holding, made, column, f"days {BOTH}")


def test_a_column_without_any_value_may_have_no_type(session):
    made = rows(TABLE, [form(1)])
    made = made.set_column(made.column_names.index("injury_status"), "injury_status", pa.nulls(1))
    report = session.replace_days(TABLE, BOTH, session.attach("made", made))
    assert report.rows[DAY] == 1


def test_expected_keys_without_rows_are_kept_beside_the_table(session):
    absent = pa.table({"game_date": pa.array([DAY]), "player_id": [9], "reason": ["no history"]})
    report = session.replace_days(
        TABLE, BOTH, session.attach("made", rows(TABLE, OLD)), session.attach("unsaid", absent)
    )
    assert report.set_aside == {DAY: 1, NEXT: 0}
    assert report.reasons == {"no history": 1}
    aside = session.frame(session.set_aside(BOTH)).to_pylist()
    assert [(r["table_name"], r["game_date"], r["reason"]) for r in aside] == [(TABLE.name, DAY, "no history")]
    assert '"player_id":9' in aside[0]["row"]


def test_attached_rows_replace_those_of_the_same_name(session):
    session.attach("made", pa.table({"n": [1]}))
    assert session.frame(session.attach("made", pa.table({"n": [2]}))).to_pylist() == [{"n": 2}]
