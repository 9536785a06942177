"""What has stopped progressing, said when it begins and when it is over."""

from __future__ import annotations

from nba_assets.alerts.stalled import Work, changes_of, remembered, stalled_work

LIMIT = 900.0


def work(key, last_moved, is_waiting=False):
    return Work(key, key.title(), last_moved, is_waiting)


def test_what_moved_within_the_limit_is_not_stalled():
    found = [work("run a", 1_000.0), work("run b", 99.0)]
    assert [w.key for w in stalled_work(found, 1_000.0, LIMIT)] == ["run b"]
    assert stalled_work([work("run a", 100.0)], 1_000.0, LIMIT) == []


def test_what_waits_behind_something_started_is_not_stalled():
    waiting = work("run b", 0.0, is_waiting=True)
    assert stalled_work([work("run a", 990.0), waiting], 1_000.0, LIMIT) == []
    assert [w.key for w in stalled_work([work("run a", 5.0), waiting], 1_000.0, LIMIT)] == ["run a"]


def test_what_waits_though_nothing_is_started_is_stalled():
    assert [w.key for w in stalled_work([work("run b", 0.0, is_waiting=True)], 1_000.0, LIMIT)] == ["run b"]


def test_a_stall_is_said_once_and_when_it_moves_again():
    stuck = work("run a", 10.0)
    [began] = changes_of({}, [stuck], [stuck])
    assert (began.what, began.since, began.is_over) == ("Run A", 10.0, False)
    known = remembered({}, [stuck])
    assert changes_of(known, [stuck], [stuck]) == []
    [over] = changes_of(known, [], [work("run a", 2_000.0)])
    assert (over.is_over, over.outcome, over.since) == (True, "moves again", 10.0)
    assert remembered(known, []) == {}


def test_a_stall_that_ended_is_said_to_have_ended():
    known = remembered({}, [work("run a", 10.0)])
    [over] = changes_of(known, [], [])
    assert (over.what, over.outcome) == ("Run A", "has ended")


def test_what_waits_for_its_turn_after_all_does_not_move_yet():
    known = remembered({}, [work("run a", 10.0, is_waiting=True)])
    [over] = changes_of(known, [], [work("run a", 10.0, is_waiting=True), work("run b", 999.0)])
    assert over.outcome == "waits for its turn now"
