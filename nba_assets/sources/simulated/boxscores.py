"""Box scores of a season: chance added to the rates, overtimes played until nobody is level.

Where the shots were taken from and when is in `shots.py`; only their counts by zone are drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.league import THREE_POINT_ZONES, League, Skills
from nba_assets.sources.simulated.minutes import lopsidedness, night_minutes, overtime_minutes
from nba_assets.sources.simulated.nights import Nights, opposite
from nba_assets.sources.simulated.numerics import Floats, Ints, generator, whole_numbers
from nba_assets.sources.simulated.rates import (
    AND_ONE,
    ASSISTED,
    BLOCKED,
    OFFENSIVE_SHARE,
    POSSESSIONS,
    REBOUNDED,
    SHOT_VALUE,
    STOLEN,
    Expectation,
    Rates,
    night_rates,
    shares,
    team_attempts,
)

MOST_OVERTIMES = 4
_HOT_NIGHT = 0.025
_POINTS_A_LOGIT = 50.0
_SCORE_EFFECT = 0.10
_SECOND_CHANCE_EFFECT = 0.08
_FORM = 0.17
_LEVEL_BY_A_POINT = 0.65
"""Share of the one-point games in which a free throw is taken back: ties alone would make too few overtimes."""


@dataclass(frozen=True)
class Stint:
    """Regulation (overtime 0) or one overtime; rows are the team-games that played it, counts by (row, spot, zone)."""

    overtime: int
    rows: Ints
    zone_attempts: Ints
    zone_makes: Ints


@dataclass(frozen=True)
class BoxScores:
    """Whole games: minutes and counts by (row, roster spot), points of each row, and the stints they add up from."""

    minutes: Floats
    counts: dict[str, Ints]
    team_points: Ints
    stints: tuple[Stint, ...]


def season_box_scores(seed: int, nights: Nights, league: League, skills: Skills, expected: Expectation) -> BoxScores:
    """Plays every game of a season."""
    rng = generator(seed, league.season_year, "box scores")
    games = len(nights) // 2
    shock = rng.normal(0.0, _HOT_NIGHT, len(nights))
    strength = expected.team_points + _POINTS_A_LOGIT * shock
    ahead = strength[:games] - strength[games:]
    lopsided = lopsidedness(ahead + rng.normal(0.0, 5.0, games))
    regulation = night_minutes(rng, nights, skills, lopsided)
    pace = rng.normal(0.0, 2.9, games)
    minutes = regulation.minutes.copy()
    rates = night_rates(nights, league, skills, minutes, shock)
    counts, zone_attempts, zone_makes = _play(rng, rates, np.concatenate([pace, pace]))
    _level_some_games(rng, counts)
    stints = [Stint(0, np.arange(len(nights)), zone_attempts, zone_makes)]
    for overtime in range(1, MOST_OVERTIMES + 1):
        points = _points(counts).sum(axis=1)
        level = np.flatnonzero(points[:games] == points[games:])
        if not len(level):
            break
        rows = np.concatenate([level, level + games])
        extra_minutes = overtime_minutes(regulation.claims[rows])
        extra_rates = night_rates(nights.take(rows), league, skills, extra_minutes)
        extra, zone_attempts, zone_makes = _play(rng, extra_rates, np.zeros(len(rows)))
        minutes[rows] += extra_minutes
        for name, values in extra.items():
            counts[name][rows] += values
        stints.append(Stint(overtime, rows, zone_attempts, zone_makes))
    _break_last_ties(counts, regulation.minutes)
    counts["rebounds"] = counts["offensive_rebounds"] + counts["defensive_rebounds"]
    counts["personal_fouls"] = np.minimum(counts["personal_fouls"], 6)
    counts["points"] = _points(counts)
    team_points = counts["points"].sum(axis=1)
    counts["plus_minus"] = _plus_minus(rng, minutes, team_points - opposite(team_points))
    return BoxScores(minutes, counts, team_points, tuple(stints))


def _play(rng: np.random.Generator, rates: Rates, pace: Floats) -> tuple[dict[str, Ints], Ints, Ints]:
    """Draws counts of one stint: by player, and field goals by zone."""
    form = np.exp(rng.normal(0.0, _FORM, rates.attempts.shape))
    turnovers = rng.poisson(rates.turnovers)
    trips = rng.poisson(rates.trips * form)
    left = team_attempts(rates, turnovers.sum(axis=1), 2.0 * trips.sum(axis=1)) + pace
    scale = np.sqrt(rates.possessions / POSSESSIONS)
    team_shots = np.maximum(np.rint(left + rng.normal(0.0, 1.2, len(left)) * scale), 4.0).astype(np.int64)
    attempts = rng.multinomial(team_shots, shares(rates.attempts * form))
    zone_attempts = rng.multinomial(attempts, rates.zone_mix)
    zone_makes = rng.binomial(zone_attempts, rates.accuracy)
    zone_makes = _score_effect(rng, zone_attempts, zone_makes, rates.accuracy)
    made = zone_makes.sum(axis=2)
    free_throws = 2 * trips + rng.binomial(made, AND_ONE)
    team_made = made.sum(axis=1)
    rebounded = rng.binomial(team_shots - team_made, REBOUNDED)
    offensive = rng.binomial(rebounded, OFFENSIVE_SHARE)
    missed_twos = (zone_attempts - zone_makes)[:, :, ~THREE_POINT_ZONES].sum(axis=(1, 2))
    fouls = rng.binomial(np.maximum(opposite(trips.sum(axis=1)), 0), 0.86) + rng.poisson(10.5 * scale**2)

    def share(total: Ints, weights: Floats, spread: float) -> Ints:
        noise = np.exp(rng.normal(0.0, spread, weights.shape))
        return np.asarray(rng.multinomial(total, shares(weights * noise)))

    counts = {
        "field_goals_made": made,
        "field_goals_attempted": attempts,
        "three_pointers_made": zone_makes[:, :, THREE_POINT_ZONES].sum(axis=2),
        "three_pointers_attempted": zone_attempts[:, :, THREE_POINT_ZONES].sum(axis=2),
        "free_throws_made": rng.binomial(free_throws, rates.free_throw_accuracy),
        "free_throws_attempted": free_throws,
        "offensive_rebounds": share(offensive, rates.offensive_rebound_weight, 0.25),
        "defensive_rebounds": share(opposite(rebounded - offensive), rates.defensive_rebound_weight, 0.22),
        "assists": share(rng.binomial(team_made, ASSISTED), rates.assist_weight, 0.22),
        "steals": share(opposite(rng.binomial(turnovers.sum(axis=1), STOLEN)), rates.steal_weight, 0.1),
        "blocks": share(opposite(rng.binomial(missed_twos, BLOCKED)), rates.block_weight, 0.1),
        "turnovers": turnovers,
        "personal_fouls": share(fouls, rates.foul_weight, 0.1),
    }
    return {name: np.asarray(values, dtype=np.int64) for name, values in counts.items()}, zone_attempts, zone_makes


def _score_effect(rng: np.random.Generator, attempts: Ints, makes: Ints, accuracy: Floats) -> Ints:
    """Makes once the team ahead has eased off and the other has pressed.

    Independent shots alone would spread results wider than real ones: a make also takes a second chance away.
    """
    surplus = ((makes - attempts * accuracy) @ SHOT_VALUE).sum(axis=1)
    shift = (_SECOND_CHANCE_EFFECT * surplus + _SCORE_EFFECT * (surplus - opposite(surplus))) / 2.3
    made, missed = makes.sum(axis=(1, 2)), (attempts - makes).sum(axis=(1, 2))
    eased = np.clip(shift / np.maximum(made, 1), 0.0, 1.0)[:, None, None]
    pressed = np.clip(-shift / np.maximum(missed, 1), 0.0, 1.0)[:, None, None]
    return np.asarray(makes - rng.binomial(makes, eased) + rng.binomial(attempts - makes, pressed))


def _points(counts: dict[str, Ints]) -> Ints:
    return 2 * counts["field_goals_made"] + counts["three_pointers_made"] + counts["free_throws_made"]


def _level_some_games(rng: np.random.Generator, counts: dict[str, Ints]) -> None:
    """Takes one free throw back from the winners of some one-point games, which then go to overtime."""
    points = _points(counts).sum(axis=1)
    chosen = rng.random(len(points)) < _LEVEL_BY_A_POINT
    scorer = counts["free_throws_made"].argmax(axis=1)
    rows = np.flatnonzero(chosen & (points - opposite(points) == 1) & (counts["free_throws_made"].max(axis=1) > 0))
    counts["free_throws_made"][rows, scorer[rows]] -= 1


def _break_last_ties(counts: dict[str, Ints], minutes: Floats) -> None:
    """A free throw more for the home team where even the last overtime left the game level."""
    points = _points(counts).sum(axis=1)
    games = len(points) // 2
    rows = np.flatnonzero(points[:games] == points[games:])
    shooter = minutes[rows].argmax(axis=1)
    counts["free_throws_made"][rows, shooter] += 1
    counts["free_throws_attempted"][rows, shooter] += 1


def _plus_minus(rng: np.random.Generator, minutes: Floats, margin: Ints) -> Ints:
    """Point difference while on the floor; a team's players sum to five times its margin."""
    share = shares(minutes)
    luck = rng.normal(0.0, 1.75, minutes.shape) * np.sqrt(np.minimum(minutes, 48.0))
    luck -= share * luck.sum(axis=1, keepdims=True)
    return whole_numbers(5.0 * margin[:, None] * share + luck)
