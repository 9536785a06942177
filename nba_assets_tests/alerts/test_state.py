"""What is said about checks: each change of state once."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import date, timedelta

import pytest

from nba_assets.alerts.state import ERROR, WARN, CheckState, Evaluation, Group, Progress

GROUP = Group("nba_raw.games", "points_add_up")
OTHER = Group("nba_raw.shots", "has_rows")
D1, D2, D3 = (date(2022, 1, n) for n in (1, 2, 3))


def failed(*days, group=GROUP, severity=ERROR, is_blocking=False):
    return [Evaluation(group, d, False, severity, is_blocking, f"why {d}") for d in days]


def passed(*days, group=GROUP):
    return [Evaluation(group, d, True, ERROR) for d in days]


def stored(state):
    return CheckState.from_json(json.loads(json.dumps(state.as_json())))


class Teller:
    """Folds runs and tells changes, through the stored form each time, as from tick to tick."""

    def __init__(self):
        self.state = CheckState()

    def after(self, evaluations, is_run_failed=False, silenced=()):
        self.state.fold(evaluations, is_run_failed)
        changes = self.state.take_changes(silenced)
        self.state = stored(self.state)
        return [(c.group, c.severity, "recovered" if c.is_recovery else "failed", list(c.days)) for c in changes]


@pytest.fixture
def tell():
    return Teller().after


def test_a_day_that_fails_is_said_once(tell):
    assert tell(failed(D1) + passed(D2)) == [(GROUP, ERROR, "failed", [D1])]
    assert tell(failed(D1)) == []
    assert tell([]) == []


def test_only_the_days_that_are_new_are_said(tell):
    tell(failed(D1))
    assert tell(failed(D1, D3, D2)) == [(GROUP, ERROR, "failed", [D2, D3])]


def test_a_day_that_recovers_is_said_once(tell):
    tell(failed(D1, D2))
    assert tell(passed(D1)) == [(GROUP, ERROR, "recovered", [D1])]
    assert tell(passed(D1)) == []
    assert tell(failed(D1)) == [(GROUP, ERROR, "failed", [D1])]


def test_a_day_that_never_failed_does_not_recover(tell):
    assert tell(passed(D1, D2)) == []


def test_a_failure_is_not_recovered_by_another_check_or_another_day(tell):
    tell(failed(D1))
    assert tell(passed(D2) + passed(D1, group=OTHER) + passed(D1, group=Group(GROUP.table, "other"))) == []


def test_the_last_result_of_a_day_counts(tell):
    assert tell(failed(D1) + passed(D1)) == []
    assert tell(passed(D1) + failed(D1)) == [(GROUP, ERROR, "failed", [D1])]


def test_a_warning_that_becomes_an_error_is_said_again(tell):
    assert tell(failed(D1, severity=WARN)) == [(GROUP, WARN, "failed", [D1])]
    assert tell(failed(D1)) == [(GROUP, ERROR, "failed", [D1])]


def test_an_error_that_becomes_a_warning_is_not_news_and_recovers_where_it_was_said(tell):
    tell(failed(D1))
    assert tell(failed(D1, severity=WARN)) == []
    assert tell(failed(D1)) == []
    assert tell(failed(D1, severity=WARN)) == []
    assert tell(passed(D1)) == [(GROUP, ERROR, "recovered", [D1])]


def test_days_of_both_severities_are_said_apart(tell):
    changes = tell(failed(D1) + failed(D2, severity=WARN))
    assert changes == [(GROUP, ERROR, "failed", [D1]), (GROUP, WARN, "failed", [D2])]


def test_what_stopped_a_failed_run_is_not_said_again_but_its_recovery_is(tell):
    assert tell(failed(D1, is_blocking=True), is_run_failed=True) == []
    assert tell(failed(D1, is_blocking=True)) == []
    assert tell(passed(D1)) == [(GROUP, ERROR, "recovered", [D1])]


def test_what_did_not_stop_the_failed_run_is_said(tell):
    others = failed(D1, group=OTHER) + failed(D2, group=OTHER, severity=WARN, is_blocking=True)
    changes = tell(failed(D1, is_blocking=True) + others, is_run_failed=True)
    assert changes == [(OTHER, ERROR, "failed", [D1]), (OTHER, WARN, "failed", [D2])]


def test_a_blocking_failure_in_a_run_that_was_canceled_is_said(tell):
    assert tell(failed(D1, is_blocking=True), is_run_failed=False) == [(GROUP, ERROR, "failed", [D1])]


def test_a_silenced_failure_that_lasts_is_said_when_the_silence_ends(tell):
    assert tell(failed(D1, D2), silenced={GROUP}) == []
    assert tell(passed(D1), silenced={GROUP}) == []
    assert tell([]) == [(GROUP, ERROR, "failed", [D2])]


def test_a_failure_that_was_said_and_recovers_in_silence_is_said_to_have_recovered_when_the_silence_ends(tell):
    tell(failed(D1))
    assert tell(passed(D1), silenced={GROUP}) == []
    assert tell([]) == [(GROUP, ERROR, "recovered", [D1])]


def test_a_silence_is_of_its_check_only(tell):
    assert tell(failed(D1) + failed(D1, group=OTHER), silenced={GROUP}) == [(OTHER, ERROR, "failed", [D1])]


def test_a_check_without_days_is_said_as_well(tell):
    assert tell(failed(None)) == [(GROUP, ERROR, "failed", [None])]
    assert tell(failed(None)) == []
    assert tell(passed(None)) == [(GROUP, ERROR, "recovered", [None])]


def test_the_first_two_descriptions_and_the_number_of_all_failing_days_come_along():
    state = CheckState()
    state.fold(failed(D1), False)
    state.take_changes()
    state.fold(failed(D3, D2, date(2022, 1, 9)), False)
    [change] = state.take_changes()
    assert change.examples == ((D2, "why 2022-01-02"), (D3, "why 2022-01-03"))
    assert change.failing_in_all == 4


def test_what_was_not_said_yet_can_be_said_by_a_later_tick_with_its_descriptions():
    state = CheckState()
    state.fold(failed(D3, D2, D1, date(2022, 1, 9)), False)
    kept, progress = CheckState.from_cursor(state.as_cursor(Progress(7, "a run", "half of it")))
    assert (progress.position, progress.read_of("a run"), progress.read_of("another")) == (7, "half of it", None)
    assert kept.take_changes() == state.take_changes()


def test_a_cursor_of_an_older_version_is_read():
    stored = {"position": 7, "checks": {"nba_raw.games has_rows": {"failing": {"ERROR": "2022-01-01"}, "said": {}}}}
    state, progress = CheckState.from_cursor(base64.b85encode(zlib.compress(json.dumps(stored).encode())).decode())
    assert progress == Progress(7)
    assert [change.days for change in state.take_changes()] == [(date(2022, 1, 1),)]


def test_a_season_of_failures_is_a_short_text_and_recovered_checks_are_forgotten():
    state = CheckState()
    season = [date(2021, 10, 1) + timedelta(days=n) for n in range(270)]
    state.fold(failed(*season), False)
    state.take_changes()
    assert len(json.dumps(state.as_json())) < 200
    state.fold(passed(*season), False)
    state.take_changes()
    assert state.as_json() == {}
