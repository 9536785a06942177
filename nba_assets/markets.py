"""The markets that are forecast. Adding one is adding a line here: columns, features, systems and checks follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Market:
    """A market.

    name: as in bookmakers' lines. statistic: the player_game_summary column that settles it.
    deviation: standard deviation of a player's games around his own mean of a season, in the statistic's unit; what is
        a large or a small difference in this market is said in parts of it. Measured over the players with 20 games or
        more in a season, 2019-20 to 2023-24, and rounded.
    zone_values: what a make from each shot zone counts in the market. Empty where shot zones do not bear on it; what
        the opponent allows of the whole statistic then stands in for them.
    """

    name: str
    statistic: str
    deviation: float
    zone_values: Mapping[str, int] = field(default_factory=dict, hash=False)


MARKETS: tuple[Market, ...] = (
    Market("points", "points", 6.0, {"paint": 2, "mid_range": 2, "three_point": 3}),
    Market("rebounds", "rebounds", 2.5),
    Market("assists", "assists", 1.8),
    Market("threes", "three_pointers_made", 1.2, {"three_point": 1}),
)

STATISTICS: tuple[str, ...] = tuple(dict.fromkeys(market.statistic for market in MARKETS))
"""Statistics that markets are made of; each has the same form columns in the cache."""

ALLOWANCES: tuple[str, ...] = tuple(dict.fromkeys(market.statistic for market in MARKETS if not market.zone_values))
"""Statistics of markets without shot zones; of each it is known what a team's opponents got on average."""
