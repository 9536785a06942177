"""What to expect of a team-game once minutes are known: the model that box scores are drawn from and lines are set by.

Deterministic; chance is added in `boxscores.py` and the bookmakers' errors in `lines.py` and `props.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.league import THREE_POINT_ZONES, League, Skills
from nba_assets.sources.simulated.nights import Nights, opposite
from nba_assets.sources.simulated.numerics import Floats, sigmoid

POSSESSIONS = 99.4
SHOT_VALUE = np.where(THREE_POINT_ZONES, 3.0, 2.0)
AND_ONE = 0.030
"""Free throws a made field goal brings along."""
FREE_THROW_WEIGHT = 0.44
"""Possessions a free throw uses up."""
ASSISTED, OFFENSIVE_SHARE, REBOUNDED = 0.605, 0.232, 0.935
STOLEN, BLOCKED = 0.58, 0.175
_ATTEMPTS_A_POSSESSION = 0.882
_OFFENSIVE_REBOUNDS = 10.3
_HOME, _TIRED = 0.024, 0.030


@dataclass(frozen=True)
class Rates:
    """Expectations by (row, roster spot); zone_mix and accuracy also by zone. possessions by row.

    The weights say how a team's rebounds, assists and so on are shared out; only their ratios within a row count.
    """

    possessions: Floats
    attempts: Floats
    zone_mix: Floats
    accuracy: Floats
    trips: Floats
    free_throw_accuracy: Floats
    turnovers: Floats
    offensive_rebound_weight: Floats
    defensive_rebound_weight: Floats
    assist_weight: Floats
    steal_weight: Floats
    block_weight: Floats
    foul_weight: Floats


@dataclass(frozen=True)
class Expectation:
    """Expected box score of each player by (row, roster spot), and of each team by row."""

    points: Floats
    rebounds: Floats
    assists: Floats
    threes: Floats
    minutes: Floats
    team_points: Floats


def night_rates(nights: Nights, league: League, skills: Skills, minutes: Floats, shock: Floats | None = None) -> Rates:
    """Expectations given minutes. shock: a team's hot or cold night by row, in logits of accuracy."""
    players, teams = nights.players, league.teams
    share_of_game = minutes.sum(axis=1) / 240.0
    possessions = (POSSESSIONS + teams.pace[nights.team] + teams.pace[nights.opponent]) * share_of_game
    played = minutes / 36.0
    wish = played * skills.field_goal_attempts[players] * np.exp(nights.usage_drift)
    # A team takes its shots whoever is there: the rest take those of a missing scorer, and find them harder.
    load = (_ATTEMPTS_A_POSSESSION * possessions / wish.sum(axis=1))[:, None]
    deterred = skills.zone_mix[players] * np.exp(-teams.deterrence[nights.opponent])[:, None, :]
    team_effect = np.where(nights.is_home, _HOME, -_HOME) - np.where(nights.tired, _TIRED, 0.0)
    if shock is not None:
        team_effect = team_effect + shock
    accuracy = sigmoid(
        skills.accuracy[players]
        + (team_effect[:, None] + nights.accuracy_drift - 0.15 * np.log(load))[:, :, None]
        + teams.defence[nights.opponent][:, None, :]
    )
    return Rates(
        possessions=possessions,
        attempts=wish * load,
        zone_mix=deterred / deterred.sum(axis=2, keepdims=True),
        accuracy=accuracy,
        trips=played * skills.free_throw_trips[players] * load * (1.0 + 0.25 * team_effect[:, None]),
        free_throw_accuracy=skills.free_throw_accuracy[players],
        turnovers=played * skills.turnovers[players] * load,
        offensive_rebound_weight=played * skills.offensive_rebounds[players],
        defensive_rebound_weight=played * skills.defensive_rebounds[players],
        assist_weight=played * skills.assists[players],
        steal_weight=played * skills.steals[players],
        block_weight=played * skills.blocks[players],
        foul_weight=played * skills.personal_fouls[players],
    )


def team_attempts(rates: Rates, turnovers: Floats, free_throws: Floats) -> Floats:
    """Field goal attempts left of a row's possessions after turnovers and free throws."""
    second_chances = _OFFENSIVE_REBOUNDS * rates.possessions / POSSESSIONS
    return np.asarray(rates.possessions - turnovers - FREE_THROW_WEIGHT * free_throws + second_chances)


def shares(weights: Floats) -> Floats:
    """Each row's weights as shares of 1."""
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def expectation(rates: Rates, minutes: Floats) -> Expectation:
    """The expected box score."""
    shots = team_attempts(rates, rates.turnovers.sum(axis=1), 2.0 * rates.trips.sum(axis=1))
    attempts = shares(rates.attempts) * shots[:, None]
    makes = attempts[:, :, None] * rates.zone_mix * rates.accuracy
    made = makes.sum(axis=2)
    free_throws = 2.0 * rates.trips + AND_ONE * made
    points = makes @ SHOT_VALUE + free_throws * rates.free_throw_accuracy
    missed = REBOUNDED * (attempts - made).sum(axis=1, keepdims=True)
    offensive = shares(rates.offensive_rebound_weight) * missed * OFFENSIVE_SHARE
    defensive = shares(rates.defensive_rebound_weight) * opposite(missed) * (1.0 - OFFENSIVE_SHARE)
    return Expectation(
        points=points,
        rebounds=offensive + defensive,
        assists=shares(rates.assist_weight) * made.sum(axis=1, keepdims=True) * ASSISTED,
        threes=makes[:, :, THREE_POINT_ZONES].sum(axis=2),
        minutes=minutes,
        team_points=points.sum(axis=1),
    )
