"""A player's form after each of his games: exponentially weighted means, rates per minute, shooting held to the league.

How much a player plays and what he does with it is said here once; tables take the columns that they need.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import STATISTICS
from nba_assets.transforms.as_of import decayed_sum, ewmas, last_n, numbered, season_frames

PER_MINUTE = {
    "points": 0.45,
    "rebounds": 0.18,
    "assists": 0.10,
    "three_pointers_made": 0.05,
    "usage_plays": 0.45,
    "field_goals_attempted": 0.37,
    "three_pointers_attempted": 0.14,
    "free_throws_attempted": 0.09,
}
"""Statistic -> what a player of the league does in a minute, 2019-20 to 2021-22, rounded. It is the rate of a player
without a game, and what a rate is drawn towards."""
_PRIOR_MINUTES = 60
"""A rate is that of the games plus so many minutes at the league's."""

NEWCOMER_MINUTES = 8.0
"""Minutes expected of a player of whom no game is known."""

_SHOOTING = {
    "three_point": ("three_pointers_made", "three_pointers_attempted", 150, 0.36),
    "two_point": ("two_pointers_made", "two_pointers_attempted", 100, 0.53),
    "free_throw": ("free_throws_made", "free_throws_attempted", 60, 0.77),
}
"""Kind -> makes, attempts, and how many attempts at which percentage are added to the player's own."""

_EWMAS: dict[str, tuple[int, ...]] = {
    "minutes": (2, 5, 12),
    **dict.fromkeys(STATISTICS, (4, 15)),
    **dict.fromkeys(
        ("usage_plays", "field_goals_attempted", "free_throws_attempted", "three_pointers_attempted"), (10,)
    ),
}
RATE_HALF_LIVES = (8, 40)
_BY = ("player_id", "frame")


def rate(statistic: str) -> str:
    """Name of the steady rate per minute of a statistic of `PER_MINUTE`."""
    return f"{statistic}_per_minute_ewma_{RATE_HALF_LIVES[-1]}"


def form(player_game_summary: ir.Table) -> ir.Table:
    """One row per player, looking-back season (`frame`) and game, as things stand after the game.

    `{statistic}_ewma_{half_life}`: means in which a game counts half after so many games of the player's.
    `{statistic}_per_minute_ewma_{half_life}`: statistic over minutes, both summed with such weights, with 60 minutes of
        the league's rate added.
    `{kind}_pct_regressed`: makes over attempts of the frame so far, with league attempts added.
    expected_minutes: how much he plays if he plays, 0.45 of the fast and 0.55 of the slow mean.
    last_team_id, games_played_season: who he played for, and games of the frame's own season so far.
    """
    history = numbered(season_frames(player_game_summary), _BY).mutate(
        usage_plays=ibis._.plays_used,
        two_pointers_made=ibis._.field_goals_made - ibis._.three_pointers_made,
        two_pointers_attempted=ibis._.field_goals_attempted - ibis._.three_pointers_attempted,
    )
    so_far = last_n(_BY, None)
    columns: dict[str, ir.Value] = ewmas(history, _BY, _EWMAS)
    for half_life in RATE_HALF_LIVES:
        minutes = decayed_sum(history, history.minutes, _BY, half_life)
        for name, league in PER_MINUTE.items():
            done = decayed_sum(history, history.minutes.notnull().ifelse(history[name], None), _BY, half_life)
            columns[f"{name}_per_minute_ewma_{half_life}"] = ibis.coalesce(
                (done + _PRIOR_MINUTES * league) / (minutes + _PRIOR_MINUTES), league
            )
    for kind, (makes, attempts, prior, league) in _SHOOTING.items():
        columns[f"{kind}_pct_regressed"] = (history[makes].sum().over(so_far) + prior * league) / (
            history[attempts].sum().over(so_far) + prior
        )
    known = history.select(
        *_BY,
        "game_date",
        "game_id",
        last_team_id=history.team_id,
        games_played_season=history.is_frame_season.cast("int64").sum().over(so_far),
        **columns,
    )
    return known.mutate(expected_minutes=0.45 * known.minutes_ewma_2 + 0.55 * known.minutes_ewma_12)
