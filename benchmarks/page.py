"""docs/performance.md and the table on the terminal, from the results. No number is written that is not in them."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import timeit
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measures import TRAINED, Row

TARGETS: dict[str, dict[str, float]] = {
    "season": {"seconds": 60.0, "peak_megabytes": 1500.0},
    "season outside of training and prediction": {"seconds": 20.0},
    "season : floor": {"ratio": 3.0},
    "five seasons : season": {"ratio": 5.5},
    "five seasons": {"peak_megabytes": 1500.0},
    "week": {"seconds": 12.0, "peak_megabytes": 1500.0},
    "week, a run for each day : at once": {"ratio": 20.0},
    "season, a run for each day : at once": {"ratio": 20.0},
    "nba-assets --help": {"seconds": 0.5},
}
"""What was aimed for on two cores: figures and their bounds; at least that where it is against one run per day."""
_AT_LEAST = {"week, a run for each day : at once", "season, a run for each day : at once"}
_LIBRARIES = ("dagster", "duckdb", "ibis-framework", "lightgbm", "numpy", "pandas", "pyarrow")


def machine() -> dict[str, Any]:
    """What the figures depend on besides the code."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gigabytes": round(memory),
        "processor": _processor(),
        "system": platform.system(),
        "yardstick_seconds": yardstick(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def yardstick() -> float:
    """Seconds that Python takes for ten million additions, the median of five times.

    Machines of one name were seen to differ by a factor of two: seconds of two pages can be compared only by what this
    was on each.
    """
    return round(median(timeit.repeat("for number in numbers: total += number", _COUNT, number=1)), 2)


_COUNT = "total, numbers = 0, range(10_000_000)"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def with_ratios(rows: list[Row]) -> list[Row]:
    """The rows and what follows from two of them."""
    by_name = {row["name"]: row for row in rows}
    if {"season", "five seasons"} <= by_name.keys():
        ratio = by_name["five seasons"]["seconds"] / by_name["season"]["seconds"]
        return [*rows, {"name": "five seasons : season", "ratio": round(ratio, 2)}]
    return rows


def verdict(row: Row) -> str:
    """How the row stands to what was aimed for; nothing where nothing was."""
    is_least = row["name"] in _AT_LEAST
    found = []
    for figure, bound in TARGETS.get(row["name"], {}).items():
        is_met = row[figure] >= bound if is_least else row[figure] <= bound
        aim = f"{figure.replace('_', ' ')} {'>=' if is_least else '<='} {bound:g}"
        found.append(f"{aim}: {'met' if is_met else '**missed**'}")
    return "; ".join(found)


_COLUMNS = {
    "seconds": "seconds",
    "cpu_seconds": "processor seconds",
    "peak_megabytes": "peak MB",
    "rows": "rows",
    "rows_per_second": "rows/s",
    "ratio": "ratio",
    "megabytes": "MB on disk",
    "runs": "runs",
}


def table_of(rows: Iterable[Row]) -> list[list[str]]:
    """Cells as text, the heading first."""
    return [["what", *_COLUMNS.values(), "aimed for"]] + [
        [row["name"], *(_number(row.get(name)) for name in _COLUMNS), verdict(row)] for row in rows
    ]


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def page(results: dict[str, Any]) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(results)) + "\n"


def described(facts: dict[str, Any], load: float) -> Iterator[str]:
    """What `machine` found, in lines; load: on the machine when it began."""
    yield f"On {facts['cores']} cores ({facts['processor']}), {facts['memory_gigabytes']} GB,"
    yield ", ".join(f"{name} {facts[name]}" for name in ("python", *_LIBRARIES)) + "."
    yield f"Load on the machine when it began: {load:.2f}. Ten million additions take Python"
    yield f"{facts['yardstick_seconds']:.2f} s here; seconds measured elsewhere are to be held against that."


def _lines(results: dict[str, Any]) -> Iterator[str]:
    facts = results["machine"]
    yield "# Performance"
    yield ""
    yield f"Written by `make bench` on {results['date']}, from real seasons: do not edit. A row is the median of"
    yield "so many runs, each a process of its own."
    if results["only"]:
        yield f"Of all that it can measure these were asked for: {', '.join(results['only'])}."
    yield from described(facts, results["load"])
    yield "Before each part of what follows they took it:"
    yield "; ".join(f"{name} {seconds:.2f} s" for name, seconds in results["yardsticks"].items()) + "."
    yield ""
    yield from markdown(table_of(results["rows"]))
    yield ""
    yield "*Season* is 2021-22 up to its last day, every table and check, with the two seasons before it built;"
    yield "*week* is 1 to 7 January 2022 on all that comes before, with the statements that were kept of it; a run for"
    yield "each day of a week can be no more than seven times slower, as long as a day takes no longer than a week."
    yield "*Floor* is the same computing and training for the same days in DuckDB and LightGBM without orchestration,"
    yield "contracts, checks, comparison or ledger"
    yield "(`benchmarks/floor.py`). It is run in turns with the season, as are the season without checks and that with"
    yield "Dagster's own log. Tables made by training models or asking them:"
    yield ", ".join(TRAINED) + "."
    yield ""
    yield from _by_table(results["rows"])


def _by_table(rows: Iterable[Row]) -> Iterator[str]:
    tables = next((row["tables"] for row in rows if "tables" in row), None)
    if tables is None:
        return
    yield "## Where the time of a season goes"
    yield ""
    heading = ["table", "seconds", "processor seconds", "events and checks, seconds", "peak MB", "rows"]
    cells = [
        [
            table["table"],
            *(f"{table[name]:,.1f}" for name in ("seconds", "cpu_seconds", "other_seconds")),
            f"{table['peak_megabytes']:,.0f}",
            f"{table['rows']:,}",
        ]
        for table in sorted(tables, key=lambda table: -table["seconds"] - table["other_seconds"])
    ]
    yield from markdown([heading, *cells])
    yield ""
    yield "Peak: of the whole process while the table was made and checked."


def markdown(cells: list[list[str]]) -> Iterator[str]:
    """The lines of a table, the heading first; all columns but the first are of numbers."""
    yield "| " + " | ".join(cells[0]) + " |"
    yield "|" + "|".join("---" if number == 0 else "--:" for number in range(len(cells[0]))) + "|"
    for row in cells[1:]:
        yield "| " + " | ".join(row) + " |"
