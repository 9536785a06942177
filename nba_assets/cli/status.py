"""nba-assets status and validate: how complete each table is on a range of days, and what is absent and why."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import as_range, day_range, json_option
from nba_assets.visible import visible

if TYPE_CHECKING:
    from nba_assets.absence import Absent
    from nba_assets.coverage import DayCoverage
    from nba_assets.days import DayRange


@click.command()
@day_range
@json_option
def status(start: date, end: date, as_json: bool) -> None:
    """Show tables by days built, records and coverage, from START to END (YYYY-MM-DD, both included).

    Exit status 0 only if every table is built on every day.
    """
    days = as_range(start, end)
    found = _coverage(days)
    lines = _by_table(found)
    if as_json:
        click.echo(json.dumps(lines))
    else:
        _print_status(lines, days)
    sys.exit(0 if all(day.is_built for day in found) else 1)


@click.command()
@day_range
@json_option
def validate(start: date, end: date, as_json: bool) -> None:
    """List what is missing from START to END (YYYY-MM-DD, both included), by table, day and reason.

    Exit status 1 if anything that could be there is not.
    """
    from nba_assets.absence import ACCEPTED, EXAMPLES

    days = as_range(start, end)
    found = _coverage(days)
    gaps = [
        {
            "table": day.table,
            "day": str(day.day),
            "reason": reason,
            "keys": absent.count,
            "expected": day.expected,
            "examples": list(absent.first[:EXAMPLES]),
        }
        for day in found
        for reason, absent in (_unbuilt(day) or day.missing).items()
    ]
    # What could not be there is no gap, but it is not passed over either.
    accepted = [gap for gap in gaps if gap["reason"] in ACCEPTED]
    gaps = [gap for gap in gaps if gap["reason"] not in ACCEPTED]
    is_complete = all(day.is_complete for day in found)
    if as_json:
        click.echo(json.dumps({"complete": is_complete, "missing": gaps, "accepted": accepted}))
    else:
        _print_gaps(gaps, days, is_complete, accepted)
    sys.exit(0 if is_complete else 1)


def _unbuilt(day: DayCoverage) -> Mapping[str, Absent]:
    """What a day that was never built lacks: everything, for one reason, even if nobody knows which keys."""
    from nba_assets.absence import NOT_BUILT, Absent

    return {} if day.is_built else day.missing or {NOT_BUILT: Absent(0, ())}


def _coverage(days: DayRange) -> list[DayCoverage]:
    from nba_assets.coverage import coverage
    from nba_assets.platform import build_warehouse
    from nba_assets.settings import load_settings

    with build_warehouse(load_settings()).session(read_only=True) as session:
        return coverage(session, days)


def _by_table(found: list[DayCoverage]) -> list[dict[str, Any]]:
    from nba_assets.absence import ACCEPTED
    from nba_assets.tables import TABLES

    lines = []
    for name, table in TABLES.items():
        days = [day for day in found if day.table == name]
        reasons: Counter[str] = Counter()
        for day in days:
            reasons.update({reason: absent.count for reason, absent in day.missing.items()})
        could_be = [day for day in days if day.expected is not None]
        accepted = sum(count for reason, count in reasons.items() if reason in ACCEPTED)
        expected = sum(day.expected or 0 for day in could_be) - accepted
        present = sum(day.present or 0 for day in could_be)
        lines.append(
            {
                "table": table.full_name,
                "days": len(days),
                "days_built": sum(day.is_built for day in days),
                "records": sum(day.rows for day in days),
                "expected": expected if could_be else None,
                "present": present if could_be else None,
                "coverage_pct": present / expected if could_be and expected else None,
                "set_aside": sum(day.set_aside for day in days),
                "missing": dict(reasons),
            }
        )
    return lines


def _print_status(lines: list[dict[str, Any]], days: DayRange) -> None:
    from rich.console import Console
    from rich.table import Table

    grid = Table(title=f"Tables, {days}", title_justify="left")
    grid.add_column("table", no_wrap=True)
    for heading in ("days", "records", "expected", "present", "coverage", "set aside"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("absent, by reason")
    for line in lines:
        share = line["coverage_pct"]
        grid.add_row(
            line["table"],
            f"{line['days_built']}/{line['days']}",
            f"{line['records']:,}",
            "-" if line["expected"] is None else f"{line['expected']:,}",
            "-" if line["present"] is None else f"{line['present']:,}",
            "-" if share is None else f"{100 * share:.1f} %",
            f"{line['set_aside']:,}",
            "; ".join(f"{reason}: {count:,}" for reason, count in line["missing"].items()),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(grid)


def _print_gaps(gaps: list[dict[str, Any]], days: DayRange, is_complete: bool, accepted: list[dict[str, Any]]) -> None:
    for gap in gaps:
        examples = "; ".join(", ".join(f"{k}={visible(v)}" for k, v in key.items()) for key in gap["examples"])
        keys = f"{gap['keys']} of {gap['expected']} keys" if gap["keys"] else "whole day"
        example = f" (such as {examples})" if examples else ""
        click.echo(f"{gap['table']} {gap['day']}: {keys}: {gap['reason']}{example}")
    counts: Counter[tuple[str, str]] = Counter()
    for gap in accepted:
        counts[gap["table"], gap["reason"]] += gap["keys"]
    for (table, reason), count in counts.items():
        click.echo(f"{table}: {count:,} keys are rightly absent: {reason}")
    click.echo(f"{days}: " + ("complete." if is_complete else "something is missing."))
