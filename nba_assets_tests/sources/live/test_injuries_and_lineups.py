"""Injury lists, one capture after the other, and who is active tonight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nba_assets.days import DayRange
from nba_assets.sources.live import lineups
from nba_assets.sources.live.desk import Desk
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.server import Fault
from nba_assets_tests.sources.live.world import ATL, BOS, DAY, FULL_NAME, upcoming

ONE = DayRange(DAY, DAY)
NEXT = DayRange(DAY + timedelta(days=1), DAY + timedelta(days=1))
MORNING = datetime(2024, 1, 15, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def slate(world, time):
    time.now = MORNING
    world.games = [upcoming()]
    world.players = [(ATL, 1, "Trae Young"), (ATL, 2, "Clint Capela"), (BOS, 3, "Kristaps Porziņģis")]
    listed(world, ("Trae Young", "Out"), ("Clint Capela", "Day-To-Day"))


def listed(world, *players, team=ATL):
    world.injuries[FULL_NAME[team]] = [{"name": name, "status": status} for name, status in players]


def statuses(rows):
    return {row["player_name"]: row["status"] for row in rows.to_pylist()}


# Injuries


def test_who_is_out_is_out_and_of_the_others_nobody_knows(source):
    rows = {row["player_name"]: row for row in source.fetch("injuries", ONE).to_pylist()}
    assert rows["Trae Young"] == {
        "game_date": DAY,
        "season_year": 2023,
        "player_id": 1,
        "player_name": "Trae Young",
        "player_lookup": "traeyoung",
        "team_id": ATL,
        "status": "out",
        "reason": "Out: Left Ankle Sprain",
        "source": "nba_api",
    }
    assert rows["Clint Capela"]["status"] == "available"
    assert rows["Clint Capela"]["reason"] == "Day-To-Day: Left Ankle Sprain"


def test_names_are_matched_within_their_team(world, source, tmp_path):
    listed(world, ("Kristaps Porzingis", "Out"), ("Trae Young", "Out"), team=BOS)
    world.injuries.pop(FULL_NAME[ATL])
    rows = source.fetch("injuries", ONE)
    assert {r["player_name"]: r["player_id"] for r in rows.to_pylist()} == {"Kristaps Porzingis": 3, "Trae Young": None}
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        report = session.ingest(TABLES["injuries"], ONE, rows)
    assert report.reasons == {"no usable value in player_id": 1}


def test_who_was_out_and_is_no_longer_listed_is_available(world, source, time):
    source.fetch("injuries", ONE)
    listed(world)
    time.now += timedelta(days=1)
    rows = source.fetch("injuries", NEXT)
    assert statuses(rows) == {"Trae Young": "available"}
    assert rows["reason"].to_pylist() == ["no longer listed"]


def test_who_is_still_out_stays_out_and_who_was_not_is_nothing_new(world, source, time):
    source.fetch("injuries", ONE)
    listed(world, ("Trae Young", "Out"))
    time.now += timedelta(days=1)
    assert statuses(source.fetch("injuries", NEXT)) == {"Trae Young": "out"}


def test_a_list_from_after_the_tip_off_says_nothing_of_the_day(world, source, replay, time):
    source.fetch("injuries", ONE)
    listed(world, ("Trae Young", "Out"), ("Clint Capela", "Out"))  # hurt in the game
    time.now = world.games[0]["tipoff_utc"] + timedelta(hours=1)
    assert statuses(source.fetch("injuries", ONE)) == {"Trae Young": "out", "Clint Capela": "available"}
    time.now += timedelta(days=2)
    assert statuses(replay().fetch("injuries", ONE)) == {"Trae Young": "out", "Clint Capela": "available"}


def test_a_day_of_which_nothing_landed_has_no_reports_and_is_not_asked_for(source, feeds):
    past = DayRange(date(2024, 1, 2), date(2024, 1, 3))
    assert source.fetch("injuries", past).num_rows == 0
    assert not feeds.paths("injuries")


def test_reports_are_built_again_with_nobody_to_ask(source, replay, time):
    fetched = source.fetch("injuries", ONE)
    time.now += timedelta(days=30)
    assert replay().fetch("injuries", ONE) == fetched


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"items": []}, "lacks 'injuries'"),
        (
            {"injuries": [{"displayName": "Seattle SuperSonics", "injuries": []}]},
            "'Seattle SuperSonics' that is not known",
        ),
        ({"injuries": [{"displayName": "Atlanta Hawks", "injuries": [{"status": "Out"}]}]}, "lacks 'athlete'"),
    ],
)
def test_a_list_of_another_shape_is_an_error_that_names_endpoint_and_days(source, feeds, document, message):
    source.fetch("injuries", DayRange(date(2024, 1, 2), date(2024, 1, 2)))  # schedule and players land
    feeds.faults = [Fault(replaced=document)]
    with pytest.raises(SourceError) as error:
        source.fetch("injuries", ONE)
    assert "site.api.espn.com/injuries, days 2024-01-15" in str(error.value)
    assert message in str(error.value)


# Line-ups


def player(person_id, name, position="", roster="Active", lineup="Confirmed"):
    return {
        "personId": person_id,
        "teamId": ATL,
        "firstName": name.split()[0],
        "lastName": name.split()[-1],
        "playerName": name,
        "lineupStatus": lineup,
        "position": position,
        "rosterStatus": roster,
        "timestamp": "2024-01-15T18:34:00",
    }


def feed(*home, away=()):
    return {
        "gameId": "0022300001",
        "gameStatus": 1,
        "gameStatusText": "7:30 pm ET",
        "homeTeam": {"teamId": ATL, "teamAbbreviation": "ATL", "players": list(home)},
        "awayTeam": {"teamId": BOS, "teamAbbreviation": "BOS", "players": list(away)},
    }


def test_active_players_are_rows_with_their_team_and_starters_are_marked():
    content = feed(player(1, "Vít Krejčí"), player(2, "Trae Young", "PG"), away=[player(3, "Jayson Tatum", "SF")])
    assert lineups.parse({"games": [content]}) == [
        {
            "game_id": "0022300001",
            "team_id": ATL,
            "player_id": 1,
            "player_name": "Vít Krejčí",
            "player_lookup": "vitkrejci",
            "is_starter": False,
        },
        {
            "game_id": "0022300001",
            "team_id": ATL,
            "player_id": 2,
            "player_name": "Trae Young",
            "player_lookup": "traeyoung",
            "is_starter": True,
        },
        {
            "game_id": "0022300001",
            "team_id": BOS,
            "player_id": 3,
            "player_name": "Jayson Tatum",
            "player_lookup": "jaysontatum",
            "is_starter": True,
        },
    ]


def test_inactive_players_are_left_out():
    content = feed(player(1, "Clint Capela", roster="Inactive"), player(2, "Trae Young", "PG"))
    assert [row["player_id"] for row in lineups.parse({"games": [content]})] == [2]


def test_a_team_whose_line_up_is_only_expected_has_no_active_list_yet():
    expected = [player(2, "Trae Young", "PG", lineup="Expected"), player(4, "Dejounte Murray", lineup="")]
    content = feed(*expected, away=[player(3, "Jayson Tatum", "SF"), player(5, "Al Horford", lineup="")])
    assert [row["player_id"] for row in lineups.parse({"games": [content]})] == [3, 5]


def test_a_feed_of_another_shape_is_an_error_that_names_the_field():
    with pytest.raises(SourceError, match="lack 'lineupStatus'"):
        lineups.parse({"games": [feed({"personId": 1})]})


def test_line_ups_are_fetched_by_day_and_kept(world, feeds, landing, client, time):
    world.lineups = {DAY: [feed(player(2, "Trae Young", "PG"))]}
    service = services_at(feeds, None).stats
    rows = lineups.active_players(Desk(landing, client, time.clock), service, ONE)
    assert [(row["game_date"], row["season_year"], row["player_id"]) for row in rows] == [(DAY, 2023, 2)]
    assert lineups.active_players(Desk(landing, None, time.clock), service, ONE) == rows
    assert feeds.paths() == ["/js/data/leaders/00_daily_lineups_20240115.json"]


def test_line_ups_that_are_not_out_yet_are_no_rows_and_asked_for_again(world, feeds, landing, client, time):
    service = services_at(feeds, None).stats
    assert lineups.active_players(Desk(landing, client, time.clock), service, ONE) == []
    world.lineups = {DAY: [feed(player(2, "Trae Young", "PG"))]}
    time.now += timedelta(hours=1)
    assert len(lineups.active_players(Desk(landing, client, time.clock), service, ONE)) == 1
