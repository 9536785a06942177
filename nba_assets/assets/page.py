"""What an asset's page shows of a run: a few rows, a calendar of row counts, and plots of graded forecasts.

It is metadata of the last day's materialization only, which is the one that an asset's page opens with: a run over a
season stores one materialization a day, and would store an image as often. Charts are drawn in `figures/charts.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import dagster as dg

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.figures.calendar import rows_calendar
from nba_assets.tables import Table
from nba_assets.tables.predictions import PREDICTION_ACCURACY
from nba_assets.warehouse.protocol import Session, WriteReport

SAMPLE_ROWS = 5
SAMPLE_COLUMNS = 12
PLOTTED_DAYS_BEFORE = 90
_DULL = frozenset({"season_year", "source", "player_lookup", "game_id", "team_id", "opponent_team_id"})
"""Columns that tell a reader of a few rows nothing, unless they are of the key."""


def page_metadata(session: Session, table: Table, days: DayRange, report: WriteReport) -> dict[str, Any]:
    """What the page shows of the days that were just written."""
    metadata: dict[str, Any] = {"rows_by_day": dg.MetadataValue.md(rows_calendar(report.rows))}
    sample = sample_rows(session, table, report.rows)
    if sample is not None:
        metadata["sample"] = sample
    if table.name == PREDICTION_ACCURACY.name:
        metadata |= accuracy_plots(session, days)
    return metadata


def sample_columns(table: Table) -> list[str]:
    """The columns shown of a table: its key, then the player's name, then others in the record's order."""
    rest = [c for c in table.column_names if c not in _DULL]
    names = [c for c in rest if c == "player_name"]
    return list(dict.fromkeys(("game_date", *table.key, *names, *rest)))[:SAMPLE_COLUMNS]


def sample_rows(session: Session, table: Table, rows: Mapping[date, int]) -> dg.TableMetadataValue | None:
    """The first rows, by key, of the last day that has any; None if no day has."""
    with_rows = [day for day, count in rows.items() if count]
    if not with_rows:
        return None
    columns = sample_columns(table)
    last = max(with_rows)
    found = session.read(table, DayRange(last, last)).select(columns).order_by(*table.key).limit(SAMPLE_ROWS)
    types = {"int64": "int", "float64": "float", "boolean": "bool"}
    return dg.MetadataValue.table(
        records=[dg.TableRecord({c: _plain(row[c]) for c in columns}) for row in session.frame(found).to_pylist()],
        schema=dg.TableSchema([dg.TableColumn(c, types.get(table.column(c).type, "string")) for c in columns]),
    )


def accuracy_plots(session: Session, days: DayRange) -> dict[str, Any]:
    """Error and calibration by month and system, over these days and PLOTTED_DAYS_BEFORE before; none if ungraded.

    Charts of each information set, with a panel for each market: `error_pregame`.
    """
    from nba_assets.evaluation.measures import Selection, evaluate
    from nba_assets.evaluation.slices import by_subject
    from nba_assets.figures import charts

    first = max(days.first - timedelta(days=PLOTTED_DAYS_BEFORE), min(FIRST_DAY, days.first))
    graded = evaluate(session, DayRange(first, days.last), "month", Selection(minimum_games=0))
    subjects = by_subject(graded.slices)
    plots: dict[str, Any] = {}
    for information_set in dict.fromkeys(of for of, _ in subjects):
        panels = [slices for (of, _), slices in subjects.items() if of == information_set]
        error = charts.as_markdown_image(charts.error_chart(*panels), "mean absolute error by month")
        plots[f"error_{information_set}"] = dg.MetadataValue.md(error)
        with_quantiles = [slices for slices in panels if any(one.inside.count for one in slices)]
        if with_quantiles:
            inside = charts.as_markdown_image(
                charts.inside_chart(*with_quantiles), "share between p10 and p90 by month"
            )
            plots[f"calibration_{information_set}"] = dg.MetadataValue.md(inside)
    return plots


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float):
        # What is not finite is no JSON, and would be refused by the page.
        return round(value, 4) if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, str | int | bool) else str(value)
