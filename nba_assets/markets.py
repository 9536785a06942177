"""The markets that are forecast. Adding one is adding a line here, if its statistic is among `STATISTICS`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """A market: its name, the player_game_summary column that settles it, and whether shot zones bear on it."""

    name: str
    statistic: str
    has_zone_matchup: bool = False


MARKETS: tuple[Market, ...] = (Market("points", "points", has_zone_matchup=True),)
