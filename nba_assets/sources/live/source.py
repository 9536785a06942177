"""The live source: nba_api's endpoints of stats.nba.com, The Odds API and ESPN's injury list, through the landing zone.

The same class without a client is the source `landing`: the rows that have been fetched, built again without a network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from nba_assets.days import DayRange
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live import boxscores, injuries, lines, lineups, odds, players, props, schedule, shots, stats
from nba_assets.sources.live.client import Client, Clock, Service
from nba_assets.sources.live.desk import Desk
from nba_assets.sources.protocol import SourceError
from nba_assets.sources.stats_columns import STATS_MAPPINGS
from nba_assets.tables import TABLES, Table
from nba_assets.tables.arrow import arrow_schema

Row = dict[str, Any]
# Who is at home is read from the schedule: the text of a match-up says it in its own way on neutral courts.
_WITH_OPPONENT = """
    SELECT d.*, d.team_id = g.home_team_id AS is_home,
        CASE WHEN d.team_id = g.home_team_id THEN g.away_team_id ELSE g.home_team_id END AS opponent_team_id
    FROM delivered AS d LEFT JOIN games AS g ON g.game_id = d.game_id
"""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """Whom the source asks."""

    stats: Service = field(default_factory=stats.service)
    odds: Service = field(default_factory=lambda: odds.service(None))
    injuries: Service = field(default_factory=injuries.service)


class LiveSource:
    """Rows by day, from new responses and from those that have landed (`desk.py` says which).

    client: who asks; None asks nobody.
    as_of: as if it were then; captures after it do not exist.
    since: what landed before it is fetched again.
    """

    name = "nba_api"

    def __init__(
        self,
        landing: Landing,
        client: Client | None,
        services: Services | None = None,
        clock: Clock | None = None,
        as_of: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        self._landing, self._client = landing, client
        self._services, self._clock = services or Services(), clock or Clock()
        self._as_of, self._since = as_of, since

    @property
    def is_online(self) -> bool:
        """Whether services are asked at all."""
        return self._client is not None

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        """Rows of nba_raw.<table> whose game_date is in `days`.

        Raises:
            SourceError: a service does not answer, or its answer has another shape, or nothing has landed and nobody is
                asked; names endpoint and days.
        """
        desk = Desk(self._landing, self._client, self._clock, self._as_of, self._since)
        record = TABLES[table]
        if table in STATS_MAPPINGS:
            return self._results(desk, record, days)
        rows: dict[str, Callable[[Desk, DayRange], list[Row]]] = {
            "games": self._games,
            "game_lines": self._game_lines,
            "player_props": self._player_props,
            "injuries": self._injuries,
            "active_players": self._active_players,
        }
        return _as_delivered(record, self.name, days, rows[table](desk, days))

    def _games(self, desk: Desk, days: Iterable[date]) -> list[Row]:
        return schedule.games(desk, self._services.stats, days)

    def _played(self, desk: Desk, days: Iterable[date]) -> list[date]:
        """Days with a final game. Nothing is asked of the others: they have no results."""
        games = self._games(desk, (day for day in days if day <= desk.today))
        return _days(game for game in games if game["status"] == "final")

    def _results(self, desk: Desk, table: Table, days: DayRange) -> pa.Table:
        read = boxscores.boxscores if table.name == "player_boxscores" else shots.shots
        played = self._played(desk, days)
        parts = [part for part in read(desk, self._services.stats, played) if part.num_rows]
        if not parts:
            return _as_delivered(table, self.name, days, [])
        select = ", ".join(f"{sql} AS {name}" for name, sql in STATS_MAPPINGS[table.name].items())
        relation = f"({_WITH_OPPONENT})" if table.name == "player_boxscores" else "delivered"
        names = ("game_id", "home_team_id", "away_team_id")
        teams = [{name: game[name] for name in names} for game in self._games(desk, played)]
        try:
            with duckdb.connect() as connection:
                connection.register("delivered", pa.concat_tables(parts, promote_options="permissive"))
                connection.register("games", pa.Table.from_pylist(teams))
                return connection.sql(f"SELECT {select}, '{self.name}' AS source FROM {relation}").to_arrow_table()
        except (duckdb.Error, pa.ArrowException) as error:
            raise SourceError(
                f"{stats.NAME}, table nba_raw.{table.name}, days {days}: {str(error).splitlines()[0]}"
            ) from error

    def _game_lines(self, desk: Desk, days: DayRange) -> list[Row]:
        self._say_what_is_missing()
        return lines.game_lines(desk, self._services.odds, self._games(desk, days))

    def _player_props(self, desk: Desk, days: DayRange) -> list[Row]:
        self._say_what_is_missing()
        games = self._games(desk, days)
        return props.player_props(desk, self._services.odds, games, self._players(desk, days) if games else {})

    def _injuries(self, desk: Desk, days: DayRange) -> list[Row]:
        games = self._games(desk, days)
        return injuries.injuries(desk, self._services.injuries, days, games, self._players(desk, days))

    def _players(self, desk: Desk, days: DayRange) -> dict[int, players.Players]:
        return players.players(desk, self._services.stats, days, self._played(desk, days))

    def _active_players(self, desk: Desk, days: DayRange) -> list[Row]:
        return lineups.active_players(desk, self._services.stats, _days(self._games(desk, days)))

    def _say_what_is_missing(self) -> None:
        if self.is_online and not self._services.odds.secrets:
            _LOG.warning("NBA_ASSETS_ODDS_API_KEY is not set: no lines are fetched, and days have those that landed.")


def _days(games: Iterable[Row]) -> list[date]:
    return sorted({game["game_date"] for game in games})


def _as_delivered(table: Table, source: str, days: DayRange, rows: list[Row]) -> pa.Table:
    """Rows with the record's columns; times are UTC. Whether values fit is judged where they are written."""
    schema = pa.schema(
        [f.with_type(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(f.type) else f for f in arrow_schema(table)]
    )
    try:
        return pa.Table.from_pylist([{**row, "source": source} for row in rows], schema=schema)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise SourceError(
            f"Source {source}, table {table.full_name}, days {days}: a value is of another kind: {str(error)[:500]}"
        ) from error
