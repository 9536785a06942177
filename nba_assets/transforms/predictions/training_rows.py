"""What the models are trained on and graded by: features as they were before a game, and what happened in it."""

from __future__ import annotations

import ibis.expr.types as ir

from nba_assets.markets import MARKETS
from nba_assets.systems import UNTRAINED
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.joins import add_columns

BESIDE_MARKETS = (
    "minutes",
    "field_goals_attempted",
    "field_goals_made",
    "three_pointers_attempted",
    "free_throws_attempted",
    "free_throws_made",
    "offensive_rebounds",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
)
"""What else of a game is learnt from: how a player was used says more of his next game than what happened to go in."""


def build(
    ml_feature_store_v2: ir.Table, untrained_forecasts: ir.Table, player_game_summary: ir.Table, information_set: str
) -> ir.Table:
    """One row per player-day of the information set whose game was played, in the order of its key: the features as
    they were before it, what the untrained systems said (`<system>_<market>`) and what happened (`actual_<market>`, and
    `actual_<statistic>` of BESIDE_MARKETS), which is NULL of whoever did not appear."""
    features = ml_feature_store_v2.filter(ml_feature_store_v2.information_set == information_set)
    happened = player_game_summary.select(
        "game_id",
        "player_id",
        **{f"actual_{m.name}": player_game_summary[m.statistic] for m in MARKETS},
        **{f"actual_{statistic}": player_game_summary[statistic] for statistic in BESIDE_MARKETS},
    )
    rows = features.select("game_date", "player_id", "game_id", "team_id", "season_year", *FEATURES)
    rows = rows.semi_join(player_game_summary, "game_id").pipe(add_columns, happened, "game_id", "player_id")
    said = untrained_forecasts.filter(untrained_forecasts.information_set == information_set)
    for market in MARKETS:
        of_market = said.filter(said.market == market.name).select(
            "game_date", "player_id", **{f"{s}_{market.name}": said[s] for s in UNTRAINED}
        )
        rows = add_columns(rows, of_market, "game_date", "player_id")
    return rows.order_by("game_date", "player_id")
