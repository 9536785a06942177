"""The progress bar of a backfill: which table is being built, how many are done, how long it may take."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from nba_assets.checks.catalog import checks_of
from nba_assets.checks.evaluate import Results
from nba_assets.checks.results import summary
from nba_assets.days import DayRange
from nba_assets.planning import Plan
from nba_assets.platform import Observer
from nba_assets.tables import Table
from nba_assets.visible import visible
from nba_assets.warehouse.protocol import WriteReport


def say(text: str) -> None:
    """A line on standard error, above the bar if there is one; also where progress is kept quiet."""
    print(visible(text, has_lines=True), file=sys.stderr, flush=True)


@contextmanager
def table_progress(plan: Plan, is_quiet: bool) -> Iterator[Observer]:
    """An observer that draws a bar on standard error, in table-days, with a line for each table as it is done and one
    for each check that some day does not pass."""
    console = Console(stderr=True, quiet=is_quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} table-days"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        total = sum(len(step.tables) * len(step.days) for step in plan.steps)
        yield _Bar(progress, progress.add_task("starting", total=total))


class _Bar(Observer):
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def begun(self, table: Table, days: DayRange) -> None:
        self._progress.update(self._task, description=f"{table.full_name} {days}")

    def written(self, table: Table, days: DayRange, report: WriteReport) -> None:
        self._progress.advance(self._task, len(days))
        aside = sum(report.set_aside.values())
        self._print(
            f"{table.full_name:<44} {days}  {sum(report.rows.values()):>9,} rows"
            + (f", {aside:,} set aside" if aside else "")
        )

    def judges(self, text: str) -> None:
        self._print(text)

    def checked(self, table: Table, results: Results) -> None:
        for check in checks_of(table):
            bad = {day: v for day, v in results.get(check.name, {}).items() if not v.is_passed}
            if bad:
                self._print(f"  {table.full_name}: {summary(check, bad)}")

    def waits(self, text: str) -> None:
        say(text)

    def _print(self, line: str) -> None:
        self._progress.console.print(visible(line), highlight=False, markup=False, soft_wrap=True)
