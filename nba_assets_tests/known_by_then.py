"""A source that tells what the world knows at the time on the clock, of a simulated league with a few games a day.

The schedule is known always; lines and reports as they are published, active lists half an hour before tip-off, results
two and a half hours after it. One game is postponed and played later, and one box score is corrected days later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import pandas as pd
import pyarrow as pa

from nba_assets.cycle import EASTERN, LINEUPS_BEFORE_TIP
from nba_assets.days import DayRange
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema

GAME_LASTS = timedelta(hours=2, minutes=30)


def eastern(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=EASTERN)


def utc(moment: datetime) -> pd.Timestamp:
    """As the tables state it: UTC without a zone."""
    return pd.Timestamp(moment.astimezone(UTC).replace(tzinfo=None))


@dataclass(frozen=True)
class Postponed:
    """A game that is called off at a time, and whose new tip-off is known at a later one."""

    game_id: str
    called_off: datetime
    new_date_known: datetime
    new_tipoff: datetime


@dataclass(frozen=True)
class Corrected:
    """A player who is given a free throw more, from a time on."""

    game_id: str
    player_id: int
    known: datetime


@dataclass
class KnownByThen:
    """The league on some days: of each the games of its first tip-off, on `late_days` those of half an hour later as
    well, on `off_days` none."""

    days: DayRange
    late_days: frozenset[date]
    off_days: frozenset[date] = frozenset()
    postponed: Postponed | None = None
    corrected: Corrected | None = None
    name: str = "simulated"
    _rows: dict[str, pd.DataFrame] = field(default_factory=dict)

    def fetch(self, table: str, days: DayRange) -> pa.Table:
        now = datetime.now(UTC)
        rows = self._known(table, self._moved(table, self._all(table).copy(), now), now)
        rows = rows[[day in days for day in rows["game_date"]]]
        return pa.Table.from_pandas(rows, schema=arrow_schema(TABLES[table]), preserve_index=False)

    def tipoffs(self, day: date) -> dict[str, datetime]:
        """Game -> tip-off, of the games that are still on at this time."""
        games = self.fetch("games", DayRange(day, day)).to_pylist()
        return {g["game_id"]: g["tipoff_utc"].replace(tzinfo=UTC) for g in games if g["status"] != "postponed"}

    def _all(self, table: str) -> pd.DataFrame:
        """All rows of the kept games, as they are when everything is known."""
        if table not in self._rows:
            frame = self._league.fetch(table, self.days).to_pandas(date_as_object=True)
            if table != "injuries":
                frame = frame[frame["game_id"].isin(self._kept_games.index)]
            self._rows[table] = frame.reset_index(drop=True)
        return self._rows[table]

    @cached_property
    def _league(self) -> SimulatedSource:
        return SimulatedSource(seed=7)

    @cached_property
    def _kept_games(self) -> pd.Series:
        """Tip-off by game."""
        games = self._league.fetch("games", self.days).to_pandas(date_as_object=True)
        first = games.groupby("game_date")["tipoff_utc"].transform("min")
        late = pd.to_timedelta(games["game_date"].isin(self.late_days).map({True: 30, False: 0}), unit="min")
        is_kept = (games["tipoff_utc"] <= first + late) & ~games["game_date"].isin(self.off_days)
        return games[is_kept].set_index("game_id")["tipoff_utc"]

    def _moved(self, table: str, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
        game = self.postponed
        if game is None or "game_id" not in rows or now < game.called_off:
            return rows
        is_it = rows["game_id"] == game.game_id
        if now >= game.new_date_known:
            rows.loc[is_it, "game_date"] = game.new_tipoff.astimezone(EASTERN).date()
            if "tipoff_utc" in rows:
                rows.loc[is_it, "tipoff_utc"] = utc(game.new_tipoff)
            if "snapshot_utc" in rows:
                rows.loc[is_it, "snapshot_utc"] = utc(game.new_tipoff - timedelta(minutes=40))
        elif table == "games":
            rows.loc[is_it, "status"] = "postponed"
        else:
            rows = rows[~is_it]
        return rows

    def _known(self, table: str, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
        if table == "injuries":
            return rows[[eastern(day, 12) <= now for day in rows["game_date"]]]
        tipoff = self._kept_games.copy()
        if self.postponed is not None and now >= self.postponed.new_date_known:
            tipoff[self.postponed.game_id] = utc(self.postponed.new_tipoff)
        begins = rows["game_id"].map(tipoff)
        is_over = begins + GAME_LASTS <= utc(now)
        if table == "games":
            is_over &= rows["status"] != "postponed"
            rows.loc[~is_over & (rows["status"] == "final"), "status"] = "scheduled"
            rows = rows.astype({"home_points": "Int64", "away_points": "Int64"})
            rows.loc[~is_over, ["home_points", "away_points"]] = pd.NA
            return self._with_correction(table, rows, now)
        if table in ("player_boxscores", "shots"):
            return self._with_correction(table, rows[is_over], now)
        if table == "active_players":
            return rows[begins - LINEUPS_BEFORE_TIP <= utc(now)]
        if table == "player_props":
            return rows[rows["snapshot_utc"] <= utc(now)]
        # Game lines: the opening ones until the closing ones are there.
        rows = rows[[day <= now.astimezone(EASTERN).date() for day in rows["game_date"]]]
        is_open = rows["snapshot_utc"] > utc(now)
        rows.loc[is_open, "home_spread"] = rows["opening_home_spread"]
        rows.loc[is_open, "total"] = rows["opening_total"]
        rows.loc[is_open, "snapshot_utc"] = [utc(eastern(day, 8)) for day in rows.loc[is_open, "game_date"]]
        return rows

    def _with_correction(self, table: str, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
        wrong = self.corrected
        if wrong is None or now < wrong.known or table == "shots":
            return rows
        box = self._all("player_boxscores")
        line = box[(box["game_id"] == wrong.game_id) & (box["player_id"] == wrong.player_id)].iloc[0]
        is_game = rows["game_id"] == wrong.game_id
        if table == "games":
            side = "home_points" if line["is_home"] else "away_points"
            rows.loc[is_game, side] += 1
        else:
            more = ["points", "free_throws_made", "free_throws_attempted"]
            rows.loc[is_game & (rows["player_id"] == wrong.player_id), more] += 1
        return rows
