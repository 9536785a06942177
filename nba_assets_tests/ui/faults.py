"""Faults that a download can have, planted in the files that are read, each on a day of its own."""

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
