"""Reported absences: spells of injury, rest on back-to-backs, and the injury report's rows.

A coach who leaves a healthy player out reports nothing, so that is in `minutes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from nba_assets.sources.simulated.league import TEAM_IDS, League
from nba_assets.sources.simulated.numerics import Bools, Days, Ints, generator
from nba_assets.sources.simulated.schedule import Schedule

REST = 0
REASONS = (
    "Rest", "Illness", "Personal Reasons", "Right Ankle; Sprain", "Left Ankle; Sprain", "Right Knee; Soreness",
    "Left Knee; Soreness", "Lower Back; Tightness", "Right Hamstring; Strain", "Left Hamstring; Strain",
    "Right Groin; Strain", "Left Calf; Strain", "Right Quadriceps; Contusion", "Left Hip; Soreness",
    "Right Foot; Soreness", "Left Wrist; Sprain", "Right Shoulder; Strain", "Left Achilles; Tendinitis",
    "Concussion Protocol",
)  # fmt: skip
_MOST_OUT = 6
_SPELLS_A_SEASON = 1.9
_LENGTHS = ((0.56, 2, 8), (0.29, 8, 26), (0.11, 26, 75), (0.04, 75, 180))
"""Share of the spells, shortest and longest in days."""
_REST_SHARE = 0.075


@dataclass(frozen=True)
class Absences:
    """Who is reported out: (player number, day of the season). The last column is the summer, when everyone is back."""

    out: Bools
    reason: Ints
    team: Ints


@dataclass(frozen=True)
class InjuryRows:
    """Rows of the injury report in order of date and player. team_id is 0 for a player no team has."""

    game_date: Days
    player: Ints
    team_id: Ints
    is_out: Bools
    reason: Ints


def season_absences(seed: int, league: League, schedule: Schedule, rosters: Ints) -> Absences:
    """Reported absences of a season; never more than six of a team's players at once."""
    rng = generator(seed, league.season_year, "injuries")
    days, teams, _ = rosters.shape
    team = np.full((len(league.players), days), -1, dtype=np.int64)
    team[rosters, np.arange(days)[:, None, None]] = np.arange(teams)[None, :, None]
    out = np.zeros((len(league.players), days + 1), dtype=bool)
    reason = np.zeros(out.shape, dtype=np.int64)
    crowd = np.zeros((teams, days), dtype=np.int64)
    for player, start, end, why in _spells(rng, league, team >= 0):
        held = np.arange(start, end)[(team[player, start:end] >= 0) & ~out[player, start:end]]
        sides = team[player, held]
        if len(held) and crowd[sides, held].max() < _MOST_OUT:
            out[player, held] = True
            reason[player, held] = why
            crowd[sides, held] += 1
    _rest(rng, league, schedule, rosters, out, reason, crowd)
    return Absences(out, reason, team)


def _spells(rng: np.random.Generator, league: League, on_roster: Bools) -> list[tuple[int, int, int, int]]:
    """Player, first day out, day of return and reason of each candidate spell, in random order."""
    days = on_roster.shape[1]
    active = np.flatnonzero(on_roster.any(axis=1))
    counts = rng.poisson(_SPELLS_A_SEASON * league.players.fragility[active] * days / 174)
    players = np.repeat(active, counts)
    # A start before opening night is an injury brought along from the summer.
    starts = rng.integers(-12, days, len(players))
    shares, shortest, longest = (np.array(values) for values in zip(*_LENGTHS, strict=True))
    kind = rng.choice(len(shares), len(players), p=shares)
    lengths = rng.integers(shortest[kind], longest[kind])
    ends = np.minimum(starts + lengths, days)
    # An illness or a personal matter is short; what lasts longer is a body part.
    reasons = np.where(
        kind == 0, rng.integers(1, len(REASONS), len(players)), rng.integers(3, len(REASONS), len(players))
    )
    reasons = np.where((kind == 0) & (rng.random(len(players)) < 0.25), 1, reasons)
    keep = ends > 0
    columns = (players[keep], np.maximum(starts[keep], 0), ends[keep], reasons[keep])
    return [(int(p), int(s), int(e), int(w)) for p, s, e, w in zip(*(c.tolist() for c in columns), strict=True)]


def _rest(
    rng: np.random.Generator, league: League, schedule: Schedule, rosters: Ints, out: Bools, reason: Ints, crowd: Ints
) -> None:
    """Marks good players, older ones above all, as resting on the second night of some back-to-backs."""
    days, teams, _ = rosters.shape
    plays = np.zeros((days, teams), dtype=bool)
    plays[schedule.day, schedule.home] = plays[schedule.day, schedule.away] = True
    second_night = plays & np.concatenate([np.zeros((1, teams), dtype=bool), plays[:-1]])
    age = league.season_year - league.players.birth_year
    chance = _REST_SHARE * (league.players.rating > 0.7) * np.where(age >= 32, 2.0, 1.0)
    rests = second_night[:, :, None] & (rng.random(rosters.shape) < chance[rosters])
    for day, team, spot in np.argwhere(rests).tolist():
        player = rosters[day, team, spot]
        if not out[player, day] and crowd[team, day] < _MOST_OUT:
            out[player, day] = True
            reason[player, day] = REST
            crowd[team, day] += 1


def injury_rows(absences: Absences, schedule: Schedule) -> InjuryRows:
    """A row on each day a player's status changes: out on the first day missed, available on the day of return."""
    before = np.concatenate([np.zeros((len(absences.out), 1), dtype=bool), absences.out[:, :-1]], axis=1)
    day, player = np.nonzero((absences.out != before).T)
    is_out = absences.out[player, day]
    last = schedule.day_count
    dates = np.datetime64(schedule.first_day, "D") + day
    # Who is still out after the last game is back by mid-June, so that nobody's absence leaks into the next season.
    dates[day == last] = np.datetime64(date(schedule.season_year + 1, 6, 15), "D")
    team = absences.team[player, np.minimum(day, last - 1)]
    reason = absences.reason[player, np.where(is_out, day, day - 1)]
    return InjuryRows(dates, player, np.where(team >= 0, TEAM_IDS[team], 0), is_out, reason)
