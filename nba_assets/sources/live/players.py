"""Who a name is: feeds without NBA.com's ids are matched by name, among the players of the teams that play.

Other spellings of a name are facts in `aliases.csv`; `nba-assets unmatched` lists the names that nobody was found for.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Any

import pyarrow as pa

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.live import boxscores, stats
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, ShapeError
from nba_assets.sources.protocol import player_lookup

_SUFFIX = re.compile(r"[\s,]+(jr|sr|ii|iii|iv|v)\.?$", re.IGNORECASE)


class Players:
    """Names of players by team."""

    def __init__(self) -> None:
        self._exact: dict[tuple[int, str], set[int]] = {}
        self._loose: dict[tuple[int, str], set[int]] = {}

    def add(self, team_id: int, player_id: int, name: str) -> None:
        """A player of a team."""
        self._exact.setdefault((team_id, player_lookup(name)), set()).add(player_id)
        self._loose.setdefault((team_id, canonical(name)), set()).add(player_id)

    def find(self, name: str, team_ids: Iterable[int]) -> int | None:
        """The only player of these teams who is called so: to the letter, or else but for suffix and nickname."""
        teams = tuple(team_ids)
        for index, key in ((self._exact, player_lookup(name)), (self._loose, canonical(name))):
            found = set().union(*(index.get((team, key), set()) for team in teams))
            if found:
                return found.pop() if len(found) == 1 else None
        return None


def canonical(name: str) -> str:
    """One spelling of a name for all that are known: without accents, punctuation, suffix and nickname."""
    plain = _plain(name)
    return _aliases().get(plain, plain)


def players(desk: Desk, service: Service, days: Iterable[date], played: Iterable[date]) -> dict[int, Players]:
    """Season year -> who is on which team: the season's player index, and who appeared on the days that were played."""
    found: dict[int, Players] = {}
    for season in desk.by_day(_endpoint(service), days):
        by_team = found.setdefault(season_year_of(min(season.days)), Players())
        for team_id, player_id, name in season.content:
            by_team.add(team_id, player_id, name)
    for part in boxscores.boxscores(desk, service, played):
        _add_boxscores(found, part)
    return found


def _add_boxscores(found: dict[int, Players], part: pa.Table) -> None:
    who = part.select(["season", "team_id", "player_id", "player_name"]).group_by(
        ["season", "team_id", "player_id", "player_name"]
    )
    for row in who.aggregate([]).to_pylist():
        year = int(row["season"][:4])
        found.setdefault(year, Players()).add(row["team_id"], row["player_id"], row["player_name"])


def _endpoint(service: Service) -> Endpoint[list[tuple[int, int, str]]]:
    def params(days: DayRange) -> dict[str, str]:
        from nba_api.stats.endpoints import playerindex

        return stats.parameters(playerindex.PlayerIndex, season=stats.season(days))

    return Endpoint(service, "stats/playerindex", params, _parse, of_season=True, label="playerindex")


def _parse(payload: Any) -> list[tuple[int, int, str]]:
    wanted = ("TEAM_ID", "PERSON_ID", "PLAYER_FIRST_NAME", "PLAYER_LAST_NAME")
    team_ids, player_ids, first, last = stats.columns(payload, "PlayerIndex", wanted).values()
    unusable = [one for one in (*team_ids, *player_ids) if not isinstance(one, int | None)]
    if unusable:
        raise ShapeError(f"the player index has an id {str(unusable[0])[:50]!r}, which is no whole number.")
    names = [f"{one or ''} {other or ''}".strip() for one, other in zip(first, last, strict=True)]
    return [row for row in zip(team_ids, player_ids, names, strict=True) if row[0]]


def _plain(name: str) -> str:
    return player_lookup(_SUFFIX.sub("", name.strip()))


@functools.cache
def _aliases() -> dict[str, str]:
    text = (files("nba_assets.sources.live") / "aliases.csv").read_text(encoding="utf-8")
    return {_plain(row["alias"]): _plain(row["name"]) for row in csv.DictReader(text.splitlines())}
