"""nba-assets check: the verdicts of all checks on a range of days, as they are now. Dagster is not asked."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, json_option, table_names
from nba_assets.visible import visible

if TYPE_CHECKING:
    from nba_assets.checks.verdict import Verdict
    from nba_assets.days import DayRange


@click.command()
@day_range
@click.option("--tables", help="Only these tables (names separated by commas).")
@json_option
def check(start: date, end: date, tables: str | None, as_json: bool) -> None:
    """Ask every check about every day from START to END (YYYY-MM-DD, both included), and list what did not pass.

    Exit status 1 if a check of severity ERROR did not pass.
    """
    days = as_range(start, end)
    asked, failures = _failures(days, table_names(tables))
    if as_json:
        click.echo(json.dumps({"verdicts": asked, "failed": failures}))
    else:
        for failure in failures:
            where = f"{failure['table']}: {failure['severity']} {failure['check']}"
            click.echo(f"{where} on {', '.join(failure['days'])}: {visible(failure['text'])}")
        bad = sum(failure["days_failed"] for failure in failures)
        click.echo(f"{days}: {asked:,} verdicts, {asked - bad:,} passed, {bad:,} did not.")
    sys.exit(1 if any(failure["severity"] == "ERROR" for failure in failures) else 0)


def _failures(days: DayRange, tables: list[str] | None) -> tuple[int, list[dict[str, Any]]]:
    """How many verdicts there are, and those that did not pass by table, check and severity."""
    from nba_assets.checks.catalog import checks_of
    from nba_assets.checks.evaluate import evaluate
    from nba_assets.checks.look import Surroundings
    from nba_assets.checks.verdict import on_first
    from nba_assets.days import ranges_of
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings
    from nba_assets.tables import TABLES

    asked, failures = 0, []
    with build_warehouse(load_settings()).session(read_only=True) as session:
        chosen = [TABLES[name] for name in tables or TABLES]
        around = Surroundings(session, chosen, days)
        for table in chosen:
            results = evaluate(session, table, days, checks_of(table), around)
            for of_table in checks_of(table):
                verdicts = results[of_table.name]
                asked += len(verdicts)
                by_severity: dict[str, dict[date, Verdict]] = {}
                for day, verdict in verdicts.items():
                    if not verdict.is_passed:
                        by_severity.setdefault((verdict.severity or of_table.severity).value, {})[day] = verdict
                failures += [
                    {
                        "table": table.full_name,
                        "check": of_table.name,
                        "severity": severity,
                        "days": [str(r) for r in ranges_of(bad)],
                        "days_failed": len(bad),
                        "text": on_first(bad),
                    }
                    for severity, bad in by_severity.items()
                ]
    return asked, failures
