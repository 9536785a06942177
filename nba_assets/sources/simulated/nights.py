"""The team-games of a season: one row per team and game, with who is on the roster and the circumstances.

What a team does with them is in `minutes.py` and `rates.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from nba_assets.sources.simulated.injuries import Absences
from nba_assets.sources.simulated.league import League
from nba_assets.sources.simulated.numerics import Bools, Floats, Ints, generator
from nba_assets.sources.simulated.schedule import Schedule

AnyArray = TypeVar("AnyArray", Floats, Ints, Bools)

_DAYS_A_WEEK = 7
_WEEKLY_DRIFT = {"playing_time": 0.18, "usage": 0.028, "accuracy": 0.012}


@dataclass(frozen=True)
class Nights:
    """Home teams' rows first, then the visitors' in the same order of games.

    players holds player numbers by (row, roster spot); reported_out and the drifts have the same shape. tired: second
    night of a back-to-back.
    """

    game: Ints
    team: Ints
    opponent: Ints
    is_home: Bools
    tired: Bools
    players: Ints
    reported_out: Bools
    playing_time_drift: Floats
    usage_drift: Floats
    accuracy_drift: Floats

    def __len__(self) -> int:
        return len(self.game)

    def take(self, rows: Ints) -> Nights:
        """Some of the rows; home rows must come first and be followed by their visitors."""
        return Nights(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def opposite(values: AnyArray) -> AnyArray:
    """Each row's value for its opponent in the same game."""
    return np.roll(values, len(values) // 2, axis=0)


def season_nights(seed: int, league: League, schedule: Schedule, rosters: Ints, absences: Absences) -> Nights:
    """All team-games of a season."""
    games = len(schedule.day)
    team = np.concatenate([schedule.home, schedule.away])
    day = np.concatenate([schedule.day, schedule.day])
    plays = np.zeros((schedule.day_count + 1, rosters.shape[1]), dtype=bool)  # a day before opening night comes first
    plays[day + 1, team] = True
    players = rosters[day, team]
    week = day // _DAYS_A_WEEK
    drifts = _drifts(seed, league, int(week.max()) + 1)
    return Nights(
        game=np.concatenate([np.arange(games), np.arange(games)]),
        team=team,
        opponent=opposite(team),
        is_home=np.arange(2 * games) < games,
        tired=plays[day, team],
        players=players,
        reported_out=absences.out[players, day[:, None]],
        playing_time_drift=drifts["playing_time"][players, week[:, None]],
        usage_drift=drifts["usage"][players, week[:, None]],
        accuracy_drift=drifts["accuracy"][players, week[:, None]],
    )


def _drifts(seed: int, league: League, weeks: int) -> dict[str, Floats]:
    """How far each player is from his mid-season self, week by week: slow random walks."""
    rng = generator(seed, league.season_year, "drift")
    drifts = {}
    for name, step in _WEEKLY_DRIFT.items():
        walk = np.cumsum(rng.normal(0.0, step, (len(league.players), weeks)), axis=1)
        drifts[name] = walk - walk[:, weeks // 2, None]
    return drifts
