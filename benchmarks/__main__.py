"""make bench: measure, print one table, write it as JSON and as docs/performance.md.

python -m benchmarks --archive FOLDER [--runs 3] [--only season week] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import page
from benchmarks.commands import PROJECT
from benchmarks.measures import MEASURES, Bench

_PAGE = PROJECT / "docs" / "performance.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="A folder of real seasons (docs/sources.md).")
    parser.add_argument("--runs", type=int, default=3, help="Of each command that is repeated.")
    parser.add_argument("--only", nargs="+", choices=MEASURES, help="These measures alone.")
    parser.add_argument("--folder", type=Path, help="Keep prepared homes here, for the next time.")
    parser.add_argument("--output", type=Path, default=PROJECT / "benchmarks" / "results" / "performance.json")
    parser.add_argument("--no-page", action="store_true", help="docs/performance.md stays as it is.")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    folder = given.folder or Path(tempfile.mkdtemp(prefix="nba_assets_bench_"))
    bench = Bench(given.archive.resolve(), folder.resolve(), given.runs, lambda text: print(text, file=sys.stderr))
    facts = {"date": str(date.today()), "machine": page.machine(), "load": load, "runs": given.runs, "only": given.only}
    rows: list[page.Row] = []
    yardsticks: dict[str, float] = {}
    given.output.parent.mkdir(parents=True, exist_ok=True)
    try:
        for name in given.only or MEASURES:
            yardsticks[name] = page.yardstick()
            rows += MEASURES[name](bench)
            # After each: they take long, and what was measured stays if a later one fails.
            results = facts | {"yardsticks": yardsticks, "rows": page.with_ratios(rows)}
            given.output.write_text(json.dumps(results, indent=1) + "\n")
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    _print(results["rows"])
    if not given.no_page:
        _PAGE.write_text(page.page(results))


def _print(rows: list[page.Row]) -> None:
    heading, *cells = page.table_of(rows)
    grid = Table()
    for name in heading:
        grid.add_column(name, justify="left" if name == heading[0] else "right")
    for row in cells:
        grid.add_row(*row)
    Console(width=200).print(grid)


if __name__ == "__main__":
    main()
