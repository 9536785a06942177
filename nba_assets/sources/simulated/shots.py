"""Field goal attempts one by one: place, time and outcome, exactly as many as the box scores count.

How many from which zone and how many went in is drawn in `boxscores.py`; nothing there depends on this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.boxscores import BoxScores
from nba_assets.sources.simulated.league import THREE_POINT_ZONES, ZONES
from nba_assets.sources.simulated.nights import Nights
from nba_assets.sources.simulated.numerics import Bools, Floats, Ints, generator

_QUARTER_SECONDS, _OVERTIME_SECONDS = 720, 300
_LATER_QUARTERS = np.array([0.259, 0.511, 0.758])
"""Cumulative share of the attempts at the end of each quarter but the last."""
_DISTANCES = {
    "rim": (0.0, 38.5),
    "paint": (40.8, 88.8),
    "short mid-range": (90.8, 148.8),
    "long mid-range": (150.8, 218.8),
}
"""Nearest and farthest, in tenths of a foot, far enough from the border that rounding a place does not cross it."""
_CORNER_X, _CORNER_Y = (221.0, 239.0), (-40.0, 85.0)
_ARC, _ARC_DEPTH, _DEEPEST = 239.3, 10.5, 350.0
_SIDELINE, _BREAK_Y = 247.0, 92.0


@dataclass(frozen=True)
class Shots:
    """Every attempt in order of game and time; player is a player number and team a team number."""

    game: Ints
    number: Ints
    player: Ints
    team: Ints
    period: Ints
    seconds_remaining: Ints
    is_three: Bools
    is_made: Bools
    distance: Floats
    x: Floats
    y: Floats


def season_shots(seed: int, season_year: int, nights: Nights, box_scores: BoxScores) -> Shots:
    """All attempts of a season."""
    rng = generator(seed, season_year, "shots")
    parts = []
    for stint in box_scores.stints:
        row, spot, zone = np.nonzero(stint.zone_attempts)
        attempts = stint.zone_attempts[row, spot, zone]
        group = np.repeat(np.arange(len(attempts)), attempts)
        place_in_group = np.arange(len(group)) - np.repeat(np.cumsum(attempts) - attempts, attempts)
        night = stint.rows[row]
        if stint.overtime:
            period = np.full(len(group), 4 + stint.overtime)
            seconds = rng.integers(0, _OVERTIME_SECONDS, len(group))
        else:
            period = 1 + np.searchsorted(_LATER_QUARTERS, rng.random(len(group)))
            seconds = rng.integers(0, _QUARTER_SECONDS, len(group))
        made = place_in_group < stint.zone_makes[row, spot, zone][group]
        columns = (nights.game[night], nights.players[night, spot], nights.team[night], zone)
        parts.append((*(values[group] for values in columns), period, seconds, made))
    game, player, team, zone, period, seconds, made = (np.concatenate(values) for values in zip(*parts, strict=True))
    order = np.lexsort((rng.random(len(game)), -seconds, period, game))
    x, y = _places(rng, zone)
    counts = np.bincount(game)
    return Shots(
        game=game[order],
        number=1 + np.arange(len(game)) - np.repeat(np.cumsum(counts) - counts, counts),
        player=player[order],
        team=team[order],
        period=period[order],
        seconds_remaining=seconds[order],
        is_three=THREE_POINT_ZONES[zone[order]],
        is_made=made[order],
        distance=np.floor(np.hypot(x, y) / 10.0)[order],
        x=x[order],
        y=y[order],
    )


def _places(rng: np.random.Generator, zone: Ints) -> tuple[Floats, Floats]:
    """Whole-number coordinates within each attempt's zone, the hoop at the origin."""
    x, y = np.zeros(len(zone)), np.zeros(len(zone))
    for number, name in enumerate(ZONES):
        chosen = np.flatnonzero(zone == number)
        count = len(chosen)
        if name == "corner three":
            x[chosen] = rng.uniform(*_CORNER_X, count) * rng.choice([-1.0, 1.0], count)
            y[chosen] = rng.uniform(*_CORNER_Y, count)
            continue
        if name in _DISTANCES:
            nearest, farthest = _DISTANCES[name]
            distance = nearest + (farthest - nearest) * rng.beta(1.0, 1.25, count)
            widest = np.full(count, 0.5 * np.pi)
        else:
            distance = np.minimum(_ARC + rng.gamma(1.7, _ARC_DEPTH, count), _DEEPEST)
            widest = np.minimum(np.arccos(_BREAK_Y / distance), np.arcsin(np.minimum(_SIDELINE / distance, 1.0)))
        angle = widest * rng.uniform(-1.0, 1.0, count)
        x[chosen], y[chosen] = distance * np.sin(angle), distance * np.cos(angle)
    return np.rint(x), np.rint(y)
