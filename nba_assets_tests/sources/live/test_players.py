"""Who a name is."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from nba_assets.sources.live.players import Players, canonical
from nba_assets_tests.sources.live.world import ATL, BOS, CLE


@pytest.fixture
def players():
    known = Players()
    names = (
        "Nikola Jokić",
        "Herbert Jones",
        "Nic Claxton",
        "Jaren Jackson Jr.",
        "Robert Williams III",
        "P.J. Washington",
    )
    for number, name in enumerate(names, 1):
        known.add(ATL, number, name)
    return known


@pytest.mark.parametrize(
    ("written", "player_id"),
    [
        ("Nikola Jokić", 1),
        ("Nikola Jokic", 1),
        ("NIKOLA JOKIC", 1),
        ("Herb Jones", 2),
        ("Nicolas Claxton", 3),
        ("Jaren Jackson Jr", 4),
        ("Jaren Jackson", 4),
        ("Jaren Jackson, Jr.", 4),
        ("Robert Williams", 5),
        ("PJ Washington", 6),
        ("P.J. Washington Jr.", 6),
        ("Nikola Jovic", None),
        ("", None),
        ("Jr.", None),
    ],
)
def test_names_are_found_in_the_ways_that_they_are_written(players, written, player_id):
    assert players.find(written, [ATL, BOS]) == player_id


def test_only_players_of_the_teams_are_found(players):
    assert players.find("Nikola Jokić", [BOS, CLE]) is None


def test_a_suffix_tells_two_players_of_one_name_apart(players):
    players.add(BOS, 40, "Jaren Jackson")
    assert players.find("Jaren Jackson Jr.", [ATL, BOS]) == 4
    assert players.find("Jaren Jackson", [ATL, BOS]) == 40


def test_a_name_that_two_players_could_have_is_nobodys(players):
    players.add(BOS, 41, "Jaren Jackson Sr.")
    assert players.find("Jaren Jackson", [ATL, BOS]) is None
    players.add(BOS, 50, "Nikola Jokic")
    assert players.find("Nikola Jokic", [ATL, BOS]) is None


def test_a_player_who_changed_between_the_two_teams_is_one_player(players):
    players.add(BOS, 1, "Nikola Jokić")
    assert players.find("Nikola Jokić", [ATL, BOS]) == 1


def test_aliases_are_facts_of_two_different_spellings_each_once():
    text = (files("nba_assets.sources.live") / "aliases.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) > 20
    assert len({row["alias"] for row in rows}) == len(rows)
    for row in rows:
        assert canonical(row["alias"]) == canonical(row["name"]) != ""
        assert row["name"] not in {other["alias"] for other in rows}
    assert rows == sorted(rows, key=lambda row: row["alias"])
