"""Who plays and how long: projected minutes before a game and actual minutes in it.

A coach's unreported decisions are in here; reported absences come from `injuries.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.league import Skills
from nba_assets.sources.simulated.nights import Nights
from nba_assets.sources.simulated.numerics import Bools, Floats, Ints, sigmoid, whole_numbers

TEAM_MINUTES, OVERTIME_MINUTES = 240.0, 25.0
_CEILING, _OVERTIME_CEILING = 42.0, 5.0
_NIGHTLY = 0.80
"""Chance in the claims of an average player; a regular's place is surer, a reserve's less sure."""
_SITS = 0.012
_USUAL_PLAYERS, _FEWEST_PLAYERS, _MOST_PLAYERS = 10.5, 8, 13
_PROJECTED_PLAYERS = 11


@dataclass(frozen=True)
class NightMinutes:
    """Minutes of regulation by (row, roster spot), 0 for who does not appear, and the claims on them."""

    minutes: Floats
    claims: Floats


def projected_minutes(nights: Nights, skills: Skills) -> Floats:
    """Minutes to expect before the game from what is reported; those at the end of the bench get none."""
    claims = np.where(nights.reported_out, -np.inf, skills.playing_time[nights.players] + nights.playing_time_drift)
    claims = np.where(_descending_rank(claims) < _PROJECTED_PLAYERS, claims, -np.inf)
    return _share_out(claims, TEAM_MINUTES, _CEILING)


def night_minutes(rng: np.random.Generator, nights: Nights, skills: Skills, lopsided: Floats) -> NightMinutes:
    """Actual minutes of regulation, in whole seconds. lopsided: 0 for a contest, 1 and more for a rout."""
    shape = nights.players.shape
    expected = skills.playing_time[nights.players] + nights.playing_time_drift
    claims = expected + rng.normal(0.0, 1.0, shape) * _NIGHTLY * np.clip(1.0 - 0.25 * expected, 0.65, 1.4)
    # In a rout the bench plays; on the second night of a back-to-back the leaders play a little less.
    claims = claims * (1.0 - 0.15 * lopsided[:, None]) * np.where(nights.tired, 0.96, 1.0)[:, None]
    healthy = ~nights.reported_out
    spare = healthy.sum(axis=1, keepdims=True) > _FEWEST_PLAYERS + 2
    sits = spare & (rng.random(shape) < _SITS)
    wanted = _USUAL_PLAYERS + 1.6 * lopsided + rng.normal(0.0, 1.4, len(nights))
    count = np.clip(np.rint(wanted), _FEWEST_PLAYERS, _MOST_PLAYERS)[:, None]
    claims = np.where(healthy & ~sits, claims, -np.inf)
    # Who comes off the bench is less settled than how long the regulars play.
    rank = _descending_rank(claims + rng.normal(0.0, 0.3, shape))
    claims = np.where(rank < count, claims, -np.inf)
    seconds = whole_numbers(60.0 * _share_out(claims, TEAM_MINUTES, _CEILING))
    return NightMinutes(seconds / 60.0, np.where(seconds > 0, claims, -np.inf))


def overtime_minutes(claims: Floats) -> Floats:
    """Minutes of one overtime: the first eight of the night share them."""
    closers = np.where(_descending_rank(claims) < _FEWEST_PLAYERS, 1.6 * claims, -np.inf)
    seconds = whole_numbers(60.0 * _share_out(closers, OVERTIME_MINUTES, _OVERTIME_CEILING))
    return np.asarray(seconds / 60.0)


def lopsidedness(flow: Floats) -> Floats:
    """How much of a rout a home margin in sight makes of the game, for both teams' rows."""
    severity = np.clip((np.abs(flow) - 9.0) / 9.0, 0.0, 2.0)
    return np.concatenate([severity, severity])


def _descending_rank(values: Floats) -> Ints:
    return np.asarray(np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1, kind="stable"))


def _share_out(claims: Floats, total: float, ceiling: float) -> Floats:
    """Minutes that sum to the total in each row: ceiling times the logistic of the claim plus a shift of the row's own.

    The ceiling is why a regular's absence adds more to the bench than to the star.
    """
    present: Bools = np.isfinite(claims)
    low = -claims.max(axis=1, keepdims=True, initial=-50.0, where=present) - 8.0
    high = -claims.min(axis=1, keepdims=True, initial=50.0, where=present) + 8.0
    for _ in range(40):
        middle = (low + high) / 2.0
        short = ceiling * sigmoid(claims + middle).sum(axis=1, keepdims=True) < total
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    minutes = ceiling * sigmoid(claims + high)
    return np.asarray(minutes * (total / minutes.sum(axis=1, keepdims=True)))
