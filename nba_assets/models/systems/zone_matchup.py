"""zone_matchup: the season's mean, changed by how the opponent defends.

Where shot zones bear on the market: by the player's zones, and by pace. Change = attempts per game * sum over zones of
share * value of a make * (opponent's percentage allowed - league's). Where they do not: by what the opponent's
opponents got of the statistic per game over the league's mean, in which pace is contained. Both are halved, since 15
games are mostly noise. A weak defence raises the forecast.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.models.systems.common import answer, season_mean

SYSTEM_ID = "zone_matchup"
_SHRINKAGE = 0.5


def predict(features: ir.Table, market: Market) -> ir.Table:
    """One row per feature row; silent where the player's zones or the opponent's defence are unknown."""
    by_market = _by_zones if market.zone_values else _by_allowance
    predicted, unknown = by_market(features, market)
    silence = ibis.cases((features.games_used == 0, "no earlier game"), *unknown, else_=ibis.null("string"))
    return answer(features, predicted, silence)


Unknown = list[tuple[ir.BooleanValue, str]]
"""Conditions under which the system has nothing to say, each with the reason."""


def _by_zones(features: ir.Table, market: Market) -> tuple[ir.FloatingValue, Unknown]:
    change = sum(
        (
            value * features[f"{zone}_rate_last_10"] * features[f"opponent_{zone}_allowed_vs_league_pct"]
            for zone, value in market.zone_values.items()
        ),
        start=ibis.literal(0.0),
    )
    pace = features.opponent_pace_last_15 / features.league_pace_last_15
    predicted = (
        season_mean(features, market) * (1 + _SHRINKAGE * (pace - 1))
        + _SHRINKAGE * features.field_goals_attempted_avg_last_10 * change
    )
    # A player's zones are known together, and so are a defence's.
    zone = next(iter(market.zone_values))
    return predicted, [
        (features[f"{zone}_rate_last_10"].isnull(), "player's shot zones unknown"),
        (features[f"opponent_{zone}_allowed_vs_league_pct"].isnull(), "opponent's zone defence unknown"),
    ]


def _by_allowance(features: ir.Table, market: Market) -> tuple[ir.FloatingValue, Unknown]:
    allowed = features[f"opponent_{market.statistic}_allowed_avg_last_15"]
    ratio = allowed / features[f"league_{market.statistic}_allowed_avg_last_15"]
    predicted = season_mean(features, market) * (1 + _SHRINKAGE * (ratio - 1))
    return predicted, [(ratio.isnull(), f"opponent's {market.name} allowed unknown")]
