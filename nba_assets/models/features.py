"""Which of the store's features the models are trained on."""

from __future__ import annotations

from nba_assets.markets import STATISTICS, Market
from nba_assets.tables.features import FEATURES

_NOT_LEARNED = frozenset(
    {
        # Made for the other systems out of what is here already.
        "fatigue_score",
        "pace_score",
        "recent_trend_points",
        "shot_zone_mismatch_score",
        "usage_spike_score",
        "projected_usage_rate",
        # Shares of seconds on the floor, or of a mean near nothing, can be any number.
        "minutes_change_pct",
        "usage_rate_last_10",
        # Unknown or zero for whole stretches of seasons: trees take the stretch for the cause.
        "missing_usage_share",
        "paint_rate_last_10",
        "mid_range_rate_last_10",
        "three_point_rate_last_10",
        "opponent_paint_allowed_vs_league_pct",
        "opponent_mid_range_allowed_vs_league_pct",
        "opponent_three_point_allowed_vs_league_pct",
        # Tried without a gain that could be told from noise.
        "back_to_backs_in_last_14_days",
        "free_throw_points_share_last_10",
        "games_in_last_7_days",
        "games_in_last_14_days",
        "league_pace_last_15",
        "minutes_in_last_7_days",
        "minutes_in_last_14_days",
        "rest_advantage_days",
        "team_win_pct_season",
        "travel_miles",
    }
)
_PREFIXES = ("", "opponent_", "league_", "team_", "teammates_", "projected_")


MODEL_FEATURES = tuple(name for name in FEATURES if name not in _NOT_LEARNED)
"""What the network and the trees of every market are trained on."""


def linear_features(market: Market) -> tuple[str, ...]:
    """What a market's linear fit is trained on: the features of its own statistic and of none, in the store's order."""
    others = [statistic for statistic in STATISTICS if statistic != market.statistic]
    return tuple(name for name in MODEL_FEATURES if not any(_is_of(name, statistic) for statistic in others))


def _is_of(name: str, statistic: str) -> bool:
    return any(name == f"{p}{statistic}" or name.startswith(f"{p}{statistic}_") for p in _PREFIXES)
