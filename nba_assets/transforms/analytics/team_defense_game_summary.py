"""nba_analytics.team_defense_game_summary: the opponent's offence, seen from the defending side."""

from __future__ import annotations

import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.analytics import TEAM_DEFENSE_GAME_SUMMARY
from nba_assets.transforms.as_of import on_days

_ALLOWED = tuple(c.removesuffix("_allowed") for c in TEAM_DEFENSE_GAME_SUMMARY.column_names if c.endswith("_allowed"))


def build(team_offense_game_summary: ir.Table, days: DayRange) -> ir.Table:
    """One row per game and defending team; joined by game and team, since a team may meet the same opponent twice."""
    own = on_days(team_offense_game_summary, days)
    opponent = own.view().select(
        opponent_game_id="game_id",
        attacking_team_id="team_id",
        defensive_rating="offensive_rating",
        opponent_pace="pace",
        turnovers_forced="turnovers",
        zones_known="has_shot_zones",
        **{f"{name}_allowed": name for name in _ALLOWED},
    )
    both = own.drop("has_shot_zones").join(
        opponent, [own.game_id == opponent.opponent_game_id, own.opponent_team_id == opponent.attacking_team_id]
    )
    return both.mutate(has_shot_zones=both.zones_known).select(*TEAM_DEFENSE_GAME_SUMMARY.column_names)
