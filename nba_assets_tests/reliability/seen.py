"""What a home holds: rows, ledger, Dagster's list of runs, and what of it is not as it has to be after a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nba_assets.assets.factory import asset_key
from nba_assets.checks.unjudged import unjudged
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.planning import Plan, Request, make_plan
from nba_assets.settings import load_settings
from nba_assets.tables import TABLES
from nba_assets.warehouse.duckdb import DuckDBWarehouse
from nba_assets.warehouse.protocol import DayState, WarehouseError
from nba_assets_tests.graph import Contents, Row, contents_of, differing

TableDay = tuple[str, date]
_COUNTS = re.compile(r"([\d,]+) table-days to build, .* ([\d,]+) are up to date and skipped\.")


@dataclass(frozen=True)
class Seen:
    """Rows by table, and of each built day the ledger's rows, set aside and checksum."""

    rows: Contents
    ledger: dict[TableDay, tuple[int, int, str | None]]
    states: tuple[DayState, ...]

    def on(self, name: str, day: date) -> list[Row]:
        table = TABLES[name]
        place = [c for c in table.column_names if c not in table.volatile].index("game_date")
        return [row for row in self.rows[name] if row[place] == day]


NOTHING = Seen({name: [] for name in TABLES}, {}, ())


def see(home: Path, days: DayRange) -> Seen:
    """What is in the warehouse on these days; nothing where its tables were not made yet."""
    file = load_settings({"NBA_ASSETS_HOME": str(home)}).warehouse_file
    if not file.exists():
        return NOTHING
    try:
        with DuckDBWarehouse(file, wait_seconds=60).session(read_only=True) as session:
            found = session.rows(
                "SELECT table_name, game_date, row_count, set_aside_count, checksum FROM nba_assets.day_ledger "
                "WHERE game_date BETWEEN $first AND $last",
                {"first": days.first, "last": days.last},
            )
            states = session.day_states(days)
            # In the same session: between two, another process may write.
            rows = contents_of(session, days)
    except WarehouseError as error:
        if "The warehouse is empty" in str(error):
            return NOTHING
        raise
    ledger = {(r["table_name"], r["game_date"]): (r["row_count"], r["set_aside_count"], r["checksum"]) for r in found}
    return Seen(rows, ledger, tuple(states))


def plan_of(request: Request, seen: Seen) -> Plan:
    return make_plan(request, seen.states)


def partial(request: Request, before: Seen, after: Seen, whole: Seen) -> list[str]:
    """What is there in part: a step's days of a table of which some are built, rows of a day that are not its rows."""
    found = []
    for step in plan_of(request, before).steps:
        for name in step.tables:
            built = [day for day in step.days if (name, day) in after.ledger]
            if built and len(built) < len(step.days):
                found.append(f"{name} is built on {len(built)} of {step.days}")
    return found + wrong_days(request.reach, after, whole)


def wrong_days(days: DayRange, after: Seen, whole: Seen) -> list[str]:
    """Days that have other rows, or another entry in the ledger, than in the end; or rows, and no entry."""
    found = []
    for name, day in ((name, day) for name in TABLES for day in days):
        is_built = (name, day) in after.ledger
        rows, expected = after.on(name, day), whole.on(name, day) if is_built else []
        if rows != expected:
            found.append(f"{name} on {day}: {len(rows)} rows that are not the {len(expected)} that it has to have")
        if is_built and after.ledger[name, day] != whole.ledger[name, day]:
            found.append(f"{name} on {day}: the ledger has {after.ledger[name, day]}")
    return found


def unequal(one: Seen, other: Seen) -> list[str]:
    """In what two homes differ that should hold the same."""
    rows = [f"{name}: {pairs[0]}" for name, pairs in differing(one.rows, other.rows).items()]
    return rows + [f"ledger of {key}" for key in sorted({k for k, _ in one.ledger.items() ^ other.ledger.items()})]


def counts_said(text: str) -> tuple[int, int]:
    """Of a plan as it is printed: table-days to build, and up to date."""
    if "Every table is built and up to date" in text:
        return 0, -1
    found = _COUNTS.search(text)
    assert found, text[-2000:]
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def counts_due(request: Request, seen: Seen) -> tuple[int, int]:
    """What `counts_said` has to be: nothing that is built is built again."""
    plan = plan_of(request, seen)
    to_build = sum(len(days) for days in plan.days.values())
    built = sum((name, day) in seen.ledger for name, days in request.needed.items() for day in days)
    return to_build, built if to_build else -1


def dagster_lacks(home: Path, seen: Seen, names: Iterable[str] = TABLES) -> list[str]:
    """What the web interface would show wrongly: built days as missing, runs of nobody as going on."""
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(home)})) as instance:
        going_on = [f"run {run.run_id} is {run.status}" for run in instance.get_runs() if not run.is_finished]
        for name in names:
            known = instance.get_materialized_partitions(asset_key(TABLES[name]))
            built = {str(day) for table, day in seen.ledger if table == name}
            if not built <= known:
                going_on.append(f"{name}: {len(built - known)} built days are not known")
    return going_on


def not_judged(home: Path, request: Request) -> list[str]:
    """Days asked for on whose rows not every check has given its verdict."""
    asked = [(name, day) for name, days in request.needed.items() for day in request.days if day in days]
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(home)})) as instance:
        return [f"{name} on {day} was not judged by every check" for name, day in sorted(unjudged(instance, asked))]
