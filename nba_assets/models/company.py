"""Who plays with whom and against whom tonight: what is added up over team-mates and opponents for a network.

What of a player is added up is learned (Zaheer et al. 2017, Deep Sets); that is in `layers.py`. Sums over team-mates
that have a name of their own are in `transforms/precompute/teammates.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nba_assets.tables.lineups import ROTATION_MINUTES

_TEAM_MINUTES = 240.0
_PRESENCE = ("active_probability", "expected_minutes", "minutes_if_active")


def presence(matrix: np.ndarray, features: Sequence[str]) -> np.ndarray:
    """Share of his team's minutes for which each row's player is counted as there. Shape (rows,).

    By his chance to play and his minutes if he does, and the less so the less he is expected to play (see
    ROTATION_MINUTES): whether the end of the bench appears is known only when the game is decided. Of a matrix without
    these features nobody is there. matrix: shape (rows, features), NaN where unknown.
    """
    if not set(_PRESENCE) <= set(features):
        return np.zeros(len(matrix))
    chance, expected, minutes = (matrix[:, features.index(name)] for name in _PRESENCE)
    first, last = ROTATION_MINUTES
    rotation = np.clip((expected - first) / (last - first), 0.0, 1.0)
    return np.nan_to_num(chance * rotation * minutes / _TEAM_MINUTES)


@dataclass(frozen=True)
class Sides:
    """The game and the team of each row, as numbers. Shape of each (rows,)."""

    game: np.ndarray
    team: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Sides:
        """rows: game_id, team_id, those of a game all there; in whatever order."""
        game, team = (pd.factorize(rows[name], sort=True)[0] for name in ("game_id", "team_id"))
        return cls(game, team)

    def order(self) -> np.ndarray:
        """Places of the rows by game, and in it by team; those of a team as they are. Shape (rows,)."""
        return np.lexsort((self.team, self.game))

    def at(self, places: np.ndarray) -> Sides:
        """Those of these rows."""
        return Sides(self.game[places], self.team[places])


class Company:
    """The company that rows keep. They are in the order of `Sides.order`. present: as `presence` gives it."""

    def __init__(self, sides: Sides, present: np.ndarray) -> None:
        is_new_game = np.diff(sides.game, prepend=-1) != 0
        self._game = _Runs(is_new_game)
        self._team = _Runs(is_new_game | (np.diff(sides.team, prepend=-1) != 0))
        self._present = present[:, None]

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums over team-mates and over opponents, side by side. values: shape (rows, n), sums: (rows, 2 n)."""
        given = values * self._present
        of_team = self._team.sums(given)
        return np.concatenate([of_team - given, self._game.sums(given) - of_team], axis=1)

    def slopes(self, by_sums: np.ndarray) -> np.ndarray:
        """Slopes by the values of what has these slopes by the sums. by_sums: shape (rows, 2 n), found: (rows, n)."""
        # Whoever is added up by another adds him up too.
        mates, opponents = np.split(by_sums, 2, axis=1)
        found = self._team.sums(mates - opponents) - mates + self._game.sums(opponents)
        return found * self._present


class _Runs:
    """Rows that follow each other and belong together."""

    def __init__(self, is_first: np.ndarray) -> None:
        self._starts = np.flatnonzero(is_first)
        self._run = np.cumsum(is_first) - 1

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Of each row the sum over its run. Shape as that of values."""
        return np.add.reduceat(values, self._starts, axis=0)[self._run] if len(values) else values
