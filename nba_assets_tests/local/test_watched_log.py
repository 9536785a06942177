"""What is remembered of the SQLite log is what the log says now, whoever wrote it."""

from datetime import date

import dagster as dg
import pytest

from nba_assets.local.check_states import CheckStates
from nba_assets.local.home import open_instance
from nba_assets.partitions import DAILY
from nba_assets.settings import load_settings

GAMES = dg.AssetKey(["nba_raw", "games"])
OTHER = dg.AssetKey(["nba_raw", "shots"])
DAY, NEXT_DAY = date(2022, 1, 1).isoformat(), date(2022, 1, 2).isoformat()
ONE_DAY = dg.AssetRecordsFilter(asset_key=GAMES, asset_partitions=[DAY])


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_HOME", str(tmp_path / "home"))
    return load_settings()


@pytest.fixture
def instance(settings):
    with open_instance(settings) as opened:
        yield opened


def _materialize(instance, number, day=DAY, asset=GAMES):
    made = dg.AssetMaterialization(asset, partition=day, metadata={"number": number})
    instance.report_runless_asset_event(made)


def _numbers(instance, asked=ONE_DAY, **more):
    """Of the materializations that are found."""
    records = instance.fetch_materializations(asked, **{"limit": 1, **more}).records
    return [record.asset_materialization.metadata["number"].value for record in records]


def _no_reading(*_args, **_more):
    raise AssertionError("the log was read")


def test_the_latest_of_a_day_is_read_once_until_something_is_written(instance, monkeypatch):
    _materialize(instance, 1)
    assert _numbers(instance) == [1]
    with monkeypatch.context() as patched:
        patched.setattr(instance.event_log_storage, "_get_event_records", _no_reading)
        assert _numbers(instance) == [1]
        _materialize(instance, 2, NEXT_DAY)
        with pytest.raises(AssertionError, match="the log was read"):
            _numbers(instance)
    _materialize(instance, 3)
    assert _numbers(instance) == [3]


def test_what_another_process_writes_is_seen(instance, settings):
    _materialize(instance, 1)
    assert _numbers(instance) == [1]
    with open_instance(settings) as elsewhere:
        _materialize(elsewhere, 2)
        assert _numbers(instance) == [2]
        elsewhere.wipe_assets([GAMES])
    assert _numbers(instance) == []


def test_each_day_and_asset_has_its_own_answer(instance):
    for number, (day, asset) in enumerate([(DAY, GAMES), (NEXT_DAY, GAMES), (DAY, OTHER)]):
        _materialize(instance, number, day, asset)
    asked = [(GAMES, DAY), (GAMES, NEXT_DAY), (OTHER, DAY), (OTHER, NEXT_DAY)]
    found = [_numbers(instance, dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[day])) for asset, day in asked]
    assert found == [[0], [1], [2], []]


def test_whoever_asks_for_more_than_the_latest_of_a_day_asks_the_log(instance):
    _materialize(instance, 1)
    _materialize(instance, 2)
    assert _numbers(instance) == [2]
    assert _numbers(instance, limit=2) == [2, 1]
    assert _numbers(instance, ascending=True) == [1]
    assert _numbers(instance, cursor=instance.fetch_materializations(ONE_DAY, limit=1).cursor) == [1]
    _materialize(instance, 3, NEXT_DAY)
    both = dg.AssetRecordsFilter(asset_key=GAMES, asset_partitions=[DAY, NEXT_DAY])
    assert _numbers(instance, both) == [3]
    assert _numbers(instance, GAMES) == [3]
    assert _numbers(instance) == [2]
    none_later = dg.AssetRecordsFilter(asset_key=GAMES, asset_partitions=[DAY], after_timestamp=4e9)
    assert _numbers(instance, none_later) == []


def test_events_are_counted_once_until_something_is_written(instance, monkeypatch):
    checks = [(dg.AssetCheckKey(GAMES, "coverage"), DAILY)]
    _materialize(instance, 1)
    first = instance.event_log_storage.get_asset_check_state(checks)
    with monkeypatch.context() as patched:
        patched.setattr(CheckStates, "_events", _no_reading)
        assert instance.event_log_storage.get_asset_check_state(checks) == first
        _materialize(instance, 2)
        with pytest.raises(AssertionError, match="the log was read"):
            instance.event_log_storage.get_asset_check_state(checks)
