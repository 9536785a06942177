"""Schedule, box scores and shots: what is asked for, what comes of it, and what is said of what is not whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nba_assets.days import DayRange
from nba_assets.sources.live import schedule, shots
from nba_assets.sources.live.desk import CORRECTED_FOR, FRESH_FOR, MOST_DAYS
from nba_assets.sources.live.source import LiveSource
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.sources.live import formats
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.server import Fault
from nba_assets_tests.sources.live.world import ATL, BOS, DAY, World, box, filled, game, shots_of, upcoming, week

ONE = DayRange(DAY, DAY)
NEXT = DAY + timedelta(days=1)


# Schedule


def test_a_final_game_has_its_points_and_tip_off(world, source):
    world.games = [game()]
    (row,) = source.fetch("games", ONE).to_pylist()
    assert row == {
        "game_date": DAY,
        "game_id": "0022300001",
        "season_year": 2023,
        "home_team_id": ATL,
        "away_team_id": BOS,
        "home_team_abbreviation": "ATL",
        "away_team_abbreviation": "BOS",
        "tipoff_utc": datetime(2024, 1, 16, 0, 30, tzinfo=UTC),
        "status": "final",
        "home_points": 101,
        "away_points": 99,
        "source": "nba_api",
    }


@pytest.mark.parametrize(
    ("state", "text", "status"),
    [
        (1, "7:30 pm ET", "scheduled"),
        (2, "Q3 5:12", "scheduled"),
        (1, "PPD", "postponed"),
        (1, "Postponed", "postponed"),
        (3, "Final", "final"),
        (3, "Final/OT", "final"),
    ],
)
def test_the_status_is_read_from_state_and_text(world, source, state, text, status):
    world.games = [game(state=state, text=text)]
    (row,) = source.fetch("games", ONE).to_pylist()
    assert row["status"] == status
    assert (row["home_points"] is None) == (status != "final")


def test_a_game_whose_time_is_not_set_has_no_tip_off(world, source):
    world.games = [upcoming(text="TBD")]
    assert source.fetch("games", ONE)["tipoff_utc"].to_pylist() == [None]


def test_other_competitions_and_games_without_teams_are_left_out(world, source):
    world.games = [game(number=1), *(game(game_id=f"{kind}2300009") for kind in ("001", "003", "004", "005", "006"))]
    world.games.append({**game(number=2), "team_id_home": 0, "team_abbreviation_home": ""})
    assert source.fetch("games", ONE)["game_id"].to_pylist() == ["0022300001"]


def test_a_postponed_game_moves_to_its_new_day(world, source, time):
    time.now = datetime(2024, 1, 15, 15, tzinfo=UTC)
    world.games = [game(state=1, text="PPD")]
    assert source.fetch("games", week())["status"].to_pylist() == ["postponed"]
    world.games.append(upcoming(NEXT))
    time.now += FRESH_FOR
    rows = source.fetch("games", week()).to_pylist()
    assert [(row["game_date"], row["status"]) for row in rows] == [(NEXT, "scheduled")]


def test_a_day_without_games_has_no_rows_and_asks_for_no_results(source, feeds):
    for table in ("games", "player_boxscores", "shots", "game_lines", "player_props"):
        rows = source.fetch(table, ONE)
        assert rows.num_rows == 0
        assert tuple(rows.column_names) == TABLES[table].column_names
    assert set(feeds.paths()) == {"/stats/scheduleleaguev2"}


@pytest.mark.parametrize("new_day", [NEXT, DAY - timedelta(days=1)])
def test_a_postponed_game_that_is_listed_with_its_new_day_is_of_that_day(world, source, time, new_day):
    time.now = datetime(2024, 1, 14, 15, tzinfo=UTC)
    world.games = [game(state=1, text="PPD"), upcoming(new_day)]
    rows = source.fetch("games", DayRange(DAY - timedelta(days=1), NEXT)).to_pylist()
    assert [(row["game_date"], row["status"]) for row in rows] == [(new_day, "scheduled")]


def test_a_schedule_of_another_shape_is_an_error_that_names_the_field():
    with pytest.raises(SourceError, match="leagueSchedule"):
        schedule.parse({"resultSets": []})


# Box scores


def test_a_day_not_yet_played_has_games_and_nothing_else_is_asked(world, source, feeds):
    world.games = [upcoming()]
    assert source.fetch("games", ONE)["status"].to_pylist() == ["scheduled"]
    assert source.fetch("player_boxscores", ONE).num_rows == 0
    assert source.fetch("shots", ONE).num_rows == 0
    assert not feeds.paths("playergamelogs") + feeds.paths("shotchart")


def test_a_box_score_knows_its_opponent_and_who_is_at_home(world, source):
    one = game()
    world.games = [one]
    world.boxes = [box(one, 1, "Nikola Jokić", is_home=True), box(one, 2, "B", is_home=False)]
    rows = {row["player_id"]: row for row in source.fetch("player_boxscores", ONE).to_pylist()}
    assert [(rows[n]["team_id"], rows[n]["opponent_team_id"], rows[n]["is_home"]) for n in (1, 2)] == [
        (ATL, BOS, True),
        (BOS, ATL, False),
    ]
    assert (rows[1]["player_lookup"], rows[1]["minutes"], rows[1]["season_year"]) == ("nikolajokic", 30.5, 2023)


def test_who_is_at_home_is_read_from_the_schedule(world, source, feeds):
    """On a neutral court both teams' match-ups have been written as away."""
    one = game()
    world.games, world.boxes = [one], [box(one, 1, is_home=True), box(one, 2, is_home=False)]
    world.boxes[0]["is_home"] = False
    assert sorted(source.fetch("player_boxscores", ONE)["is_home"].to_pylist()) == [False, True]


def test_a_box_score_of_a_game_that_is_not_scheduled_is_set_aside(world, source, tmp_path):
    filled(world, ONE)
    world.boxes.append({**box(world.games[0], 2), "game_id": "0022399999"})
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        report = session.ingest(TABLES["player_boxscores"], ONE, source.fetch("player_boxscores", ONE))
    assert report.rows == {DAY: 1}
    assert list(report.reasons) == ["no usable value in opponent_team_id; no usable value in is_home"]


def test_a_game_without_a_time_does_not_hold_up_the_schedule():
    one = formats.schedule(World(games=[upcoming()]), "2023-24")
    one["leagueSchedule"]["gameDates"][0]["games"][0]["gameDateTimeUTC"] = ""
    assert [row["tipoff_utc"] for row in schedule.parse(one)] == [None]


def test_rows_fit_the_contract(world, source, tmp_path):
    filled(world, week())
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        for table in ("games", "player_boxscores", "shots"):
            report = session.ingest(TABLES[table], week(), source.fetch(table, week()), strict=True)
            assert sum(report.rows.values()) == (6 if table == "shots" else 3)


def test_changed_columns_are_an_error_that_names_endpoint_column_and_days(world, source, feeds):
    filled(world, ONE)
    source.fetch("games", ONE)
    feeds.faults = [Fault(without="PLUS_MINUS")]
    with pytest.raises(SourceError) as error:
        source.fetch("player_boxscores", ONE)
    for word in ("stats.nba.com/playergamelogs", "2024-01-15", "no column PLUS_MINUS", "NEW_PLUS_MINUS", "kept as"):
        assert word in str(error.value)


def test_an_answer_of_another_shape_is_kept_and_asked_for_again(world, source, feeds, landing):
    filled(world, ONE)
    source.fetch("games", ONE)
    feeds.faults = [Fault(without="PTS")]
    with pytest.raises(SourceError, match="no column PTS"):
        source.fetch("player_boxscores", ONE)
    assert source.fetch("player_boxscores", ONE).num_rows == 1
    assert len(landing.entries("stats.nba.com/playergamelogs")) == 2


def test_values_of_several_kinds_are_an_error_that_names_the_column(world, source):
    filled(world, week(2))
    world.boxes[0]["fga"] = "many"
    with pytest.raises(SourceError, match="column fga has values of several kinds"):
        source.fetch("player_boxscores", week(2))


# What is asked for again


def test_settled_days_are_asked_for_once(world, source, feeds, time):
    filled(world, week())
    source.fetch("player_boxscores", week())
    time.now += timedelta(days=30)
    source.fetch("player_boxscores", week())
    assert len(feeds.paths()) == 2


def test_a_second_run_goes_on_from_what_has_landed(world, source, feeds):
    filled(world, week(6))
    source.fetch("player_boxscores", week(3))
    rows = source.fetch("player_boxscores", week(6))
    assert rows.num_rows == 6
    asked = [params for path, params in feeds.asked if "gamelogs" in path]
    assert [(a["DateFrom"], a["DateTo"]) for a in asked] == [("01/15/2024", "01/17/2024"), ("01/18/2024", "01/20/2024")]


def test_corrections_are_seen_for_three_days(world, source, feeds, time):
    time.now = datetime(2024, 1, 16, 14, tzinfo=UTC)
    filled(world, ONE)
    source.fetch("player_boxscores", ONE)
    world.boxes[0]["ast"] = 5
    source.fetch("player_boxscores", ONE)
    assert len(feeds.paths("gamelogs")) == 1
    time.now += timedelta(days=1)
    assert source.fetch("player_boxscores", ONE)["assists"].to_pylist() == [5]
    time.now += CORRECTED_FOR
    source.fetch("player_boxscores", ONE)
    time.now += timedelta(days=1)
    source.fetch("player_boxscores", ONE)
    assert len(feeds.paths("gamelogs")) == 3


def test_settled_days_can_be_fetched_again(world, feeds, landing, client, source, time):
    filled(world, ONE)
    source.fetch("player_boxscores", ONE)
    world.boxes[0]["ast"] = 5
    time.now += timedelta(days=1)
    assert source.fetch("player_boxscores", ONE)["assists"].to_pylist() == [0]
    again = LiveSource(landing, client, services_at(feeds, None), time.clock, since=time.now)
    assert again.fetch("player_boxscores", ONE)["assists"].to_pylist() == [5]
    again.fetch("player_boxscores", ONE)
    assert len(feeds.paths("gamelogs")) == 2


def test_todays_games_become_results(world, source, time):
    time.now = datetime(2024, 1, 15, 15, tzinfo=UTC)
    world.games = [upcoming()]
    source.fetch("games", ONE)
    filled(world, ONE)
    del world.games[0]
    time.now = datetime(2024, 1, 16, 13, tzinfo=UTC)
    assert source.fetch("games", ONE)["status"].to_pylist() == ["final"]
    assert source.fetch("player_boxscores", ONE).num_rows == 1


def test_ranges_are_of_one_season_and_a_month_at_most(world, source, feeds, time):
    time.now = datetime(2024, 12, 31, tzinfo=UTC)
    days = [date(2024, 4, 14), *DayRange(date(2024, 10, 22), date(2024, 12, 1))]
    filled(world, days)
    for number, one in enumerate(world.games):
        one["game_id"] = f"00224{number:05d}" if one["game_date"].month > 9 else one["game_id"]
    source.fetch("player_boxscores", DayRange(days[0], days[-1]))
    asked = [params for path, params in feeds.asked if "gamelogs" in path]
    assert [(a["Season"], a["DateFrom"], a["DateTo"]) for a in asked] == [
        ("2023-24", "04/14/2024", "04/14/2024"),
        ("2024-25", "10/22/2024", f"{date(2024, 10, 22) + timedelta(days=MOST_DAYS - 1):%m/%d/%Y}"),
        ("2024-25", f"{date(2024, 10, 22) + timedelta(days=MOST_DAYS):%m/%d/%Y}", "12/01/2024"),
    ]


# Shots


def test_a_cut_answer_is_split_until_it_is_whole(world, source, feeds, landing, monkeypatch):
    filled(world, week(8))
    world.row_limit = 5
    monkeypatch.setattr(shots, "ROW_LIMIT", 5)
    assert source.fetch("shots", week(8)).num_rows == 16
    spans = sorted(str(entry.covers) for entry in landing.entries("stats.nba.com/shotchartdetail"))
    assert spans == [
        "2024-01-15..2024-01-16",
        "2024-01-17..2024-01-18",
        "2024-01-19..2024-01-20",
        "2024-01-21..2024-01-22",
    ]
    assert len(feeds.paths("shotchart")) == 1 + 2 + 4


def test_a_cut_that_nobody_knows_of_is_found_by_the_box_scores(world, source, feeds, caplog):
    """Whatever the limit is by then: games that do not add up are asked for alone."""
    filled(world, week(8))
    world.row_limit = 5
    assert source.fetch("shots", week(8)).num_rows == 16
    asked = [params["GameID"] for path, params in feeds.asked if "shotchart" in path]
    assert asked == ["", *(f"00223{number:05d}" for number in range(3, 9))]
    assert caplog.text == ""


def test_a_day_that_is_cut_is_an_error(world, source, monkeypatch):
    filled(world, ONE)
    monkeypatch.setattr(shots, "ROW_LIMIT", 2)
    with pytest.raises(SourceError, match=r"shotchartdetail, days 2024-01-15: the service cut the answer"):
        source.fetch("shots", ONE)


def test_a_game_that_lacks_shots_is_left_out_and_said(world, source, caplog):
    filled(world, week(2))
    world.shots.pop()
    rows = source.fetch("shots", week(2))
    assert set(rows["game_id"].to_pylist()) == {"0022300001"}
    assert "Shots of game 0022300002, 2024-01-16, do not add up: 1 shots, 2 attempts" in caplog.text
    assert "left out" in caplog.text


def test_a_game_without_any_shots_is_left_out_and_said(world, source, caplog):
    filled(world, ONE)
    world.shots.clear()
    assert source.fetch("shots", ONE).num_rows == 0
    assert "0 shots, 2 attempts" in caplog.text


def test_a_shot_that_went_to_another_player_is_delivered_and_said(world, source, caplog):
    filled(world, ONE)
    world.boxes.append(box(world.games[0], 2, "Another", attempts=3))
    world.shots += shots_of(world.boxes[-1])
    world.boxes[0]["fga"], world.boxes[1]["fga"] = 3, 2
    assert source.fetch("shots", ONE).num_rows == 5
    assert "5 shots, 5 attempts in the box score, 2 players differ. They are delivered" in caplog.text


def test_shots_that_come_late_are_there_next_time(world, source, time):
    time.now = datetime(2024, 1, 16, 14, tzinfo=UTC)
    filled(world, ONE)
    late, world.shots = world.shots, []
    assert source.fetch("shots", ONE).num_rows == 0
    world.shots = late
    time.now += timedelta(hours=3)
    assert source.fetch("shots", ONE).num_rows == 2
