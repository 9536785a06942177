"""Bookmakers' player lines: which players and markets are offered, the line, and the price of each side.

Lines of games and odds arithmetic are in `lines.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nba_assets.sources.simulated.lines import BOOKMAKERS, american_odds, minutes_before
from nba_assets.sources.simulated.nights import Nights
from nba_assets.sources.simulated.numerics import Bools, Days, Floats, Ints, generator, sigmoid
from nba_assets.sources.simulated.rates import Expectation
from nba_assets.sources.simulated.schedule import Schedule

_PLAYERS_OFFERED = 9
_FEWEST_MINUTES = 14.0
_WHOLE_LINES = 0.07
_BETABOOK_OFFERS = 0.85


@dataclass(frozen=True)
class Market:
    """A market: the least expectation that is offered, how far the median is below the mean, and the spread.

    The variance is poisson * mean + (form * mean) squared: the first part is luck, the second how a night differs.
    """

    name: str
    least: float
    skew: float
    poisson: float
    form: float


MARKETS = (
    Market("points", 4.0, 0.50, 1.90, 0.22),
    Market("rebounds", 2.0, 0.25, 1.05, 0.25),
    Market("assists", 1.3, 0.25, 1.00, 0.20),
    Market("threes", 0.6, 0.20, 0.90, 0.18),
)


@dataclass(frozen=True)
class PlayerProps:
    """One entry per game, player, market and bookmaker; each has an over and an under price."""

    game: Ints
    player: Ints
    market: Ints
    bookmaker: Ints
    line: Floats
    over_price: Floats
    under_price: Floats
    snapshot_utc: Days


def season_player_props(seed: int, schedule: Schedule, nights: Nights, expected: Expectation) -> PlayerProps:
    """Player lines of every game of a season, for players who were not reported out."""
    rng = generator(seed, schedule.season_year, "player props")
    row, spot = np.nonzero(_offered(expected.minutes))
    shape = (len(row), len(MARKETS), len(BOOKMAKERS))
    means = np.stack([getattr(expected, market.name)[row, spot] for market in MARKETS], axis=1)
    # The bookmakers err together more than apart, as they read the same news.
    views = means[:, :, None] * np.exp(rng.normal(0.0, 0.055, shape[:2])[:, :, None] + rng.normal(0.0, 0.02, shape))
    least, skew, poisson, form = (
        np.array([getattr(market, name) for market in MARKETS])[None, :, None]
        for name in ("least", "skew", "poisson", "form")
    )
    medians = np.maximum(views - skew, 0.0)
    whole = rng.random(shape) < _WHOLE_LINES
    lines = np.where(whole, np.maximum(np.rint(medians), 1.0), np.floor(medians) + 0.5)
    over = sigmoid(1.702 * (medians - lines) / np.sqrt(poisson * views + (form * views) ** 2))
    offers = (means[:, :, None] >= least) & np.ones(shape, dtype=bool)
    offers[:, :, 1] &= rng.random(shape[:2]) < _BETABOOK_OFFERS
    early = rng.integers(60, 360, shape)
    order = np.argsort(nights.game[row], kind="stable")
    entry, market, bookmaker = np.nonzero(offers[order])
    chosen = (order[entry], market, bookmaker)
    game = nights.game[row[chosen[0]]]
    return PlayerProps(
        game=game,
        player=nights.players[row, spot][chosen[0]],
        market=market,
        bookmaker=bookmaker,
        line=lines[chosen],
        over_price=american_odds(over[chosen]),
        under_price=american_odds(1.0 - over[chosen]),
        snapshot_utc=minutes_before(schedule.tipoff_utc[game], early[chosen]),
    )


def _offered(minutes: Floats) -> Bools:
    """The players of each row who are expected to play most; a player who is out has no minutes."""
    rank = np.argsort(np.argsort(-minutes, axis=1, kind="stable"), axis=1, kind="stable")
    return (rank < _PLAYERS_OFFERED) & (minutes >= _FEWEST_MINUTES)
