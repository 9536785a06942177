"""Hand-made coverage, verdicts and forecasts, for statements about how they are sorted and summed up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from nba_assets.absence import Absent
from nba_assets.coverage import DayCoverage
from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.warehouse.duckdb import DuckDBWarehouse

FIRST = date(2021, 12, 27)
"""A Monday, so that a week from it ends in the next month."""


def day_after(days: int) -> date:
    return FIRST + timedelta(days=days)


def covered(
    day: int = 0,
    table: str = "shots",
    expected: int | None = 4,
    missing: Mapping[str, int] | None = None,
    rows: int = 9,
    is_built: bool = True,
) -> DayCoverage:
    """Coverage of a day, `missing` by reason."""
    keys = {
        reason: Absent(count, tuple({"game_id": f"{n}"} for n in range(count)))
        for reason, count in (missing or {}).items()
    }
    present = None if expected is None else expected - sum(absent.count for absent in keys.values())
    return DayCoverage(table, day_after(day), is_built, rows, 0, expected, present, keys)


def forecast(day: date, player: int, predicted: float, **more: Any) -> dict[str, Any]:
    """A forecast with a spread of 5 around it (none with `p10=None`)."""
    row = {
        "game_date": day,
        "game_id": f"{player}",
        "player_id": player,
        "player_name": f"Player {player}",
        "player_lookup": f"player{player}",
        "team_id": 1610612737,
        "opponent_team_id": 1610612738,
        "market": "points",
        "system_id": "ensemble",
        "information_set": "pregame",
        "predicted_value": predicted,
        **{f"p{level}": predicted + z * 5 for level, z in ((10, -1.28), (25, -0.67), (50, 0), (75, 0.67), (90, 1.28))},
        "line": None,
        "line_source": "none",
        "over_probability": None,
        "recommendation": "NO_LINE",
        "confidence_score": 0.5,
        "feature_quality_score": 1.0,
        "created_at": datetime(2022, 1, 1),
        **more,
    }
    if row["p10"] is None:
        row |= {f"p{level}": None for level in (25, 50, 75, 90)}
    row["edge"] = None if row["line"] is None else predicted - row["line"]
    return row


def warehouse_of(folder: Path, days: DayRange, rows: list[dict[str, Any]]) -> DuckDBWarehouse:
    """A warehouse that holds these forecasts and nothing else."""
    warehouse, table = DuckDBWarehouse(folder / "warehouse.duckdb"), TABLES["player_prop_predictions"]
    with warehouse.session() as session:
        given = [{name: row.get(name) for name in table.column_names} for row in rows]
        delivered = pa.Table.from_pylist(given, schema=arrow_schema(table))
        session.replace_days(table, days, session.attach("given_rows", delivered))
    return warehouse
