"""Which days owe a verdict: the rows that are there now, every check of the table, and what a check stopped."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pytest

from nba_assets.checks.unjudged import check_keys, unjudged
from nba_assets.days import DayRange
from nba_assets.definitions import build_definitions
from nba_assets.local.home import open_instance
from nba_assets.partitions import range_tags
from nba_assets.settings import load_settings
from nba_assets_tests.graph import make_platform, materialize

DAYS = DayRange(date(2019, 10, 22), date(2019, 10, 23))
BUILT = [("games", day) for day in DAYS]


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def platform(tmp_path):
    return make_platform(tmp_path)


def judge(platform, instance, days, *keys) -> None:
    job = build_definitions(platform).resolve_implicit_global_asset_job_def()
    assert (
        job.get_subset(asset_check_selection=set(keys))
        .execute_in_process(instance=instance, tags=range_tags(days))
        .success
    )


def test_rows_that_were_judged_as_they_were_written_owe_nothing(platform, instance):
    materialize(platform, DAYS, ["games"], instance, with_checks=True)
    assert unjudged(instance, BUILT) == set()


def test_rows_that_were_written_without_checks_owe_a_verdict_of_each_day(platform, instance):
    materialize(platform, DAYS, ["games"], instance)
    assert unjudged(instance, BUILT) == set(BUILT)


def test_a_verdict_on_the_rows_before_is_none_on_these(platform, instance):
    materialize(platform, DAYS, ["games"], instance, with_checks=True)
    materialize(platform, DayRange(DAYS.last, DAYS.last), ["games"], instance)
    assert unjudged(instance, BUILT) == {("games", DAYS.last)}


def test_one_check_that_did_not_come_to_its_turn_is_owed_as_well(platform, instance):
    materialize(platform, DAYS, ["games"], instance)
    first, *others = check_keys("games")
    judge(platform, instance, DAYS, *others)
    assert unjudged(instance, BUILT) == set(BUILT)
    judge(platform, instance, DayRange(DAYS.first, DAYS.first), first)
    assert unjudged(instance, BUILT) == {("games", DAYS.last)}


@pytest.mark.parametrize("where", ["the home", "PostgreSQL"])
def test_the_logs_of_the_platform_are_asked_the_same_way(platform, where, request, monkeypatch, tmp_path):
    if where == "PostgreSQL":
        monkeypatch.setenv("NBA_ASSETS_POSTGRES_URL", request.getfixturevalue("database"))
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    with open_instance(load_settings()) as instance:
        materialize(platform, DAYS, ["games"], instance)
        judge(platform, instance, DayRange(DAYS.first, DAYS.first), *check_keys("games"))
        assert unjudged(instance, BUILT) == {("games", DAYS.last)}


def test_nothing_is_asked_of_dagster_for_no_days():
    assert unjudged(None, []) == set()  # type: ignore[arg-type]
