"""What a column may hold at all: bounds of its values, and how much of a day may be unknown.

Both go by unit and by column name: the same quantity has the same name in every table, so a limit is said once. A value
out of bounds is a fault of the source or of a formula, never an unusual game; bounds are wider than anything the
league has seen.
"""

from __future__ import annotations

from nba_assets.markets import STATISTICS
from nba_assets.systems import UNTRAINED
from nba_assets.tables.lineups import TEAMMATES_SUMS
from nba_assets.tables.predictions import PROP_MODEL
from nba_assets.tables.raw import BOX_COUNTS
from nba_assets.tables.record import Column

_SIDES = ("", "_allowed")

Bounds = tuple[float | None, float | None]

_BY_UNIT: dict[str, Bounds] = {
    "0..1": (0, 1),
    "-1..1": (-1, 1),
    "0..100": (0, 100),
    "count": (0, None),
    "days": (0, 400),
    "decile": (1, 10),
    "feet": (0, 94),
    "games": (0, 100),
    "miles": (0, 6_000),
    "minutes": (0, 75),
    "per game": (0, 150),
    "players": (0, 30),
    "plays": (0, 80),
    "points per 100": (50, 200),
    "possessions": (50, 200),
    "possessions per 48 minutes": (60, 160),
    "rows": (0, None),
    "seconds": (0, 720),
    "squared": (0, 1_000),
    "tenths of a foot": (-470, 940),
    "root of the market's own": (0, 10),
    "units": (-1, 100),
    "year": (2019, 2100),
}

_SHOOTING: Bounds = (0, 1.5)
"""A made three counts for one and a half, so that effective and true shooting can exceed 1."""
_SPREAD: Bounds = (-60, 60)
_TOTAL: Bounds = (120, 320)
_OF_ONE_GAME: Bounds = (0, 150)

_OF_A_LINEUP: Bounds = (0, 700)
"""Ten or fifteen players' minutes, or what they do in them."""

_BY_COLUMN: dict[str, Bounds] = {
    "absolute_error": _OF_ONE_GAME,
    "actual_value": _OF_ONE_GAME,
    "effective_field_goal_pct": _SHOOTING,
    "fatigue_adjustment": (-5, 0),
    "home_spread": _SPREAD,
    "implied_points": (60, 200),
    "blend_average": _OF_ONE_GAME,
    "closing_line": (0, 100),
    "last_10_average": _OF_ONE_GAME,
    "line": (0, 100),
    "minutes_change_pct": (-1, None),
    "minutes_in_last_14_days": (0, 700),
    "minutes_in_last_7_days": (0, 350),
    "minutes_last_10_total": (0, 700),
    "opening_home_spread": _SPREAD,
    "opening_total": _TOTAL,
    "pace_differential": (-60, 60),
    "pace_score": (-3, 3),
    "points": (0, 250),
    "points_line": (0, 100),
    "predicted_value": _OF_ONE_GAME,
    "projected_minutes": (0, 240),  # of a line-up that nobody knows anything of but of one player
    "rest_advantage_days": (-2, 2),
    "shot_zone_mismatch_score": (-10, 10),
    "spread": _SPREAD,
    "total": _TOTAL,
    "true_shooting_pct": _SHOOTING,
    "true_shooting_pct_last_10": _SHOOTING,
    "usage_rate": (0, None),  # a player who shoots in his few seconds on the floor uses many times his share
    "usage_rate_last_10": (0, None),
    "usage_spike_score": (-3, 3),
    **dict.fromkeys(TEAMMATES_SUMS, _OF_A_LINEUP),
    **dict.fromkeys((f"{name}_change" for name in TEAMMATES_SUMS), (-700, 700)),
    **{f"p{level}": _OF_ONE_GAME for level in (10, 25, 50, 75, 90)},
}


def bounds(column: Column) -> Bounds:
    """Lowest and highest possible value, None where there is no limit."""
    return _BY_COLUMN.get(column.name) or _BY_UNIT.get(column.unit, (None, None))


NEVER_UNKNOWN = 0.0
ANY_SHARE = 1.0

_NULL_SHARE_BY_COLUMN: dict[str, float] = {
    # Facts of a game that was played.
    **dict.fromkeys((*(column.name for column in BOX_COUNTS), "minutes", "is_win", "opponent_points"), NEVER_UNKNOWN),
    **dict.fromkeys(("points_allowed", "pace", "possessions", "offensive_rating", "defensive_rating"), NEVER_UNKNOWN),
    # Unknown without shots; a single game's worth of unmatched ones is no hole.
    **dict.fromkeys(
        (
            f"{zone}_{kind}{side}"
            for zone in ("paint", "mid_range")
            for kind in ("attempts", "makes")
            for side in _SIDES
        ),
        0.1,
    ),
    # Percentages of players who did not shoot.
    "effective_field_goal_pct": 0.3,
    "true_shooting_pct": 0.3,
    "mid_range_pct_last_10": 0.3,
    "three_point_pct_last_10": 0.3,
    # Depends on who is on the slate: rookies have no previous season, most players were never reported injured.
    **dict.fromkeys((f"{name}_avg_previous_season" for name in STATISTICS), ANY_SHARE),
    "injury_status": ANY_SHARE,
    **dict.fromkeys(("has_appeared", "is_active", "is_starter"), ANY_SHARE),
    **dict.fromkeys(("is_reported_out", "is_reported_back"), ANY_SHARE),
    "minutes_previous_team_game": ANY_SHARE,
    "active_probability": ANY_SHARE,
    "paint_pct_last_20": ANY_SHARE,
    "paint_rate_last_20": ANY_SHARE,
    "quality_reasons": ANY_SHARE,
    # Said by some sources only.
    **dict.fromkeys(("tipoff_utc", "snapshot_utc", "home_moneyline", "away_moneyline", "reason"), ANY_SHARE),
    **dict.fromkeys(("opening_home_spread", "opening_total"), ANY_SHARE),
    # Known only once a game is final, or where a bookmaker quotes the player.
    **dict.fromkeys(("home_points", "away_points"), ANY_SHARE),
    **dict.fromkeys(("points_line", "points_result", "line", "over_probability", "edge"), ANY_SHARE),
    **dict.fromkeys(("line_result", "is_correct", "closing_line", "bookmakers", "fair_over_probability"), ANY_SHARE),
    **dict.fromkeys(("over_price_american", "under_price_american", "expected_value"), ANY_SHARE),
    **dict.fromkeys(("price_american", "has_price"), ANY_SHARE),
    # A system is silent for a stated reason.
    **dict.fromkeys((f"{system}{kind}" for system in UNTRAINED for kind in ("", "_reason")), ANY_SHARE),
    # Only systems that learn have a model, and only days with enough history; the checks of prop_model look at that.
    **dict.fromkeys(("model_id", "is_in_80_interval", "root_spread", "p10", "p25", "p50", "p75", "p90"), ANY_SHARE),
    **dict.fromkeys(("confidence_score", "confidence_decile"), ANY_SHARE),
    **dict.fromkeys((c.name for c in PROP_MODEL.columns), ANY_SHARE),
}
_OTHERS = 0.15
"""Columns that are unknown for a player's or team's first games: few of a day, once a season is on its way."""


def max_null_share(column: Column) -> float:
    """How much of a day's rows may lack the value, from a season's second month on; NEVER_UNKNOWN holds always."""
    return NEVER_UNKNOWN if column.required else _NULL_SHARE_BY_COLUMN.get(column.name, _OTHERS)
