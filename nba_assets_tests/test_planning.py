"""Plans: which days of which tables a range needs, in which order, and which days are due again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.planning import Plan, Request, make_plan, needed_days
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import DayState

DAYS = DayRange(date(2019, 10, 24), date(2019, 10, 26))
"""The third to the fifth day of all: what lies before them is two days."""
ALL_DAYS = DayRange(FIRST_DAY, DAYS.last)
PAST = [FIRST_DAY, FIRST_DAY + timedelta(days=1)]


def state(table: str, day: date, built: int = 1, changed: int | None = None) -> DayState:
    return DayState(table, day, rows=1, set_aside=0, built=built, changed=built if changed is None else changed)


def all_built(days: Iterable[date] = ALL_DAYS) -> dict[tuple[str, date], DayState]:
    """Every table on every day, each built after what it reads."""
    return {(name, day): state(name, day, built=n) for n, name in enumerate(TABLES, 1) for day in days}


def plan_for(states: dict[tuple[str, date], DayState], done: Iterable[tuple[str, date]] = (), **options) -> Plan:
    return make_plan(Request(DAYS, **options), states.values(), set(done))


def built_by(plan: Plan) -> list[tuple[str, date]]:
    return [(name, day) for step in plan.steps for day in step.days for name in step.tables]


def span(first: date, last: date) -> DayRange:
    return DayRange(first, last)


def test_a_game_summary_needs_the_same_days_of_what_it_reads_and_nothing_else():
    days = span(date(2023, 11, 10), date(2023, 11, 12))
    raw = ("games", "player_boxscores", "shots", "player_props")
    assert needed_days(days, ["player_game_summary"]) == dict.fromkeys((*raw, "player_game_summary"), days)


def test_a_zone_analysis_needs_the_season_so_far_of_what_its_history_is_made_of():
    days = span(date(2023, 11, 10), date(2023, 11, 12))
    season = span(date(2023, 10, 1), days.last)
    assert needed_days(days, ["player_shot_zone_analysis"]) == {
        "games": season,
        "player_boxscores": season,
        "shots": season,
        "player_props": season,
        "player_game_summary": season,
        "player_shot_zone_analysis": days,
    }


def test_a_model_needs_features_of_four_seasons_and_they_need_the_results_of_a_fifth():
    days = span(date(2023, 11, 10), date(2023, 11, 10))
    needed = needed_days(days, ["prop_model"])
    assert needed["prop_model"] == days
    # The models of the year before, which calibrate it, were trained on two seasons more.
    assert needed["ml_feature_store_v2"] == needed["player_daily_cache"] == span(date(2020, 12, 1), days.last)
    # The first partition is in the fifth season; strengths take the lines of two seasons, too.
    for name in ("player_game_summary", "player_boxscores", "game_lines", "injuries"):
        assert needed[name] == span(date(2019, 10, 22), days.last)
    assert needed["untrained_forecasts"] == span(date(2022, 10, 1), days.last)
    assert "player_prop_predictions" not in needed
    assert "prediction_accuracy" not in needed


def test_no_history_is_asked_for_before_the_first_partition():
    assert all(days in (ALL_DAYS, DAYS) for days in needed_days(DAYS, TABLES).values())


@given(st.sampled_from(sorted(TABLES)), st.dates(date(2019, 10, 22), date(2025, 6, 1)), st.integers(0, 200))
def test_what_is_needed_is_closed_under_look_back(name, first, length):
    needed = needed_days(DayRange(first, first + timedelta(days=length)), [name])
    for table, days in needed.items():
        for upstream, back in TABLES[table].reads.items():
            wanted = back.days_for(days)
            assert needed[upstream].first <= wanted.first
            assert needed[upstream].last >= wanted.last


def test_without_history_only_the_tables_and_days_asked_for_are_needed():
    assert needed_days(DAYS, ["prop_model", "games"], with_history=False) == {"games": DAYS, "prop_model": DAYS}


def test_with_nothing_built_everything_is_planned_once_and_after_what_it_reads():
    plan = plan_for({})
    done = built_by(plan)
    assert len(done) == len(set(done))
    assert set(done) == {(name, day) for name, days in needed_days(DAYS, TABLES).items() for day in days}
    assert_nothing_is_built_before_what_it_needs(plan, {})
    assert sum(plan.current.values()) == 0


def test_history_is_what_lies_before_the_days_asked_for():
    plan = plan_for({})
    assert plan.history["player_game_summary"] == PAST
    assert "prediction_accuracy" not in plan.history
    assert plan.days["prediction_accuracy"] == list(DAYS)


def test_tables_with_the_same_days_share_a_run():
    assert [step.days for step in plan_for({}, with_history=False).steps] == [DAYS]
    assert plan_for({}, with_history=False).steps[0].tables == tuple(TABLES)


def test_with_everything_current_there_is_nothing_to_do():
    plan = plan_for(all_built())
    assert plan.steps == ()
    assert (plan.days, plan.history) == ({}, {})
    assert plan.current["games"] == len(ALL_DAYS)


def test_a_hole_in_the_middle_is_built_alone():
    states = all_built()
    del states["prediction_accuracy", date(2019, 10, 25)]
    assert built_by(plan_for(states)) == [("prediction_accuracy", date(2019, 10, 25))]


def test_holes_become_ranges_of_days_and_no_day_between_them_is_built_again():
    states = all_built()
    for day in (24, 26):
        del states["prediction_accuracy", date(2019, 10, day)]
    steps = plan_for(states).steps
    assert [str(step.days) for step in steps] == ["2019-10-24", "2019-10-26"]


def test_a_change_of_a_line_makes_due_what_reads_that_day_and_what_reads_it_in_turn():
    states = all_built()
    day = date(2019, 10, 26)
    states["game_lines", day] = state("game_lines", day, built=100)
    assert set(built_by(plan_for(states))) == {
        (name, day)
        for name in (
            "upcoming_team_game_context",
            "upcoming_roster",
            "player_availability",
            "player_lineup_context",
            "ml_feature_store_v2",
            "untrained_forecasts",
            "player_prop_predictions",
            "prediction_accuracy",
        )
    }


def test_a_change_of_a_result_makes_later_days_due_by_look_back_and_no_earlier_ones():
    states = all_built()
    changed = date(2019, 10, 25)
    states["player_game_summary", changed] = state("player_game_summary", changed, built=100)
    due = plan_for(states).days
    assert due["player_shot_zone_analysis"] == due["player_daily_cache"] == [date(2019, 10, 26)]
    assert due["team_offense_game_summary"] == due["prediction_accuracy"][:1] == [changed]
    assert not {"games", "player_boxscores", "player_game_summary", "upcoming_team_game_context"} & set(due)
    assert all(changed <= day for days in due.values() for day in days)


def test_an_upstream_that_was_rebuilt_but_did_not_change_makes_nothing_due():
    states = all_built()
    for name in ("games", "player_game_summary", "ml_feature_store_v2"):
        for day in ALL_DAYS:
            before = states[name, day]
            states[name, day] = state(name, day, built=100, changed=before.changed)
    assert plan_for(states).steps == ()


def test_a_change_in_history_is_seen_though_only_later_days_are_asked_for():
    states = all_built()
    states["player_boxscores", PAST[0]] = state("player_boxscores", PAST[0], built=100)
    plan = plan_for(states)
    assert plan.history["player_game_summary"] == [PAST[0]]
    assert plan.days["player_daily_cache"] == list(ALL_DAYS)[1:]


def test_a_raw_day_built_before_its_results_were_out_is_due_again_with_what_rests_on_it():
    states = all_built()
    early = state("player_boxscores", DAYS.first, built=2)
    states["player_boxscores", DAYS.first] = dataclasses.replace(early, is_settled=False)
    due = built_by(plan_for(states))
    assert ("player_boxscores", DAYS.first) in due
    assert ("player_game_summary", DAYS.first) in due
    assert ("shots", DAYS.first) not in due
    assert all(day >= DAYS.first for _, day in due)


def test_a_forecast_built_before_the_results_were_out_is_not_due_for_that_alone():
    states = all_built()
    for name in ("ml_feature_store_v2", "player_prop_predictions"):
        states[name, DAYS.first] = dataclasses.replace(states[name, DAYS.first], is_settled=False)
    assert plan_for(states).steps == ()


def test_rebuild_builds_the_days_asked_for_again_and_leaves_history_alone():
    plan = plan_for(all_built(), rebuild=True)
    assert set(built_by(plan)) == {(name, day) for name in TABLES for day in DAYS}
    assert plan.history == {}


def test_rebuild_of_one_table_leaves_what_it_reads_alone():
    assert built_by(plan_for(all_built(), rebuild=True, tables=("games",))) == [("games", day) for day in DAYS]


def test_tables_asked_for_bring_their_upstreams_and_no_others():
    plan = plan_for({}, tables=("team_defense_zone_analysis",))
    assert set(plan.days) == {
        "games",
        "player_boxscores",
        "shots",
        "player_props",
        "player_game_summary",
        "team_offense_game_summary",
        "team_defense_game_summary",
        "team_defense_zone_analysis",
    }
    assert plan.days["team_defense_zone_analysis"] == list(DAYS)


def test_without_history_missing_history_is_left_missing():
    plan = plan_for({}, with_history=False)
    assert set(built_by(plan)) == {(name, day) for name in TABLES for day in DAYS}
    assert plan.history == {}


def test_states_of_other_days_do_not_matter():
    states = all_built()
    later = DAYS.last + timedelta(days=5)
    states["games", later] = state("games", later, built=100)
    assert plan_for(states).steps == ()


def test_the_order_of_states_does_not_matter():
    states = all_built()
    states["games", PAST[1]] = state("games", PAST[1], built=50)
    shuffled = dict(sorted(states.items(), key=lambda item: (item[0][1], item[0][0]), reverse=True))
    assert plan_for(shuffled) == plan_for(states)


def assert_nothing_is_built_before_what_it_needs(plan: Plan, states: dict[tuple[str, date], DayState]) -> None:
    """Every upstream day of a table's look-back is built before it: earlier, in the same run, or never planned."""
    planned = set(built_by(plan))
    there = {key for key in states if key not in planned}
    for step in plan.steps:
        for name in step.tables:
            for upstream, back in TABLES[name].reads.items():
                for day in back.days_for(step.days):
                    assert (upstream, day) in there, f"{name} {step.days} before {upstream} {day}"
            there.update((name, day) for day in step.days)


KEYS = [(name, day) for name in TABLES for day in ALL_DAYS]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.tuples(st.integers(1, 40), st.integers(0, 10)), max_size=80))
def test_whatever_is_built_already_no_step_comes_before_what_it_needs(versions):
    states = {key: state(*key, built=built, changed=max(built - ago, 1)) for key, (built, ago) in versions.items()}
    plan = plan_for(states)
    done = built_by(plan)
    assert len(done) == len(set(done))
    assert_nothing_is_built_before_what_it_needs(plan, states)
    needed = needed_days(DAYS, TABLES)
    assert {(name, day) for name in needed for day in needed[name]} <= set(done) | set(states)
    assert {name: plan.current[name] + len(plan.days.get(name, [])) for name in needed} == {
        name: len(days) for name, days in needed.items()
    }


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.integers(1, 40), max_size=80))
def test_after_a_plan_is_carried_out_there_is_nothing_left_to_do(versions):
    states = {key: state(*key, built=version) for key, version in versions.items()}
    writes = [(name, step.days) for step in plan_for(states).steps for name in step.tables]
    for version, (name, days) in enumerate(writes, 100):
        states |= {(name, day): state(name, day, built=version) for day in days}
    assert plan_for(states).steps == ()


@pytest.mark.parametrize("tables", [("games",), ("prop_model",), ("prediction_accuracy", "games")])
def test_what_is_asked_for_is_always_in_the_plan(tables):
    plan = plan_for({}, tables=tables)
    assert all(plan.days[name][-len(DAYS) :] == list(DAYS) for name in tables)


def test_what_is_due_for_certain_comes_first_and_what_rests_on_it_waits():
    states = all_built()
    day = date(2019, 10, 26)
    states["game_lines", day] = state("game_lines", day, built=100)
    plan = plan_for(states)
    assert [(step.tables, step.days) for step in plan.first] == [(("upcoming_team_game_context",), span(day, day))]
    assert str(plan.why["upcoming_team_game_context"][day]) == (
        "nba_raw.game_lines changed on 2019-10-26 (version 100)"
    )
    assert str(plan.why["upcoming_roster"][day]) == "if nba_analytics.upcoming_team_game_context changes on 2019-10-26"


def test_with_nothing_built_everything_is_due_for_certain():
    plan = plan_for({})
    assert plan.first == plan.steps
    assert {str(due) for why in plan.why.values() for due in why.values()} == {"never built"}


def test_what_was_never_built_waits_for_an_upstream_that_may_change():
    states = all_built()
    day = DAYS.last
    states["game_lines", day] = state("game_lines", day, built=100)
    del states["upcoming_roster", day]
    plan = plan_for(states)
    assert plan.why["upcoming_roster"][day].reason == "never built"
    # Its upstream is certain and comes before it; what comes after rests on one that may not change.
    assert plan.first[0].tables == ("upcoming_team_game_context", "upcoming_roster")
    del states["player_prop_predictions", day]
    assert "player_prop_predictions" not in {name for step in plan_for(states).first for name in step.tables}


def test_a_refetch_asks_for_everything_that_comes_from_a_source_on_the_days_asked_for():
    plan = plan_for(all_built(), refetch=True)
    sources = tuple(name for name, table in TABLES.items() if not table.reads)
    assert [(step.tables, step.days) for step in plan.first] == [(sources, DAYS)]
    assert {due.reason for name in sources for due in plan.why[name].values()} == {"asked for"}
    assert set(plan.days) == set(TABLES)


def test_what_was_fetched_for_the_request_already_is_not_fetched_again():
    states = all_built()
    states["games", DAYS.last] = dataclasses.replace(states["games", DAYS.last], is_settled=False)
    done = {(name, day) for name in TABLES for day in DAYS}
    assert plan_for(states, done, refetch=True, rebuild=True).steps == ()
    assert plan_for(states).why["games"][DAYS.last].reason == "fetched before the day's results were out"


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), st.integers(1, 40), max_size=80),
    st.sets(st.sampled_from(KEYS), max_size=20),
)
def test_planning_again_after_what_is_certain_comes_to_an_end_with_nothing_stale(versions, unchanged):
    states = {key: state(*key, built=version) for key, version in versions.items()}
    done: set[tuple[str, date]] = set()
    version = 100
    while steps := plan_for(states, done, refetch=True).first:
        for step in steps:
            for name in step.tables:
                version += 1
                for day in step.days:
                    assert (name, day) not in done
                    before = states.get((name, day))
                    is_same = before is not None and (name, day) in unchanged
                    states[name, day] = state(name, day, version, before.changed if is_same else version)
                    done.add((name, day))
    plan = plan_for(states, done)
    assert plan.steps == ()
