"""The source itself: which seasons a range of days touches, and what is kept in memory between calls."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date

import numpy as np
import pyarrow as pa

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.protocol import SourceError
from nba_assets.sources.simulated.league import FIRST_SEASON, League
from nba_assets.sources.simulated.rosters import first_league, next_league
from nba_assets.sources.simulated.season import Season
from nba_assets.sources.simulated.tables import RECORDS, SOURCE_NAME, season_table
from nba_assets.tables.arrow import arrow_schema

_SEASONS_KEPT = 3


class _SeasonRows:
    """A season's tables, each made once, with the dates its rows are cut by."""

    def __init__(self, season: Season, today: date | None) -> None:
        self._season = season
        self._today = today
        self._tables: dict[str, tuple[np.ndarray, pa.Table]] = {}

    def between(self, table: str, days: DayRange) -> pa.Table:
        if table not in self._tables:
            rows = season_table(self._season, table, self._today)
            self._tables[table] = (rows["game_date"].to_numpy(), rows)
        dates, rows = self._tables[table]
        start = int(np.searchsorted(dates, np.datetime64(days.first, "D"), side="left"))
        end = int(np.searchsorted(dates, np.datetime64(days.last, "D"), side="right"))
        return rows.slice(start, end - start)


class SimulatedSource:
    """An invented league from 2019-20 on. The same seed gives the same rows, whatever is asked for and in which order.

    today: US Eastern date on which the league stands still: games from that day on are scheduled, have lines but no
    result, box score or shots; player lines, injuries and active lists reach that day. None: every game has been
        played.
    """

    name = SOURCE_NAME

    def __init__(self, seed: int = 7, today: date | None = None) -> None:
        self._seed = seed
        self._today = today
        self._leagues: list[League] = []
        self._seasons: OrderedDict[int, _SeasonRows] = OrderedDict()

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        """Rows of nba_raw.<table> in the range, with the record's columns; see `sources/protocol.py`."""
        if table not in RECORDS:
            raise SourceError(f"The simulated source has no table {table!r}; it has {', '.join(RECORDS)}.")
        schema = arrow_schema(RECORDS[table])
        season_years = range(max(season_year_of(days.first), FIRST_SEASON), season_year_of(days.last) + 1)
        parts = [self._season(year).between(table, days) for year in season_years]
        return pa.concat_tables([schema.empty_table(), *parts])

    def _season(self, season_year: int) -> _SeasonRows:
        if season_year not in self._seasons:
            self._seasons[season_year] = _SeasonRows(Season(self._seed, self._league(season_year)), self._today)
            while len(self._seasons) > _SEASONS_KEPT:
                self._seasons.popitem(last=False)
        self._seasons.move_to_end(season_year)
        return self._seasons[season_year]

    def _league(self, season_year: int) -> League:
        """The league in a season, stepped from the first one: rosters carry over from season to season."""
        while len(self._leagues) <= season_year - FIRST_SEASON:
            before = self._leagues[-1] if self._leagues else None
            self._leagues.append(next_league(self._seed, before) if before else first_league(self._seed))
        return self._leagues[season_year - FIRST_SEASON]
