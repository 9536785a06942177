"""Verdicts sorted into failing checks, absent keys into gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from nba_assets.absence import NOT_BUILT
from nba_assets.checks.check import Check
from nba_assets.checks.verdict import Severity, Verdict, failed, passed
from nba_assets.report.failures import by_severity, failing_checks
from nba_assets.report.gaps import gaps_of
from nba_assets.tables import TABLES
from nba_assets_tests.report.made import covered, day_after

TABLE = TABLES["shots"]
WARN, ERROR = Severity.WARN, Severity.ERROR
DAYS = [day_after(n) for n in range(4)]


def check(name: str, severity: Severity = ERROR) -> Check:
    return Check(name, "?", "because.", severity, lambda look: {}, frozenset({TABLE.name}))


def verdicts(*given: Verdict | None) -> Mapping[date, Verdict]:
    return {day: verdict or passed("fine") for day, verdict in zip(DAYS, given, strict=False)}


def test_checks_that_pass_are_not_listed():
    results = {"a": verdicts(None, None), "b": verdicts(None, None)}
    assert failing_checks(TABLE, [check("a"), check("b")], results, DAYS[:2]) == []


def test_a_failing_check_is_one_entry_with_its_days_and_what_it_says_of_the_first():
    results = {"a": verdicts(None, failed("first"), None, failed("second"))}
    (entry,) = failing_checks(TABLE, [check("a", WARN)], results, DAYS)
    assert (entry.table, entry.checks, entry.severity) == (TABLE, ("a",), WARN)
    assert (entry.days, entry.text) == ((DAYS[1], DAYS[3]), "first")
    assert not entry.is_unbuilt


def test_a_check_is_as_bad_as_its_worst_verdict():
    milder = {"a": verdicts(failed("x", severity=WARN), failed("y", severity=WARN))}
    assert failing_checks(TABLE, [check("a")], milder, DAYS[:2])[0].severity is WARN
    mixed = {"a": verdicts(failed("x", severity=WARN), failed("y"))}
    assert failing_checks(TABLE, [check("a")], mixed, DAYS[:2])[0].severity is ERROR


def test_errors_come_before_warnings_of_a_table():
    results = {"a": verdicts(failed("x")), "b": verdicts(failed("x"))}
    found = failing_checks(TABLE, [check("a", WARN), check("b")], results, DAYS[:1])
    assert [entry.checks for entry in found] == [("b",), ("a",)]


def test_days_never_built_are_one_entry_for_all_checks_of_the_table():
    blind = failed("Could not look", severity=ERROR)
    results = {"a": verdicts(failed("bad"), blind, blind), "b": verdicts(None, blind, blind)}
    unbuilt, other = failing_checks(TABLE, [check("a"), check("b")], results, DAYS[:1])
    assert unbuilt.is_unbuilt
    assert (unbuilt.checks, unbuilt.days, unbuilt.text) == (("a", "b"), (DAYS[1], DAYS[2]), "Could not look")
    assert (other.checks, other.days, other.text) == (("a",), (DAYS[0],), "bad")
    assert by_severity([unbuilt, other]) == {ERROR: 1, WARN: 0}


def test_failing_checks_are_counted_by_severity():
    results = {"a": verdicts(failed("x")), "b": verdicts(failed("x")), "c": verdicts(None)}
    found = failing_checks(TABLE, [check("a"), check("b", WARN), check("c")], results, DAYS[:1])
    assert by_severity(found) == {ERROR: 1, WARN: 1}


def test_keys_absent_for_one_reason_are_one_gap_over_its_days():
    gap, *others = gaps_of([covered(2, missing={"lost": 1}), covered(0, missing={"lost": 3}), covered(1)])
    assert (gap.table, gap.reason, gap.keys, gap.days) == ("shots", "lost", 4, (DAYS[0], DAYS[2]))
    assert gap.example == {"game_date": DAYS[0], "game_id": "0"}
    assert not gap.is_accepted
    assert not others


def test_gaps_are_in_the_order_of_the_tables_and_then_of_size():
    found = gaps_of(
        [covered(0, missing={"few": 1, "many": 3}), covered(0, table="game_lines", missing={"did not play": 2})]
    )
    assert [(gap.table, gap.reason) for gap in found] == [
        ("shots", "many"),
        ("shots", "few"),
        ("game_lines", "did not play"),
    ]
    assert [gap.is_accepted for gap in found] == [False, False, True]


def test_a_day_never_built_is_a_gap_even_if_its_keys_are_unknown():
    unknown, known = (
        covered(0, expected=None, rows=0, is_built=False),
        covered(1, missing={NOT_BUILT: 4}, is_built=False),
    )
    (gap,) = gaps_of([unknown, known])
    assert (gap.reason, gap.keys, gap.days) == (NOT_BUILT, 4, (DAYS[0], DAYS[1]))
