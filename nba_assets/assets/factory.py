"""How a table record becomes an asset: key, upstreams, partitions, metadata, and per-day row counts.

What is written into the table is not decided here but by the body that is passed in. (No postponed annotations here:
Dagster reads the annotation of `context` at definition.)
"""

import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

from nba_assets.assets.page import page_metadata
from nba_assets.days import DayRange, ranges_of
from nba_assets.history import ledger_of, missing_days, require_same_days
from nba_assets.partitions import DAILY, days_of
from nba_assets.platform import Platform
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import Session, WriteReport

Body = Callable[[Platform, Session, DayRange], WriteReport]
"""Computes a table's days and writes them; returns what was written."""

OWNERS = ["team:nba-assets"]
_KINDS = {"source": {"python"}, "sql": {"ibis"}, "lightgbm": {"lightgbm"}}
"""What computes a table; the engine that it lives in is added where the code location is built."""


def asset_key(table: Table) -> dg.AssetKey:
    """[dataset, table]."""
    return dg.AssetKey([table.dataset, table.name])


def table_asset(table: Table, body: Body, pool: str | None = None) -> dg.AssetsDefinition:
    """The asset of a table. One run materializes any range of days; each day gets its own row count in the UI.

    pool: Dagster's name for what only so many steps may use at a time, over all runs.
    """

    def materialize(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        platform: Platform = context.resources.platform
        days = days_of(context)
        platform.turns.confirm(days)
        platform.observer.begun(table, days)
        with platform.warehouse.session() as session:
            missing = missing_days(ledger_of(session, [table], days), table, days)
            require_same_days(table, days, missing)
            report = body(platform, session, days)
            page = page_metadata(session, table, days, report)
            costs = _costs(session)
        platform.observer.written(table, days, report)
        for day, count in report.rows.items():
            counts = {"dagster/partition_row_count": count, "set_aside": report.set_aside[day]}
            context.add_asset_metadata(
                counts | page if day == days.last else counts,
                partition_key=day.isoformat(),
            )
        history = {name: ", ".join(str(r) for r in ranges_of(absent)) for name, absent in missing.items()}
        if history:
            context.log.warning(f"{table.full_name} {days}: look-back days not built: {history}")
        return dg.MaterializeResult(metadata=_run_metadata(days, report, history) | costs)

    with warnings.catch_warnings():
        # Backfill policies are beta in the pinned release; what is relied on is characterized by tests.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            key=asset_key(table),
            deps=[
                dg.AssetDep(asset_key(TABLES[name]), partition_mapping=dg.IdentityPartitionMapping())
                for name in table.reads
            ],
            partitions_def=DAILY,
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=table.dataset,
            kinds=_KINDS[table.kind],
            owners=OWNERS,
            description=_description(table),
            metadata=_definition_metadata(table),
            required_resource_keys={"platform"},
            pool=pool,
        )(materialize)


def _description(table: Table) -> str:
    grain = f"**Grain:** {table.grain}. **Key:** {', '.join(table.key)}."
    formula = f"\n\n**Formula:** {table.formula}" if table.formula else ""
    return f"{table.description}\n\n{grain}{formula}"


def _definition_metadata(table: Table) -> dict[str, Any]:
    schema = dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
            )
            for column in table.columns
        ]
    )
    return {
        "dagster/column_schema": schema,
        "dagster/table_name": table.full_name,
        "partition_expr": "game_date",
        "key": ", ".join(table.key),
        "look_back": "; ".join(f"{name}: {back}" for name, back in table.reads.items()) or "none",
    }


def _run_metadata(days: DayRange, report: WriteReport, history: dict[str, str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "run_days": len(days),
        "run_rows": sum(report.rows.values()),
        "run_days_changed": len(report.changed),
        "run_rows_set_aside": sum(report.set_aside.values()),
    }
    if report.reasons:
        metadata["set_aside_reasons"] = dg.MetadataValue.json(dict(report.reasons))
    if history:
        metadata["history_not_built"] = dg.MetadataValue.json(history)
    return metadata


def _costs(session: Session) -> dict[str, Any]:
    """What the engine will bill, where it bills by the query."""
    if not session.queries:
        return {}
    billed = [{"job": q.job, "bytes_billed": q.bytes_billed, "seconds": q.seconds} for q in session.queries]
    return {"bytes_billed": sum(q.bytes_billed for q in session.queries), "queries": dg.MetadataValue.json(billed)}
