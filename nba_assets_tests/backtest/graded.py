"""Hand-made graded predictions, and the figures that the backtest finds on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import ibis
import pandas as pd

from nba_assets.backtest.bets import COLUMNS, graded_bets, settled
from nba_assets.backtest.results import results

FIRST = date(2022, 1, 30)
"""Two days before a month's end."""

_TYPES = {
    "game_date": "date",
    "player_id": "int64",
    **dict.fromkeys(("market", "system_id", "information_set", "recommendation", "line_result"), "string"),
}
SCHEMA = {name: _TYPES.get(name, "float64") for name in COLUMNS}


def bet(recommendation: str = "OVER", result: str | None = "OVER", day: int = 0, **given: Any) -> dict[str, Any]:
    """A graded prediction of the ensemble at -110 on both sides, so many days after FIRST."""
    return {
        "game_date": FIRST + timedelta(days=day),
        "player_id": 1,
        "market": "points",
        "system_id": "ensemble",
        "information_set": "pregame",
        "recommendation": recommendation,
        "line": 20.5,
        "over_price_american": -110.0,
        "under_price_american": -110.0,
        "over_probability": 0.6,
        "expected_value": 0.07,
        "closing_line": None,
        "line_result": result,
        **given,
    }


def found(*bets: Mapping[str, Any], by: tuple[str, ...] = (), **wanted: str) -> pd.DataFrame:
    """`results` over all of the bets, indexed by strategy."""
    table = ibis.memtable(pd.DataFrame(list(bets), columns=list(SCHEMA)), schema=SCHEMA)
    session: Any = SimpleNamespace(frame=ibis.duckdb.connect().to_pyarrow)
    rows = results(session, settled(graded_bets(table, **wanted)), *by)
    return pd.DataFrame(rows, columns=None if rows else ["strategy"]).set_index("strategy")


def recommended(*bets: Mapping[str, Any], **wanted: str) -> pd.Series:
    """The figures of the bets as recommended."""
    return found(*bets, **wanted).loc["recommended"]
