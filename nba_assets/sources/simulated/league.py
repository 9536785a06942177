"""Who is in the league: the thirty teams, the players' latent traits, and the skills those traits amount to.

A skill is a rate or a tendency when healthy, in the middle of the season, against an average opponent. How rosters
change is in `rosters.py`; what a skill produces on a night is in `rates.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.numerics import Floats, Ints, sigmoid

FIRST_SEASON = 2019
FIRST_PLAYER_ID = 9_000_001
ROSTER_SIZE = 16

TEAM_ABBREVIATIONS = [
    "ATL", "BOS", "CLE", "NOP", "CHI", "DAL", "DEN", "GSW", "HOU", "LAC", "LAL", "MIA", "MIL", "MIN", "BKN",
    "NYK", "ORL", "IND", "PHI", "PHX", "POR", "SAC", "SAS", "OKC", "TOR", "UTA", "MEM", "WAS", "DET", "CHA",
]  # fmt: skip
TEAM_IDS: Ints = np.arange(1610612737, 1610612737 + len(TEAM_ABBREVIATIONS), dtype=np.int64)
EASTERN_CONFERENCE = [
    "ATL", "BOS", "CLE", "CHI", "MIA", "MIL", "BKN", "NYK", "ORL", "IND", "PHI", "TOR", "WAS", "DET", "CHA",
]  # fmt: skip

HOURS_BEHIND_EASTERN = {
    **dict.fromkeys(["NOP", "CHI", "DAL", "HOU", "MIL", "MIN", "SAS", "OKC", "MEM"], 1),
    **dict.fromkeys(["DEN", "PHX", "UTA"], 2),
    **dict.fromkeys(["GSW", "LAC", "LAL", "POR", "SAC"], 3),
}
"""Home team's local time; a team that is not named plays on Eastern time."""

ZONES = ("rim", "paint", "short mid-range", "long mid-range", "corner three", "above-the-break three")
THREE_POINT_ZONES = np.array([False, False, False, False, True, True])
_ZONE_SHARES = np.array([0.31, 0.138, 0.094, 0.073, 0.090, 0.265])
_ZONE_ACCURACY = np.array([0.638, 0.412, 0.422, 0.398, 0.370, 0.338])

TRAITS = (
    "usage", "three", "corner", "mid", "accuracy", "rim_touch", "paint_touch", "short_touch", "long_touch",
    "corner_touch", "arc_touch", "fouls_drawn", "free_throws", "offensive_glass", "defensive_glass", "passing",
    "steals", "blocks", "ball_security", "fouling",
)  # fmt: skip
_TRAIT = {name: number for number, name in enumerate(TRAITS)}


@dataclass(frozen=True)
class Players:
    """Everyone who has ever been in the league; the position in the arrays is the player's number.

    size runs from 0, a small guard, to 1, a big centre. rating orders players by how much they should play: mean 0 and
    standard deviation 1 over the players on rosters. traits are standard normal.
    """

    birth_year: Ints
    size: Floats
    rating: Floats
    traits: Floats
    fragility: Floats

    def __len__(self) -> int:
        return len(self.rating)

    @property
    def ids(self) -> Ints:
        """Player ids, outside the range the NBA uses."""
        return FIRST_PLAYER_ID + np.arange(len(self), dtype=np.int64)


@dataclass(frozen=True)
class Teams:
    """Style of each team in a season: pace in possessions, and what its defence does to shots of each zone (logits)."""

    pace: Floats
    defence: Floats
    deterrence: Floats


@dataclass(frozen=True)
class Move:
    """A roster spot that changes hands when `fraction` of the season's days have passed."""

    fraction: float
    team: int
    spot: int
    player: int


@dataclass(frozen=True)
class League:
    """The league in one season: rosters on opening night (team, spot -> player number) and the moves made after it."""

    season_year: int
    players: Players
    teams: Teams
    opening_roster: Ints
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Skills:
    """What players do per 36 minutes, where they shoot from and how well (logits by zone)."""

    playing_time: Floats
    field_goal_attempts: Floats
    zone_mix: Floats
    accuracy: Floats
    free_throw_trips: Floats
    free_throw_accuracy: Floats
    offensive_rebounds: Floats
    defensive_rebounds: Floats
    assists: Floats
    steals: Floats
    blocks: Floats
    turnovers: Floats
    personal_fouls: Floats


def skills_of(players: Players) -> Skills:
    """The skills that ratings, sizes and traits amount to."""
    rating = players.rating
    big = players.size - 0.5
    stretch = np.maximum(players.size - 0.6, 0.0)

    def trait(name: str) -> Floats:
        return np.asarray(players.traits[:, _TRAIT[name]])

    # Stars are few: what they shoot and play grows faster, and slower, than their rating.
    star = np.clip(rating - 0.8, 0.0, 1.5)
    usage = 0.75 * np.tanh((0.10 * rating + 0.28 * star + 0.22 * trait("usage")) / 0.75)
    three = 0.34 + 0.46 * trait("three") - 5.0 * stretch - 0.1 * usage
    mid = 0.45 * trait("mid") + 0.9 * usage
    inside = 1.3 * big
    mix_logits = np.log(_ZONE_SHARES) + np.stack(
        [inside, 0.7 * inside, mid, mid - 0.8 * stretch, three + 0.45 * trait("corner") - 0.8 * usage, three + 0.15],
        axis=1,
    )
    mix = np.exp(mix_logits)
    touch = players.traits[:, _TRAIT["rim_touch"] : _TRAIT["arc_touch"] + 1]
    accuracy = (
        np.log(_ZONE_ACCURACY / (1.0 - _ZONE_ACCURACY))
        + (0.042 * rating + 0.05 * trait("accuracy"))[:, None]
        + 0.06 * touch
        + big[:, None] * np.array([0.45, 0.15, 0.0, 0.0, -0.05, -0.12])
    )
    return Skills(
        playing_time=1.36 * rating - 0.70 * np.maximum(rating - 0.8, 0.0),
        field_goal_attempts=12.4 * np.exp(usage),
        zone_mix=mix / mix.sum(axis=1, keepdims=True),
        accuracy=accuracy,
        free_throw_trips=1.33 * np.exp(1.1 * usage + 0.35 * big + 0.36 * trait("fouls_drawn")),
        free_throw_accuracy=sigmoid(1.32 - 0.75 * big + 0.05 * rating + 0.32 * trait("free_throws")),
        offensive_rebounds=1.15 * np.exp(2.6 * big + 0.32 * trait("offensive_glass")),
        defensive_rebounds=4.6 * np.exp(1.15 * big + 0.05 * rating + 0.19 * trait("defensive_glass")),
        assists=2.9 * np.exp(-1.0 * big + 0.16 * rating + 0.5 * usage + 0.42 * trait("passing")),
        steals=1.08 * np.exp(-0.25 * big + 0.27 * trait("steals")),
        blocks=0.55 * np.exp(2.1 * big + 0.34 * trait("blocks")),
        turnovers=1.83 * np.exp(0.9 * usage - 0.25 * big + 0.14 * trait("passing") + 0.18 * trait("ball_security")),
        personal_fouls=3.0 * np.exp(0.45 * big - 0.10 * rating + 0.18 * trait("fouling")),
    )
