"""zone_matchup: the season's mean, changed by how the opponent defends the player's zones, and by pace.

Change in points = attempts per game * sum over zones of share * value * (opponent's percentage allowed - league's),
halved, since a 15-game percentage is mostly noise. A weak defence raises the forecast.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.models.systems.common import answer, history_confidence

SYSTEM_ID = "zone_matchup"
_SHOT_VALUE = {"paint": 2, "mid_range": 2, "three_point": 3}
_SHRINKAGE = 0.5


def predict(features: ir.Table, market: Market) -> ir.Table:
    """One row per feature row; silent where the player's or the opponent's zones are unknown."""
    season = ibis.coalesce(
        features[f"{market.statistic}_avg_season"], features[f"{market.statistic}_avg_previous_season"]
    )
    change = sum(
        (
            value * features[f"{zone}_rate_last_10"] * features[f"opponent_{zone}_allowed_vs_league_pct"]
            for zone, value in _SHOT_VALUE.items()
        ),
        start=ibis.literal(0.0),
    )
    pace = features.opponent_pace_last_15 / features.league_pace_last_15
    predicted = (
        season * (1 + _SHRINKAGE * (pace - 1)) + _SHRINKAGE * features.field_goals_attempted_avg_last_10 * change
    )
    silence = ibis.cases(
        (features.games_used == 0, "no earlier game"),
        (features.paint_rate_last_10.isnull(), "player's shot zones unknown"),
        (features.opponent_paint_allowed_vs_league_pct.isnull(), "opponent's zone defence unknown"),
        else_=ibis.null("string"),
    )
    return answer(features, market, SYSTEM_ID, predicted, history_confidence(features, market), silence)
