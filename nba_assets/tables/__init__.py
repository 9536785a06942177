"""All twenty-four table records, in an order in which each table comes after what it reads."""

from __future__ import annotations

from nba_assets.tables.analytics import ANALYTICS_TABLES
from nba_assets.tables.lineups import LINEUP_TABLES
from nba_assets.tables.precompute import PRECOMPUTE_TABLES
from nba_assets.tables.predictions import PREDICTION_TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.tables.record import Column, LookBack, Rule, Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (*RAW_TABLES, *ANALYTICS_TABLES, *LINEUP_TABLES, *PRECOMPUTE_TABLES, *PREDICTION_TABLES)
}
"""Table name -> record. Names are unique over all datasets."""

DATASETS = ("nba_raw", "nba_analytics", "nba_precompute", "nba_predictions")

__all__ = ["DATASETS", "TABLES", "Column", "LookBack", "Rule", "Table"]
