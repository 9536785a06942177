"""How alerts are worded."""

from __future__ import annotations

from datetime import date

import pytest

from nba_assets.alerts.messages import (
    BODY_LENGTH,
    FailedRun,
    check_link,
    check_messages,
    days_text,
    run_messages,
    stall_messages,
)
from nba_assets.alerts.stalled import Stall
from nba_assets.alerts.state import ERROR, WARN, Change, Evaluation, Group

UI = "http://127.0.0.1:3000"
GROUP = Group("nba_raw.games", "points_add_up")
DAYS = tuple(date(2022, 1, n) for n in (3, 4, 5, 7))


def change(group=GROUP, severity=ERROR, is_recovery=False, days=DAYS, in_all=None, examples=()):
    return Change(group, severity, is_recovery, days, len(days) if in_all is None else in_all, examples)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (DAYS[:1], "2022-01-03"),
        (DAYS, "2022-01-03..2022-01-05, 2022-01-07 (4 days)"),
        ((None,), "the table as a whole"),
        ((None, *DAYS[:1]), "the table as a whole, 2022-01-03"),
    ],
)
def test_days_are_listed_as_ranges(days, text):
    assert days_text(days) == text


def test_many_ranges_are_counted():
    assert days_text(date(2022, 1, n) for n in range(1, 31, 2)).endswith("2022-01-15 and 7 more ranges (15 days)")


def test_one_check_is_named_in_the_title_with_days_examples_and_its_page():
    [message] = check_messages([change(in_all=6, examples=((DAYS[0], "3 of 44\n rows"),))], UI, "1")
    assert message.title == "nba-assets ERROR: nba_raw.games points_add_up failed"
    assert message.body == (
        "- nba_raw.games points_add_up fails on 2022-01-03..2022-01-05, 2022-01-07 (4 days); "
        "as before on 2 other days\n"
        "  2022-01-03: 3 of 44 rows\n"
        "  http://127.0.0.1:3000/assets/nba_raw/games?view=checks&checkDetail=points_add_up"
    )
    assert message.link == check_link(UI, GROUP)


def test_several_checks_of_a_severity_are_one_message_failures_first():
    other = Group("nba_raw.shots", "has_rows")
    found = [change(other, is_recovery=True, in_all=1), change(), change(other, WARN)]
    error, warn = check_messages(found, UI, "1")
    assert (error.severity, warn.severity) == (ERROR, WARN)
    assert error.title == "nba-assets ERROR: 1 check failed, 1 check recovered"
    assert error.body.index("points_add_up fails on") < error.body.index("has_rows passes again on")
    assert "still on 1 other day" in error.body
    assert warn.title == "nba-assets WARN: nba_raw.shots has_rows failed"


def test_a_long_body_ends_with_how_many_checks_it_leaves_out():
    many = [change(Group("nba_raw.games", f"check_{n:02}")) for n in range(40)]
    [message] = check_messages(many, UI, "1")
    assert len(message.body) < BODY_LENGTH + 100
    shown = message.body.count(" fails on ")
    assert message.body.endswith(f"- and {40 - shown} more checks")
    assert message.title == "nba-assets ERROR: 40 checks failed"


def test_the_same_words_are_one_message_on_the_same_occasion_only():
    ids = [check_messages([change()], UI, occasion)[0].id for occasion in ("1", "1", "2")]
    assert ids[0] == ids[1] != ids[2]


def test_a_failed_run_says_step_reason_and_what_stopped_it():
    stopped_by = tuple(Evaluation(GROUP, day, False, ERROR, True, "3 of 44 rows") for day in DAYS)
    run = FailedRun("0123456789ab", "job", "2022-01-01..2022-01-07", (("nba_raw__shots", "No file."),), stopped_by)
    [message] = run_messages([run], UI, "1")
    assert message.title == "nba-assets ERROR: Run 01234567 failed, 2022-01-01..2022-01-07"
    assert message.link == "http://127.0.0.1:3000/runs/0123456789ab"
    assert message.body == (
        "- nba_raw__shots: No file.\n"
        "- stopped by nba_raw.games points_add_up, which failed on 2022-01-03..2022-01-05, 2022-01-07 (4 days)\n"
        "  2022-01-03: 3 of 44 rows\n"
        "  2022-01-04: 3 of 44 rows\n"
        "  http://127.0.0.1:3000/assets/nba_raw/games?view=checks&checkDetail=points_add_up"
    )


def test_a_few_failed_runs_are_messages_of_their_own_and_many_are_one():
    runs = [FailedRun(f"{n:012}", "job", "2022-01-01", (("step", "No."),)) for n in range(4)]
    assert len(run_messages(runs[:3], UI, "1")) == 3
    [message] = run_messages(runs, UI, "1")
    assert message.title == "nba-assets ERROR: 4 runs failed"
    assert message.body.count("failed in step") == 4


def test_stalls_link_to_the_backfill_or_the_run():
    began = Stall("backfill abcd", "Backfill abcd", 0.0)
    over = Stall("run 0123", "Run 0123", 0.0, True, "moves again")
    first, second = stall_messages([began, over], 15, UI, "1")
    assert first.title == "nba-assets ERROR: Backfill abcd has stopped progressing"
    assert "no progress since 1970-01-01 00:00 UTC; more than 15 minutes is too long" in first.body
    assert first.link == "http://127.0.0.1:3000/runs/b/abcd"
    assert (second.title, second.link) == ("nba-assets ERROR: Run 0123 moves again", "http://127.0.0.1:3000/runs/0123")
