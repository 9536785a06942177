"""Asking one system: feature rows in, its answers out, through an in-memory DuckDB."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from nba_assets.markets import MARKETS, Market
from nba_assets.models.systems import similarity
from nba_assets_tests.factories import put, rows

POINTS, REBOUNDS, ASSISTS, THREES = MARKETS
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
    "opponent_rebounds_allowed_avg_last_15": 46.2,
    "league_rebounds_allowed_avg_last_15": 44.0,
    "opponent_assists_allowed_avg_last_15": 22.8,
    "league_assists_allowed_avg_last_15": 24.0,
    "fatigue_score": 80.0,
    "shot_zone_mismatch_score": 2.0,
    "pace_score": 1.5,
    "usage_spike_score": 1.0,
}
"""A player of whom everything is known."""


@functools.cache
def _connection() -> Any:
    return ibis.duckdb.connect()


def features(records: Records) -> pa.Table:
    """Rows of ml_feature_store_v2: what a record does not state is as in KNOWN."""
    return rows("ml_feature_store_v2", [{**KNOWN, **record} for record in records])


def ask(
    system: Any,
    records: Records,
    player_games: Records | None = None,
    team_defense: Records = (),
    market: Market = POINTS,
) -> pd.DataFrame:
    """The system's answers in a market, by day, player and information set."""
    connection = _connection()
    given: list[Any] = [put(connection, "ml_feature_store_v2", features(records)), market]
    if player_games is not None:
        games = put(connection, "player_game_summary", rows("player_game_summary", player_games))
        defense = put(connection, "team_defense_game_summary", rows("team_defense_game_summary", team_defense))
        given.append(similarity.similar_games(given[0], MARKETS, games, defense))
    return connection.to_pyarrow(system.predict(*given)).to_pandas()


def ask_one(
    system: Any,
    player_games: Records | None = None,
    team_defense: Records = (),
    market: Market = POINTS,
    **given: Any,
) -> pd.Series:
    """The answer for one player, who is as in KNOWN unless stated otherwise."""
    answers = ask(system, [given], player_games, team_defense, market)
    assert len(answers) == 1
    return answers.iloc[0]


def is_silent(answer: pd.Series, reason: str) -> bool:
    """Whether the system said nothing at all, for that reason."""
    return bool(pd.isna(answer.predicted_value) and answer.reason == reason)
