"""The checks of all tables as Dagster definitions: each looks through a session of its own, which cannot write."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from nba_assets.assets.factory import asset_key
from nba_assets.checks.catalog import checks_of
from nba_assets.checks.check import Check
from nba_assets.checks.evaluate import Results, judge
from nba_assets.checks.look import Look
from nba_assets.checks.results import Evaluate, daily_checks
from nba_assets.checks.verdict import Severity
from nba_assets.days import DayRange
from nba_assets.expected import EXPECTED
from nba_assets.figures.calendar import coverage_calendar
from nba_assets.platform import Platform
from nba_assets.tables import TABLES, Table


def _looking_at(table: Table) -> Evaluate:
    def evaluate(platform: Platform, days: DayRange, checks: list[Check]) -> tuple[Results, str]:
        # Opened for reading, a file that lacks the table is an error; for writing, the table would be made, empty.
        with platform.warehouse.session(read_only=True) as session:
            look = Look(session, table, days)
            results = dict(judge(look, checks))
            calendar = coverage_calendar(look.coverage.values()) if table.name in EXPECTED else ""
        if platform.accepts_missing_history and "history" in results:
            results["history"] = {day: replace(v, severity=Severity.WARN) for day, v in results["history"].items()}
        platform.observer.checked(table, results)
        return results, calendar

    return evaluate


TABLE_CHECKS: list[dg.AssetChecksDefinition] = [
    daily_checks(asset_key(table), checks_of(table), _looking_at(table)) for table in TABLES.values()
]
