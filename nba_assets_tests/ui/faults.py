"""Faults of a download, planted in the files that are read, and of the platform, planted in the tables: one a day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Fault:
    """A fault of the box scores of a day.

    statement: SQL that brings it about, over `boxscores`. caught_by: the checks of nba_raw.player_boxscores that fail.
    """

    name: str
    day: str
    statement: str
    caught_by: frozenset[str]


_ONE_GAME = "game_id = (SELECT min(game_id) FROM boxscores WHERE CAST(game_date AS DATE) = '{day}')"

FAULTS = (
    Fault(
        name="a game's box scores are gone",
        day="2022-01-02",
        statement=f"DELETE FROM boxscores WHERE {_ONE_GAME}",
        caught_by=frozenset({"row_count", "coverage"}),
    ),
    Fault(
        name="a game's minutes are unknown",
        day="2022-01-03",
        statement=f"UPDATE boxscores SET min = NULL, min_exact = NULL WHERE {_ONE_GAME}",
        caught_by=frozenset({"null_share", "reconciles"}),
    ),
    Fault(
        name="half of the players are gone",
        day="2022-01-04",
        # Five of each team stay, so that no team looks empty.
        statement="""
            DELETE FROM boxscores WHERE (game_id, player_id) IN (
              SELECT (game_id, player_id) FROM boxscores WHERE CAST(game_date AS DATE) = '{day}'
              QUALIFY row_number() OVER (PARTITION BY game_id, team_id ORDER BY player_id) > 5
            )""",
        caught_by=frozenset({"reconciles", "coverage"}),
    ),
    Fault(
        name="a player has a point too many",
        day="2022-01-05",
        # A free throw more, so that the row by itself adds up.
        statement=f"""
            UPDATE boxscores SET ftm = ftm + 1, fta = fta + 1, pts = pts + 1
            WHERE {_ONE_GAME} AND player_id = (SELECT min(player_id) FROM boxscores WHERE {_ONE_GAME})""",
        caught_by=frozenset({"reconciles", "coverage"}),
    ),
)


def plant(faults: tuple[Fault, ...], archive: Path) -> None:
    """Change the file of the season 2021-22."""
    file = archive / "player_boxscores_2021-22.parquet"
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).create("boxscores")
        for fault in faults:
            connection.execute(fault.statement.format(day=fault.day))
        connection.table("boxscores").write_parquet(str(file))


@dataclass(frozen=True)
class StoredFault:
    """A fault of a table on a day.

    statements: SQL that brings it about in the warehouse. caught_by: (table, check) -> severity.
    """

    name: str
    day: str
    statements: tuple[str, ...]
    caught_by: dict[tuple[str, str], str]


_PLAYER = "(SELECT min(player_id) FROM nba_predictions.player_prop_predictions WHERE game_date = '{day}')"
STORED_FAULTS = (
    StoredFault(
        name="a line stamped after tip-off",
        day="2022-01-01",
        statements=(
            "INSERT INTO nba_raw.player_props BY NAME SELECT game_date, game_id, 2021 AS season_year, player_id, "
            "'points' AS market, 'book' AS bookmaker, 'over' AS side, 20.5 AS line, -110 AS price_american, "
            "TIMESTAMP '2022-01-02 06:00:00' AS snapshot_utc, TIMESTAMP '2022-01-02 00:00:00' AS tipoff_utc, "
            f"'archive' AS source FROM nba_raw.player_boxscores WHERE game_date = '{{day}}' AND player_id = {_PLAYER}",
            "UPDATE nba_assets.day_ledger SET row_count = 1 WHERE table_name = 'player_props' AND game_date = '{day}'",
            "UPDATE nba_predictions.player_prop_predictions SET line = 20.5, recommendation = 'PASS', "
            f"line_source = 'bookmaker' WHERE game_date = '{{day}}' AND player_id = {_PLAYER}",
        ),
        caught_by={
            ("nba_raw.player_props", "lines_before_tipoff"): "WARN",
            ("nba_predictions.player_prop_predictions", "lines_before_tipoff"): "ERROR",
        },
    ),
    StoredFault(
        name="a feature turned constant",
        day="2022-01-03",
        statements=(
            "UPDATE nba_predictions.ml_feature_store_v2 SET usage_rate_last_10 = 0.2 WHERE game_date = '{day}'",
        ),
        caught_by={("nba_predictions.ml_feature_store_v2", "not_constant"): "WARN"},
    ),
    StoredFault(
        name="a result of the day in an average of the day",
        day="2022-01-05",
        statements=(
            "UPDATE nba_predictions.ml_feature_store_v2 AS f SET points_avg_season = "
            "(f.points_avg_season * f.games_played_season + p.points) / (f.games_played_season + 1) "
            "FROM nba_analytics.player_game_summary AS p "
            "WHERE f.game_date = '{day}' AND p.game_date = '{day}' AND p.player_id = f.player_id",
        ),
        caught_by={("nba_predictions.ml_feature_store_v2", "no_leakage"): "ERROR"},
    ),
    StoredFault(
        name="a duplicated player row",
        day="2022-01-06",
        statements=(
            "INSERT INTO nba_precompute.player_composite_factors SELECT * FROM nba_precompute.player_composite_factors "
            "WHERE game_date = '{day}' LIMIT 1",
        ),
        caught_by={
            ("nba_precompute.player_composite_factors", "unique_key"): "ERROR",
            ("nba_precompute.player_composite_factors", "row_count"): "ERROR",
        },
    ),
    StoredFault(
        name="shots cut off in the middle of a game",
        day="2022-01-05",
        statements=(
            "DELETE FROM nba_raw.shots WHERE shot_number > 60 AND game_id = "
            "(SELECT max(game_id) FROM nba_raw.games WHERE game_date = '{day}')",
            "UPDATE nba_assets.day_ledger SET row_count = "
            "(SELECT count(*) FROM nba_raw.shots WHERE game_date = '{day}') "
            "WHERE table_name = 'shots' AND game_date = '{day}'",
        ),
        caught_by={("nba_raw.shots", "reconciles"): "ERROR"},
    ),
    StoredFault(
        name="a day never built",
        day="2022-01-07",
        statements=(
            "DELETE FROM nba_analytics.upcoming_team_game_context WHERE game_date = '{day}'",
            "DELETE FROM nba_assets.day_ledger WHERE table_name = 'upcoming_team_game_context' AND game_date = '{day}'",
        ),
        caught_by={
            ("nba_analytics.upcoming_team_game_context", check): "ERROR"
            for check in ("schema", "unique_key", "row_count", "coverage", "history", "no_leakage", "values_in_range")
        },
    ),
)


def plant_in(warehouse: Path) -> set[str]:
    """Bring the stored faults about; the tables that they touch."""
    with duckdb.connect(str(warehouse)) as connection:
        for fault in STORED_FAULTS:
            for statement in fault.statements:
                connection.execute(statement.format(day=fault.day))
    return {table for fault in STORED_FAULTS for table, _ in fault.caught_by}
