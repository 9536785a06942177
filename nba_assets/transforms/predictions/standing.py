"""Forecasts that stand: what was said before tip-off is not said again once the game has begun.

Everything else in the warehouse is what its inputs amount to now. A forecast is a statement made at a time: built again
with closing lines, a late report or a corrected box score, it would pass for one that nobody could have acted on.
"""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.transforms.as_of import begun, made_before_tipoff

STANDS = "the forecasts of this game that were made before tip-off stand"
_OF_A_GAME = ("game_date", "game_id", "information_set")
_KEY = PLAYER_PROP_PREDICTIONS.key


def standing(stored: ir.Table, games: ir.Table, now: datetime) -> ir.Table:
    """The stored forecasts of each game and information set of which some were made before its tip-off, which is past.

    now: UTC, without a zone. A game that is postponed, or has moved to another day, has no tip-off and keeps nothing.
    """
    return stored.semi_join(made_before_tipoff(stored, begun(games, now)), _OF_A_GAME)


def with_standing(said: ir.Table, silent: ir.Table, stands: ir.Table) -> tuple[ir.Table, ir.Table]:
    """What is said now with what stands in its place, and the keys without a forecast with the reason.

    said, stands: rows of player_prop_predictions. silent: their key and a reason.
    """
    late = said.semi_join(stands, _OF_A_GAME)
    rows = said.anti_join(stands, _OF_A_GAME).union(stands.cast(said.schema()))
    withheld = late.anti_join(stands, _KEY).select(*_KEY, reason=ibis.literal(STANDS))
    silent = silent.select(*_KEY, "reason").anti_join(stands, _KEY)
    return rows, silent.union(withheld.cast(silent.schema()))
