"""Three simulated days in a warehouse, with every table but prop_model, and ways to damage them without the ledger."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from nba_assets.coverage import DayCoverage, coverage
from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.models import untrained_forecasts
from nba_assets.models.systems import similarity
from nba_assets.sources.archive import ArchiveSource
from nba_assets.sources.simulated import SimulatedSource
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.transforms import predictions as prediction_transforms
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import Session
from nba_assets_tests.factories import arrow_frame, likely, transform_module

DAYS = DayRange(date(2019, 11, 26), date(2019, 11, 28))
"""Two days with games, and Thanksgiving without any."""
FULL, HOLIDAY = DAYS.first, DAYS.last


def build_raw(session: Session, source: SimulatedSource | ArchiveSource, days: DayRange) -> None:
    for table in RAW_TABLES:
        session.ingest(table, days, source.fetch(table.name, days))


def build(session: Session, name: str, days: DayRange) -> None:
    table, module = TABLES[name], transform_module(name)
    assert module is not None
    read = {upstream: session.read(TABLES[upstream], back.days_for(days)) for upstream, back in table.reads.items()}
    session.replace_days(table, days, module.build(**read, days=days))


def availability(session: Session) -> None:
    """How likely each of the roster is to play, without a model's help."""
    roster = arrow_frame(session.frame(session.read(TABLES["upcoming_roster"], DAYS)))
    table = TABLES["player_availability"]
    session.replace_days(table, DAYS, session.attach("likely", likely(roster)))


def untrained(session: Session) -> None:
    """The answers of the systems that need no training."""
    table = TABLES["untrained_forecasts"]
    read = {name: session.read(TABLES[name], back.days_for(DAYS)) for name, back in table.reads.items()}
    features = read.pop("ml_feature_store_v2")
    similar = session.attach("similar_games", similarity.similar_games(features, MARKETS, *read.values()))
    session.replace_days(table, DAYS, untrained_forecasts.build(features, similar))


def predict(session: Session) -> None:
    """An ensemble's prediction for every second feature row and market; for the others a reason."""
    table = TABLES["player_prop_predictions"]
    players = session.frame(session.read(TABLES["ml_feature_store_v2"], DAYS)).to_pylist()
    players.sort(key=lambda row: [row[k] for k in TABLES["ml_feature_store_v2"].key])
    asked = [{**row, "market": market.name, "system_id": "ensemble"} for row in players for market in MARKETS]
    said = [
        {
            **{c: row.get(c) for c in table.column_names},
            "predicted_value": 10.0,
            "line_source": "none",
            "recommendation": "NO_LINE",
            "confidence_score": 0.5,
            "created_at": datetime(2020, 1, 1),
        }
        for row in asked[::2]
    ]
    unsaid = [{**{k: row[k] for k in table.key}, "reason": "no earlier game"} for row in asked[1::2]]
    session.replace_days(
        table,
        DAYS,
        session.attach("said", pa.Table.from_pylist(said, schema=arrow_schema(table))),
        session.attach("unsaid", pa.Table.from_pylist(unsaid)),
    )


def grade(session: Session) -> None:
    table = TABLES["prediction_accuracy"]
    read = {name: session.read(TABLES[name], DAYS) for name in table.reads}
    graded = prediction_transforms.prediction_accuracy.build(**read, days=DAYS)
    known = {name: read[name] for name in ("games", "player_prop_predictions", "player_game_summary")}
    session.replace_days(table, DAYS, graded, prediction_transforms.prediction_accuracy.absent(**known, days=DAYS))


def damage(file: Path, *statements: str) -> None:
    """Change the file without the warehouse, so that the ledger does not know."""
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


def found(file: Path, *tables: str, days: DayRange = DAYS) -> dict[tuple[str, date], DayCoverage]:
    with DuckDBWarehouse(file).session(read_only=True) as session:
        return {(day.table, day.day): day for day in coverage(session, days, tables or None)}
