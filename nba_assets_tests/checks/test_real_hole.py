"""Season 2021-22 as it really is in the archive: its shots stop on 5 January 2022, and the checks find exactly that."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pandas as pd
import pytest

from nba_assets.assets.factory import asset_key
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.settings import load_settings
from nba_assets.sources.archive import ArchiveSource
from nba_assets.tables import TABLES
from nba_assets_tests.graph import make_platform, materialize

pytestmark = pytest.mark.archive

SEASON = DayRange(date(2021, 10, 1), date(2022, 4, 30))
BUILT = ("games", "player_boxscores", "shots", "player_props", "player_game_summary")


@pytest.fixture(scope="module")
def season(archive_folder, tmp_path_factory):
    """The run over the season, what its checks said, and the platform."""
    folder = tmp_path_factory.mktemp("season")
    platform, settings = (
        make_platform(folder, ArchiveSource(archive_folder)),
        load_settings({"NBA_ASSETS_HOME": str(folder)}),
    )
    with open_instance(settings) as instance:
        result = materialize(platform, SEASON, BUILT, instance, with_checks=True)
        wanted = dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        records = instance.get_event_records(wanted, limit=100_000)
        said = [record.event_log_entry.asset_check_evaluation for record in records]
    return result, said, platform


@pytest.fixture(scope="module")
def shotless(archive_folder) -> pd.DataFrame:
    """Games of the season without any shot, counted from the files themselves."""
    games = pd.read_parquet(archive_folder / "games_2021-22.parquet", columns=["game_id", "game_date"])
    shots = pd.read_parquet(archive_folder / "shots_2021-22.parquet", columns=["game_id"])
    lacking = games[~games["game_id"].isin(shots["game_id"])]
    return lacking.assign(game_date=pd.to_datetime(lacking["game_date"]).dt.date)


def failed_days(said, table: str, check: str) -> set[date]:
    key = asset_key(TABLES[table])
    return {
        date.fromisoformat(e.partition) for e in said if e.asset_key == key and e.check_name == check and not e.passed
    }


def test_the_whole_season_is_built_in_one_run(season):
    result, _, platform = season
    assert result.success
    with platform.warehouse.session(read_only=True) as session:
        rows = session.frame(session.read(TABLES["player_game_summary"], SEASON).count().name("n").as_table())
    assert rows["n"][0].as_py() == 26_039


@pytest.mark.parametrize("check", ["coverage", "row_count"])
def test_shots_fall_short_on_the_days_of_games_without_shots_and_on_no_other(season, shotless, check):
    assert failed_days(season[1], "shots", check) == set(shotless["game_date"])
    assert min(shotless["game_date"]) == date(2022, 1, 6)


def test_each_short_day_says_how_many_games_are_missing_and_why(season, shotless):
    expected = shotless.groupby("game_date").size().to_dict()
    key = asset_key(TABLES["shots"])
    found = {
        date.fromisoformat(e.partition): e.metadata
        for e in season[1]
        if e.asset_key == key and e.check_name == "coverage" and not e.passed
    }
    assert {day: metadata["missing"].value for day, metadata in found.items()} == expected
    reasons = {record.data["reason"] for m in found.values() for record in m["details"].records}
    assert reasons == {"the source delivered nothing"}


def test_what_rests_on_the_shots_says_so_on_the_same_days_as_a_warning(season, shotless):
    assert failed_days(season[1], "player_game_summary", "inputs") == set(shotless["game_date"])
    key = asset_key(TABLES["player_game_summary"])
    severities = {e.severity for e in season[1] if e.asset_key == key and not e.passed}
    assert severities == {dg.AssetCheckSeverity.WARN}


def test_zones_without_shots_are_unknown_and_not_zero(season, shotless):
    with season[2].warehouse.session(read_only=True) as session:
        rows = session.frame(session.read(TABLES["player_game_summary"], SEASON)).to_pandas()
    without = rows[rows["game_id"].isin(shotless["game_id"]) & (rows["field_goals_attempted"] > 0)]
    assert len(without) > 10_000
    assert without["paint_attempts"].isna().all()
    assert without["mid_range_makes"].isna().all()


def test_every_day_of_every_check_has_exactly_one_verdict(season):
    per_day = pd.Series([(str(e.asset_key), e.check_name, e.partition) for e in season[1]]).value_counts()
    assert set(per_day) == {1}
    assert {key[2] for key in per_day.index} == {str(SEASON.first + timedelta(days=n)) for n in range(len(SEASON))}
