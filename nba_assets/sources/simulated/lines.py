"""Bookmakers' lines of games, and the odds arithmetic that player lines share.

Player lines are in `props.py`. A bookmaker sees the model's expectation with an error of his own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.numerics import Days, Floats, Ints, generator, sigmoid
from nba_assets.sources.simulated.rates import Expectation
from nba_assets.sources.simulated.schedule import Schedule

BOOKMAKERS = ("alphabook", "betabook")
_MARGIN = 1.045
_MARGIN_SPREAD = 13.8
_OVERTIME_POINTS = 1.9
"""Points that overtimes add to the average game; the model's expectation is of regulation."""


@dataclass(frozen=True)
class GameLines:
    """Lines by (game, bookmaker): the last before tip-off and the opening ones."""

    home_spread: Floats
    total: Floats
    home_moneyline: Floats
    away_moneyline: Floats
    opening_home_spread: Floats
    opening_total: Floats
    opening_home_moneyline: Floats
    opening_away_moneyline: Floats
    snapshot_utc: Days


def american_odds(probability: Floats) -> Floats:
    """A probability, the bookmaker's margin put on top, as American odds in steps of 5."""
    offered = np.clip(probability * _MARGIN, 0.03, 0.97)
    favourite = -100.0 * offered / (1.0 - offered)
    underdog = 100.0 * (1.0 - offered) / offered
    odds = 5.0 * np.rint(np.where(offered >= 0.5, favourite, underdog) / 5.0)
    return np.where(np.abs(odds) < 100.0, np.copysign(100.0, odds), odds)


def minutes_before(tipoff_utc: Days, minutes: Ints) -> Days:
    """Moments some minutes before tip-off."""
    return np.asarray(tipoff_utc - minutes.astype("timedelta64[m]"))


def season_game_lines(seed: int, schedule: Schedule, expected: Expectation) -> GameLines:
    """Lines of every game of a season."""
    rng = generator(seed, schedule.season_year, "game lines")
    games = len(schedule.day)
    shape = (games, len(BOOKMAKERS))
    margin = (expected.team_points[:games] - expected.team_points[games:])[:, None] + rng.normal(0.0, 1.2, (games, 1))
    total = (expected.team_points[:games] + expected.team_points[games:])[:, None] + rng.normal(0.0, 2.2, (games, 1))
    closing_margin = margin + rng.normal(0.0, 0.4, shape)
    closing_total = total + _OVERTIME_POINTS + rng.normal(0.0, 0.7, shape)
    opening_margin = closing_margin + rng.normal(0.0, 1.6, shape)
    opening_total = closing_total + rng.normal(0.0, 2.6, shape)
    tipoff = np.repeat(schedule.tipoff_utc[:, None], len(BOOKMAKERS), axis=1)
    return GameLines(
        home_spread=_half_points(-closing_margin),
        total=_half_points(closing_total),
        home_moneyline=american_odds(_home_wins(closing_margin)),
        away_moneyline=american_odds(1.0 - _home_wins(closing_margin)),
        opening_home_spread=_half_points(-opening_margin),
        opening_total=_half_points(opening_total),
        opening_home_moneyline=american_odds(_home_wins(opening_margin)),
        opening_away_moneyline=american_odds(1.0 - _home_wins(opening_margin)),
        snapshot_utc=minutes_before(tipoff, rng.integers(5, 90, shape)),
    )


def _half_points(values: Floats) -> Floats:
    """Rounded to half points; adding zero turns a negative zero into zero."""
    return np.asarray(np.rint(2.0 * values) / 2.0 + 0.0)


def _home_wins(margin: Floats) -> Floats:
    """Probability of a home win: the logistic curve is close enough to the normal one for odds."""
    return sigmoid(1.702 * margin / _MARGIN_SPREAD)
