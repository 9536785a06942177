"""How the league gets from one season to the next: ageing, retirements, rookies, free agency, trades and signings.

Only who is where and how good they are; games are not needed to step a season, which keeps stepping cheap. Absences
are in `injuries.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nba_assets.sources.simulated.league import (
    FIRST_SEASON,
    ROSTER_SIZE,
    TEAM_IDS,
    TRAITS,
    ZONES,
    League,
    Move,
    Players,
    Teams,
)
from nba_assets.sources.simulated.numerics import Floats, Ints, generator

_TEAM_COUNT = len(TEAM_IDS)
_TRADES = 14
_SIGNINGS = 90
_TRAIT_MEMORY = 0.97
_TEAM_MEMORY = 0.6
_DEADLINE = 0.66
"""Fraction of the season's days before which trades are made."""


def first_league(seed: int) -> League:
    """The league in its first season, at its stationary mix of ages."""
    rng = generator(seed, FIRST_SEASON, "first league")
    count = _TEAM_COUNT * ROSTER_SIZE
    # One player of each size class a team, from small to big.
    classes = rng.permuted(np.tile(np.arange(ROSTER_SIZE), (_TEAM_COUNT, 1)), axis=1)
    sizes = (classes + rng.random(classes.shape)) / ROSTER_SIZE
    ages = 19 + np.minimum(rng.gamma(2.6, 2.8, count), 19.0).astype(np.int64)
    players = Players(
        birth_year=FIRST_SEASON - ages,
        size=sizes.reshape(-1),
        rating=rng.normal(size=count) - 0.35 * (ages < 22),
        traits=rng.normal(size=(count, len(TRAITS))),
        fragility=rng.gamma(3.0, 1 / 3.0, count),
    )
    roster = np.arange(count, dtype=np.int64).reshape(_TEAM_COUNT, ROSTER_SIZE)
    teams = _teams(rng, None)
    return _with_moves(League(FIRST_SEASON, _standardised(players, roster), teams, roster, ()), rng)


def next_league(seed: int, league: League) -> League:
    """The league one season later."""
    season_year = league.season_year + 1
    rng = generator(seed, season_year, "summer")
    roster = final_roster(league)
    players = _aged(league.players, season_year, rng)
    players, roster = _replace_leavers(players, roster, season_year, rng)
    roster = _free_agency(players, roster, rng)
    teams = _teams(rng, league.teams)
    return _with_moves(League(season_year, _standardised(players, roster), teams, roster, ()), rng)


def final_roster(league: League) -> Ints:
    """Rosters after the season's last move."""
    roster = np.copy(league.opening_roster)
    for move in league.moves:
        roster[move.team, move.spot] = move.player
    return roster


def daily_rosters(league: League, day_count: int) -> Ints:
    """Player number by (day of the season, team, roster spot)."""
    rosters = np.repeat(league.opening_roster[None], day_count, axis=0)
    for move in league.moves:
        rosters[int(move.fraction * day_count) :, move.team, move.spot] = move.player
    return rosters


def _teams(rng: np.random.Generator, before: Teams | None) -> Teams:
    pace = rng.normal(0.0, 1.7, _TEAM_COUNT)
    overall = rng.normal(0.0, 0.056, (_TEAM_COUNT, 1))
    defence = overall + rng.normal(0.0, 0.055, (_TEAM_COUNT, len(ZONES)))
    deterrence = rng.normal(0.0, 0.10, (_TEAM_COUNT, len(ZONES)))
    if before is None:
        return Teams(pace, defence, deterrence)
    fresh = np.sqrt(1.0 - _TEAM_MEMORY**2)
    return Teams(
        _TEAM_MEMORY * before.pace + fresh * pace,
        _TEAM_MEMORY * before.defence + fresh * defence,
        _TEAM_MEMORY * before.deterrence + fresh * deterrence,
    )


def _standardised(players: Players, roster: Ints) -> Players:
    """Ratings on the scale of this season's league, so that ageing cannot inflate the game over the years."""
    active = players.rating[roster]
    return replace(players, rating=(players.rating - active.mean()) / active.std())


def _aged(players: Players, season_year: int, rng: np.random.Generator) -> Players:
    age = season_year - players.birth_year
    growth = np.interp(age, [19, 22, 25, 28, 31, 34, 38], [0.45, 0.28, 0.10, 0.0, -0.15, -0.32, -0.6])
    noise = rng.normal(size=players.traits.shape)
    return replace(
        players,
        rating=players.rating + growth + rng.normal(0.0, 0.22, len(players)),
        traits=_TRAIT_MEMORY * players.traits + np.sqrt(1.0 - _TRAIT_MEMORY**2) * noise,
    )


def _with_rookies(
    players: Players, sizes: Floats, season_year: int, rng: np.random.Generator, *, drafted: bool
) -> Players:
    """New players appended: drafted ones are young and may be stars, others are signed from outside the league."""
    count = len(sizes)
    if drafted:
        ages = 19 + rng.binomial(4, 0.45, count)
        rating = rng.normal(-0.85, 0.45, count) + rng.exponential(0.45, count)
    else:
        ages = 22 + rng.binomial(8, 0.3, count)
        rating = rng.normal(-1.15, 0.4, count)
    return Players(
        birth_year=np.concatenate([players.birth_year, season_year - ages]),
        size=np.concatenate([players.size, np.clip(sizes + rng.normal(0.0, 0.05, count), 0.0, 1.0)]),
        rating=np.concatenate([players.rating, rating]),
        traits=np.concatenate([players.traits, rng.normal(size=(count, len(TRAITS)))]),
        fragility=np.concatenate([players.fragility, rng.gamma(3.0, 1 / 3.0, count)]),
    )


def _replace_leavers(
    players: Players, roster: Ints, season_year: int, rng: np.random.Generator
) -> tuple[Players, Ints]:
    age = season_year - players.birth_year[roster]
    rating = players.rating[roster]
    old = np.interp(age, [32, 35, 38, 41], [0.0, 0.2, 0.5, 1.0])
    poor = np.interp(rating, [-2.0, -1.2, -0.5], [0.6, 0.35, 0.03])
    leaves = rng.random(roster.shape) < np.maximum(old, poor)
    newcomers = np.arange(len(players), len(players) + int(leaves.sum()))
    # A newcomer has the size of the player he replaces, so teams keep guards and centres.
    players = _with_rookies(players, players.size[roster[leaves]], season_year, rng, drafted=True)
    roster = roster.copy()
    roster[leaves] = newcomers
    return players, roster


def _free_agency(players: Players, roster: Ints, rng: np.random.Generator) -> Ints:
    """About a fifth of the players change places in pairs of similar size."""
    flat = roster.reshape(-1).copy()
    movers = np.flatnonzero(rng.random(len(flat)) < 0.22)
    movers = movers[np.argsort(players.size[flat[movers]] + rng.normal(0.0, 0.03, len(movers)))]
    pairs = movers[: len(movers) // 2 * 2].reshape(-1, 2)
    flat[pairs] = flat[pairs[:, ::-1]]
    return flat.reshape(roster.shape)


def _with_moves(league: League, rng: np.random.Generator) -> League:
    """The league with this season's trades (two players change places) and signings (a poor player makes room)."""
    fractions = np.sort(rng.uniform(0.05, 0.95, _TRADES + _SIGNINGS))
    is_trade = np.zeros(len(fractions), dtype=bool)
    is_trade[rng.permutation(np.flatnonzero(fractions < _DEADLINE))[:_TRADES]] = True
    players, roster = league.players, league.opening_roster.copy()
    moves: list[Move] = []
    for fraction, trade in zip(fractions.tolist(), is_trade.tolist(), strict=True):
        team = int(rng.integers(_TEAM_COUNT))
        if trade:
            other = int((team + rng.integers(1, _TEAM_COUNT)) % _TEAM_COUNT)
            spot, other_spot = (int(s) for s in rng.integers(ROSTER_SIZE, size=2))
            made = [
                Move(fraction, team, spot, int(roster[other, other_spot])),
                Move(fraction, other, other_spot, int(roster[team, spot])),
            ]
        else:
            spot = int(np.argsort(players.rating[roster[team]])[rng.integers(4)])
            size = players.size[roster[team, spot]]
            players = _with_rookies(players, np.array([size]), league.season_year, rng, drafted=False)
            made = [Move(fraction, team, spot, len(players) - 1)]
        for move in made:
            roster[move.team, move.spot] = move.player
        moves.extend(made)
    return replace(league, players=players, moves=tuple(moves))
