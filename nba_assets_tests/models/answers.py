"""Asking one system: feature rows in, its answers out, through an in-memory DuckDB."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from nba_assets.markets import MARKETS
from nba_assets_tests.factories import put, rows

POINTS = MARKETS[0]
Records = Iterable[Mapping[str, Any]]

KNOWN: dict[str, Any] = {
    "games_used": 10,
    "games_played_season": 5,
    "points_avg_last_5": 20.0,
    "points_avg_last_10": 18.0,
    "points_avg_season": 16.0,
    "points_std_last_10": 9.0,
    "field_goals_attempted_avg_last_10": 12.0,
    "paint_rate_last_10": 0.5,
    "mid_range_rate_last_10": 0.2,
    "three_point_rate_last_10": 0.3,
    "opponent_pace_last_15": 102.0,
    "league_pace_last_15": 100.0,
    "opponent_paint_allowed_vs_league_pct": 0.04,
    "opponent_mid_range_allowed_vs_league_pct": -0.05,
    "opponent_three_point_allowed_vs_league_pct": 0.02,
    "fatigue_score": 80.0,
    "shot_zone_mismatch_score": 2.0,
    "pace_score": 1.5,
    "usage_spike_score": 1.0,
}
"""A player of whom everything is known."""
CONFIDENCE = 0.2 + 0.4 * 0.5 + 0.2 * (1 - 9 / 19)
"""What his history supports: 5 of 10 games, and a standard deviation of 9 around a mean of 18."""


@functools.cache
def _connection() -> Any:
    return ibis.duckdb.connect()


def features(records: Records) -> pa.Table:
    """Rows of ml_feature_store_v2: what a record does not state is as in KNOWN."""
    return rows("ml_feature_store_v2", [{**KNOWN, **record} for record in records])


def ask(system: Any, records: Records, player_games: Records | None = None, team_defense: Records = ()) -> pd.DataFrame:
    """The system's answers, by day and player."""
    connection = _connection()
    given = [put(connection, "ml_feature_store_v2", features(records)), POINTS]
    if player_games is not None:
        given.append(put(connection, "player_game_summary", rows("player_game_summary", player_games)))
        given.append(put(connection, "team_defense_game_summary", rows("team_defense_game_summary", team_defense)))
    answers = connection.to_pyarrow(system.predict(*given)).to_pandas()
    return answers.sort_values(["game_date", "player_id"], ignore_index=True)


def ask_one(system: Any, player_games: Records | None = None, team_defense: Records = (), **given: Any) -> pd.Series:
    """The answer for one player, who is as in KNOWN unless stated otherwise."""
    answers = ask(system, [given], player_games, team_defense)
    assert len(answers) == 1
    return answers.iloc[0]


def is_silent(answer: pd.Series, reason: str) -> bool:
    """Whether the system said nothing at all, for that reason."""
    return bool(pd.isna(answer.predicted_value) and pd.isna(answer.confidence_score) and answer.reason == reason)
