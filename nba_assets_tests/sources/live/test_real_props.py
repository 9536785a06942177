"""Real names as bookmakers wrote them in October 2024, against NBA.com's names of the season before.

The file states a player_id for most rows, matched by whoever made it; rookies are in no box score before it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import duckdb
import pytest

from nba_assets.days import DayRange
from nba_assets.sources.landing.stores import FolderStore
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live.client import Client, Clock
from nba_assets.sources.live.source import LiveSource
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.formats import TEAM_ID
from nba_assets_tests.sources.live.server import serving
from nba_assets_tests.sources.live.world import World, game

pytestmark = pytest.mark.archive

LATER = Clock(now=lambda: datetime(2025, 1, 25, tzinfo=UTC), sleep=lambda _: None)


@pytest.fixture(scope="module")
def sample(archive_folder):
    with duckdb.connect() as connection:
        file = f"read_parquet('{archive_folder}/player_props_2024-10_sample.parquet')"
        props = connection.sql(
            f"SELECT * REPLACE (CAST(game_date AS DATE) AS game_date) FROM {file} WHERE game_id IS NOT NULL"
        )
        boxes = f"read_parquet('{archive_folder}/player_boxscores_2023-24.parquet')"
        last = connection.sql(
            f"SELECT player_id, last(player_name ORDER BY game_date), last(team_id ORDER BY game_date) FROM {boxes} "
            "GROUP BY 1"
        )
        return props.to_arrow_table().to_pylist(), {who: (name, team) for who, name, team in last.fetchall()}


@pytest.fixture(scope="module")
def delivered(sample, tmp_path_factory):
    """The sample by way of The Odds API's format, and the same replayed.

    The index has everybody of the season before, with his last team; who is quoted with an id, with a team of the game.
    """
    props, names = sample
    by_game = {p["game_id"]: p for p in props}
    games = [
        game(
            one["game_date"],
            home=TEAM_ID[one["home_team"]],
            away=TEAM_ID[one["away_team"]],
            game_id=game_id,
            tipoff_utc=one["commence_time"].replace(tzinfo=UTC),
        )
        for game_id, one in by_game.items()
    ]
    homes = {g["game_id"]: g["team_id_home"] for g in games}
    players = {(homes[p["game_id"]], int(p["player_id"])) for p in props if p["player_id"] in names}
    players |= {(team, who) for who, (_, team) in names.items()}
    indexed = [(team, who, names[who][0]) for team, who in sorted(players)]
    lines = [{"game_id": g["game_id"], "close_spread_home": -3.5, "close_total": 220.5} for g in games]
    world = World(games=games, players=indexed, lines=lines, props=props)
    days = DayRange(min(p["game_date"] for p in props), max(p["game_date"] for p in props))
    landing = Landing(FolderStore(tmp_path_factory.mktemp("landing")))
    with serving(world) as feeds:
        source = LiveSource(landing, Client(clock=LATER), services_at(feeds, world.key), LATER)
        rows = source.fetch("player_props", days).to_pylist()
        replayed = LiveSource(landing, None, clock=LATER).fetch("player_props", days).to_pylist()
    return rows, replayed


def test_every_quote_arrives_with_its_line_price_and_times(sample, delivered):
    rows, replayed = delivered
    quoted = Counter(
        (p["game_id"], p["player"], p["market"], p["bookmaker"], p["side"], p["line"], p["price"]) for p in sample[0]
    )
    found = Counter(
        (
            r["game_id"],
            r["player_name"],
            f"player_{r['market']}",
            r["bookmaker"],
            r["side"].title(),
            r["line"],
            r["price_american"],
        )
        for r in rows
    )
    assert found == quoted
    assert len(rows) == 5524
    assert all(row["snapshot_utc"] < row["tipoff_utc"] for row in rows)
    assert replayed == rows


def test_names_are_matched_as_in_the_file(sample, delivered):
    props, names = sample
    stated = {p["player"]: int(p["player_id"]) for p in props if p["player_id"] in names}
    found = {row["player_name"]: row["player_id"] for row in delivered[0]}
    assert len(stated) > 200
    assert {name: found[name] for name in stated} == stated


def test_names_that_the_file_has_no_player_for_are_found_by_their_aliases(sample, delivered):
    found = {row["player_name"]: row["player_id"] for row in delivered[0]}
    nobody = {p["player"] for p in sample[0] if p["player_id"] is None}
    assert nobody == {"Herb Jones", "Nicolas Claxton", "Carlton Carrington"}
    names = {who: name for who, (name, _) in sample[1].items()}
    assert {name: names.get(found[name]) for name in nobody} == {
        "Herb Jones": "Herbert Jones",
        "Nicolas Claxton": "Nic Claxton",
        "Carlton Carrington": None,  # a rookie, whom the season before does not know
    }


def test_whoever_is_not_found_played_no_game_the_season_before(sample, delivered):
    unmatched = {row["player_name"] for row in delivered[0] if row["player_id"] is None}
    known = {p["player"] for p in sample[0] if p["player_id"] in sample[1]}
    assert len(unmatched) < 30
    assert unmatched.isdisjoint(known)
