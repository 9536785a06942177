"""One table computed as scripts per table do it: a loop over days and players with pandas.

    python -m benchmarks.loops START END FILE

Where each player with ten games of the season shoots from, over his last ten games: what
nba_precompute.player_shot_zone_analysis holds, against which it is held. The time that is written to the file as JSON
is that of the loop alone.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd

from nba_assets.days import DayRange, season_boundary, season_year_of
from nba_assets.platform import build_warehouse
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES

_ZONES = {
    "paint": "paint_attempts",
    "mid_range": "mid_range_attempts",
    "three_point": "three_pointers_attempted",
}


def rates(history: pd.DataFrame, days: list[date]) -> dict[str, list[float | None]]:
    """ "<day> <player>" -> shares of attempts by zone over the player's last ten games before the day."""
    found: dict[str, list[float | None]] = {}
    for day in days:
        season = history[(history["game_date"] < day) & (history["season_year"] == season_year_of(day))]
        for player in season["player_id"].unique():
            games = season[season["player_id"] == player].sort_values(["game_date", "game_id"])
            if len(games) < 10:
                continue
            latest = games.tail(10)
            known = latest[latest["has_shot_zones"]]
            attempts = {zone: known[column].sum() for zone, column in _ZONES.items()}
            total = sum(attempts.values())
            found[f"{day} {player}"] = [attempts[zone] / total if total else None for zone in _ZONES]
    return found


def main(days: DayRange, file: Path) -> None:
    first = season_boundary(season_year_of(days.first))
    with build_warehouse(load_settings()).session(read_only=True) as session:
        history = session.frame(session.read(TABLES["player_game_summary"], DayRange(first, days.last))).to_pandas()
        games = session.frame(session.read(TABLES["games"], days)).to_pandas()
        stored = session.frame(session.read(TABLES["player_shot_zone_analysis"], days)).to_pandas()
    begun = time.perf_counter()
    found = rates(history, sorted(games["game_date"].unique()))
    seconds = time.perf_counter() - begun
    expected = {
        f"{row.game_date} {row.player_id}": [getattr(row, f"{zone}_rate_last_10") for zone in _ZONES]
        for row in stored.itertuples()
    }
    if found.keys() != expected.keys():
        raise ValueError("The loop and the table are of other players.")
    off = [
        key
        for key, values in found.items()
        for mine, table in zip(values, expected[key], strict=True)
        if not (pd.isna(mine) and pd.isna(table)) and not abs(mine - table) < 1e-6
    ]
    if off:
        raise ValueError(f"The loop and the table differ: {off[:3]}.")
    file.write_text(json.dumps({"seconds": seconds, "rows": len(found)}))


if __name__ == "__main__":
    main(DayRange(*map(date.fromisoformat, sys.argv[1:3])), Path(sys.argv[3]))
