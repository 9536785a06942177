"""The progress bar of a backfill: which table is being built, how many are done, how long it may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from nba_assets.days import DayRange
from nba_assets.planning import Plan
from nba_assets.platform import Listener
from nba_assets.tables import Table
from nba_assets.warehouse.protocol import WriteReport


@contextmanager
def table_progress(plan: Plan, is_quiet: bool) -> Iterator[Listener]:
    """A listener that draws a bar on standard error, in table-days, with a line for each table as it is done."""
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
        task = progress.add_task("starting", total=total)

        def listener(table: Table, days: DayRange, report: WriteReport | None) -> None:
            if report is None:
                progress.update(task, description=f"{table.full_name} {days}")
                return
            progress.advance(task, len(days))
            aside = sum(report.set_aside.values())
            progress.console.print(
                f"{table.full_name:<44} {days}  {sum(report.rows.values()):>9,} rows"
                + (f", {aside:,} set aside" if aside else ""),
                highlight=False,
                soft_wrap=True,
            )

        yield listener
