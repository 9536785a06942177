"""Game lines and player props: the last snapshot before tip-off, live, from history and from what has landed."""

from __future__ import annotations

import gzip
import logging
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from nba_assets.days import DayRange
from nba_assets.sources.live.source import LiveSource
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets_tests.graph import make_platform, materialize
from nba_assets_tests.sources.live import formats
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.formats import event_id
from nba_assets_tests.sources.live.server import Fault
from nba_assets_tests.sources.live.world import ATL, BOS, CLE, DAY, NOP, game, upcoming

ONE = DayRange(DAY, DAY)
TIPOFF = datetime(2024, 1, 16, 0, 30, tzinfo=UTC)


def line(of, **given):
    return {"game_id": of["game_id"], "close_spread_home": -4.5, "close_total": 221.5, **given}


def prop(of, player="A Player", market="player_points", side="Over", **given):
    quoted = {"bookmaker": "DraftKings", "line": 20.5, "price": -115}
    return {"game_id": of["game_id"], "player": player, "market": market, "side": side, **quoted, **given}


def priced(feeds):
    """The requests for odds, without the key: (path, date asked for)."""
    return [(path.removeprefix("/v4/"), params.get("date")) for path, params in feeds.asked if path.startswith("/v4/")]


@pytest.fixture
def played(world):
    one = game()
    world.games, world.lines = [one], [line(one, bookmaker="FanDuel", ml_home=-190, ml_away=160)]
    world.props = [prop(one), prop(one, side="Under", price=-105)]
    world.players = [(ATL, 7, "A Player")]
    return one


@pytest.fixture
def tonight(world, played, time):
    """Four hours before tip-off."""
    time.now = TIPOFF - timedelta(hours=4)
    world.games[0].update(upcoming())
    return world.games[0]


def test_a_past_game_has_the_lines_of_the_second_before_tip_off(played, source, feeds):
    (row,) = source.fetch("game_lines", ONE).to_pylist()
    assert row == {
        "game_date": DAY,
        "game_id": "0022300001",
        "season_year": 2023,
        "bookmaker": "FanDuel",
        "home_spread": -4.5,
        "total": 221.5,
        "opening_home_spread": None,
        "opening_total": None,
        "home_moneyline": -190,
        "away_moneyline": 160,
        "snapshot_utc": TIPOFF - timedelta(minutes=5),
        "source": "nba_api",
    }
    assert priced(feeds) == [("historical/sports/basketball_nba/odds", "2024-01-16T00:29:59Z")]


def test_a_bookmaker_that_quotes_no_market_has_no_values_of_it(world, played, source):
    world.lines = [line(played, close_total=None)]
    (row,) = source.fetch("game_lines", ONE).to_pylist()
    assert (row["total"], row["home_moneyline"], row["home_spread"]) == (None, None, -4.5)


def test_games_of_the_same_tip_off_share_a_snapshot(world, played, source, feeds):
    world.games.append(game(number=2, home=CLE, away=NOP))
    world.lines.append(line(world.games[1]))
    assert source.fetch("game_lines", ONE).num_rows == 2
    assert len(priced(feeds)) == 1


def test_history_is_paid_for_once(played, source, feeds, time):
    source.fetch("player_props", ONE)
    time.now += timedelta(days=40)
    source.fetch("player_props", ONE)
    source.fetch("game_lines", ONE)
    assert [path for path, _ in priced(feeds)] == [
        "historical/sports/basketball_nba/odds",
        f"historical/sports/basketball_nba/events/{event_id(played)}/odds",
    ]


def test_history_is_not_paid_for_again_when_results_are_fetched_again(played, feeds, landing, client, source, time):
    source.fetch("game_lines", ONE)
    time.now += timedelta(days=1)
    again = LiveSource(landing, client, services_at(feeds, feeds.world.key), time.clock, since=time.now)
    assert again.fetch("game_lines", ONE).num_rows == 1
    assert len(priced(feeds)) == 1


def test_a_game_to_come_has_the_lines_of_now(tonight, source, feeds, time):
    (row,) = source.fetch("game_lines", ONE).to_pylist()
    assert row["snapshot_utc"] == time.now
    assert priced(feeds) == [("sports/basketball_nba/odds", None)]
    bounds = feeds.asked[-1][1]
    assert (bounds["commenceTimeFrom"], bounds["commenceTimeTo"]) == ("2024-01-15T05:00:00Z", "2024-01-16T05:00:00Z")


def test_lines_move_until_tip_off(world, tonight, source, time):
    source.fetch("game_lines", ONE)
    world.lines[0]["close_total"] = 219.0
    time.now += timedelta(hours=1)
    assert source.fetch("game_lines", ONE)["total"].to_pylist() == [219.0]


def test_a_snapshot_landed_within_the_hour_before_tip_off_is_the_last(world, tonight, source, feeds, time):
    time.now = TIPOFF - timedelta(minutes=40)
    source.fetch("player_props", ONE)
    world.games[0].update(game())
    world.lines[0]["close_total"] = 1.0  # in play
    time.now = TIPOFF + timedelta(days=1)
    (row,) = source.fetch("game_lines", ONE).to_pylist()
    assert (row["total"], row["snapshot_utc"]) == (221.5, TIPOFF - timedelta(minutes=40))
    assert source.fetch("player_props", ONE).num_rows == 2
    assert not [path for path, _ in priced(feeds) if path.startswith("historical")]


def test_an_older_snapshot_is_no_closing_line_as_long_as_history_can_be_asked(tonight, world, source, feeds, time):
    source.fetch("game_lines", ONE)
    world.games[0].update(game())
    time.now = TIPOFF + timedelta(days=1)
    assert source.fetch("game_lines", ONE)["snapshot_utc"].to_pylist() == [TIPOFF - timedelta(minutes=5)]


@pytest.mark.parametrize(("stamp", "count"), [("2024-01-16T00:29:59Z", 1), ("2024-01-16T00:30:00Z", 0)])
def test_a_snapshot_stamped_at_tip_off_is_not_used(played, source, feeds, stamp, count):
    source.fetch("games", ONE)
    event = formats.lines_event(played, feeds.world.lines, TIPOFF)
    feeds.faults = [Fault(replaced={"timestamp": stamp, "data": [event]})]
    assert source.fetch("game_lines", ONE).num_rows == count


def test_postponed_games_and_games_without_a_time_have_no_lines(world, played, source, feeds):
    world.games = [game(state=1, text="PPD"), upcoming(number=2, home=CLE, away=NOP, text="TBD")]
    assert source.fetch("game_lines", ONE).num_rows == 0
    assert priced(feeds) == []


def test_history_before_the_service_began_is_not_asked_for(world, played, source, feeds):
    old = date(2023, 5, 1)
    world.games = [game(old, game_id="0022200001")]
    assert source.fetch("player_props", DayRange(old, old)).num_rows == 0
    assert priced(feeds) == []


def test_events_of_other_teams_or_days_are_not_taken_for_the_game(world, played, source, feeds):
    source.fetch("games", ONE)
    others = [game(home=CLE, away=NOP), game(tipoff_utc=TIPOFF + timedelta(days=1)), game(home=BOS, away=ATL)]
    events = [formats.lines_event(one, world.lines, TIPOFF) for one in others]
    feeds.faults = [Fault(replaced={"timestamp": "2024-01-16T00:25:00Z", "data": events})]
    assert source.fetch("game_lines", ONE).num_rows == 0


def test_props_have_player_market_side_line_and_price(played, source):
    rows = sorted(source.fetch("player_props", ONE).to_pylist(), key=lambda row: row["side"])
    assert rows[0] == {
        "game_date": DAY,
        "game_id": "0022300001",
        "season_year": 2023,
        "player_id": 7,
        "player_name": "A Player",
        "player_lookup": "aplayer",
        "market": "points",
        "bookmaker": "DraftKings",
        "side": "over",
        "line": 20.5,
        "price_american": -115,
        "snapshot_utc": TIPOFF - timedelta(minutes=5),
        "tipoff_utc": TIPOFF,
        "source": "nba_api",
    }
    assert (rows[1]["side"], rows[1]["price_american"]) == ("under", -105)


@pytest.mark.parametrize("market", ["points", "rebounds", "assists", "threes"])
def test_every_market_is_asked_for_and_named_as_ours(world, played, source, market):
    world.props = [prop(played, market=f"player_{market}"), prop(played, market="player_blocks")]
    assert source.fetch("player_props", ONE)["market"].to_pylist() == [market]


def test_a_name_of_nobody_on_the_teams_is_kept_without_an_id_and_set_aside(world, played, source, tmp_path):
    world.props.append(prop(played, "Nobody Known"))
    world.players.append((CLE, 8, "Nobody Known"))
    rows = source.fetch("player_props", ONE)
    assert rows.num_rows == 3
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb").session() as session:
        report = session.ingest(TABLES["player_props"], ONE, rows)
    assert report.rows == {DAY: 2}
    assert report.reasons == {"no usable value in player_id": 1}


def test_without_a_key_nothing_is_asked_and_it_is_said(played, feeds, landing, client, time, caplog):
    source = LiveSource(landing, client, services_at(feeds, None), time.clock)
    assert source.fetch("game_lines", ONE).num_rows == 0
    assert source.fetch("player_props", ONE).num_rows == 0
    assert priced(feeds) == []
    assert "NBA_ASSETS_ODDS_API_KEY is not set" in caplog.text


def test_a_wrong_key_is_an_error_that_says_which_setting_and_not_which_key(played, feeds, landing, client, time):
    source = LiveSource(landing, client, services_at(feeds, "wr0ng"), time.clock)
    with pytest.raises(SourceError, match=r"odds, days 2024-01-15: HTTP 401 .*NBA_ASSETS_ODDS_API_KEY") as error:
        source.fetch("game_lines", ONE)
    assert "wr0ng" not in str(error.value)


def test_an_event_without_a_field_is_an_error_that_names_endpoint_and_days(played, source, feeds):
    source.fetch("games", ONE)
    feeds.faults = [Fault(replaced={"timestamp": "2024-01-16T00:25:00Z", "data": [{"id": "x"}]})]
    with pytest.raises(SourceError, match=r"historical-odds, days 2024-01-15: an event lacks 'commence_time'"):
        source.fetch("game_lines", ONE)


def test_what_was_fetched_is_built_again_with_nobody_to_ask(tonight, source, replay, time):
    fetched = {table: source.fetch(table, ONE) for table in ("game_lines", "player_props")}
    time.now = TIPOFF + timedelta(days=1)
    assert {table: replay().fetch(table, ONE) for table in fetched} == fetched


def test_captures_after_a_time_do_not_exist_as_of_it(world, tonight, source, replay, time):
    source.fetch("game_lines", ONE)
    world.lines[0]["close_total"] = 219.0
    time.now += timedelta(hours=2)
    source.fetch("game_lines", ONE)
    assert replay().fetch("game_lines", ONE)["total"].to_pylist() == [219.0]
    assert replay(TIPOFF - timedelta(hours=3)).fetch("game_lines", ONE)["total"].to_pylist() == [221.5]


def test_runs_of_the_asset_tell_nobody_the_key(world, played, source, feeds, tmp_path, capfd):
    source.fetch("games", ONE)
    (tmp_path / "dagster").mkdir()
    platform, said = make_platform(tmp_path, source), []
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        for fault in (Fault(401), Fault(replaced=[{}]), Fault()):
            feeds.faults = [fault]
            result = materialize(platform, ONE, ["game_lines"], instance, raise_on_error=False)
            assert result.success == (fault == Fault())
            said.append("".join(repr(entry) for entry in instance.all_logs(result.run_id)))
    assert "api.the-odds-api.com/v4/historical" in said[0]
    assert "lacks 'commence_time'" in said[1]
    kept = b"".join(file.read_bytes() for file in (tmp_path / "dagster").rglob("*") if file.is_file())
    assert b"lacks 'commence_time'" in kept
    assert world.key not in "".join((*said, *capfd.readouterr()))
    assert world.key.encode() not in kept


def test_the_key_is_in_no_capture_log_or_row(world, played, source, feeds, tmp_path, landing, caplog):
    caplog.set_level(logging.DEBUG)
    rows = [source.fetch(table, ONE).to_pylist() for table in ("game_lines", "player_props")]
    assert all(params["apiKey"] == world.key for path, params in feeds.asked if path.startswith("/v4/"))
    kept = b"".join(gzip.decompress(file.read_bytes()) for file in (tmp_path / "landing").rglob("*.gz"))
    assert b"historical/sports/basketball_nba/odds" in kept
    for text in (kept.decode(), caplog.text, repr(rows), *map(str, tmp_path.rglob("*"))):
        assert world.key not in text
