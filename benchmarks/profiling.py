"""make profile: where the time of a backfill goes, by what it is spent on and by function. Writes docs/profile.md.

python -m benchmarks.profiling --archive FOLDER [--folder FOLDER]

What a week and a season take as a whole, and by table, is measured by `measures.py`: a profiler takes time of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pyinstrument.frame import Frame
from pyinstrument.session import Session

from benchmarks import page
from benchmarks.commands import PROJECT, installed
from benchmarks.measures import SEASON, WEEK, Bench
from nba_assets.days import DayRange

_PAGE = PROJECT / "docs" / "profile.md"
_INTERVAL_SECONDS = 0.005
_FUNCTIONS = 20

OWN = f"{PROJECT / 'nba_assets'}/"
"""Where the files of this project are; libraries may be in a folder of the same name."""
OTHER = "Python of this project"
_LOADING = "loading libraries"
PARTS: Mapping[str, tuple[str, ...]] = {
    _LOADING: ("<frozen importlib",),
    "drawing charts": ("/matplotlib/",),
    "LightGBM": ("/lightgbm/",),
    "neural network": tuple(
        f"/nba_assets/models/{name}.py" for name in ("network", "network_training", "layers", "company")
    ),
    "Ibis expressions, and SQL of them": ("/ibis/", "/sqlglot/"),
    "event log in SQLite": ("/sqlalchemy/", "/alembic/", "/sqlite3/"),
    "Dagster": ("/dagster/", "/dagster_shared/"),
    "pandas, NumPy and Arrow": ("/pandas/", "/numpy/", "/pyarrow/"),
    "DuckDB": ("/nba_assets/warehouse/duckdb", "/nba_assets/warehouse/judging.py", "/nba_assets/sources/archive.py"),
    OTHER: (OWN,),
}
"""Part -> what is in the paths of its files. Time is of the part whose file is nearest to where it was spent, whoever
asked for it; what a library does while it is loaded is loading. What DuckDB computes is spent in what waits for it."""


@dataclass
class Spent:
    """Seconds of the main thread, waiting included: by part, and by function of this project with what it calls of
    others."""

    by_part: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_function: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def spent(root: Frame) -> Spent:
    """What a tree of frames says."""
    found = Spent()
    # Not by recursion: the tree is deeper than Python's stack may be.
    left = [(root, OTHER, "")]
    while left:
        frame, part, function = left.pop()
        file = frame.file_path or ""
        if part != _LOADING:
            part = next((name for name, marks in PARTS.items() if any(mark in file for mark in marks)), part)
        if file.startswith(OWN):
            function = f"{file.removeprefix(OWN)} {frame.function}"
        own = frame.time - sum(child.time for child in frame.children)
        found.by_part[part] += own
        found.by_function[function or "outside of it"] += own
        left += [(child, part, function) for child in frame.children]
    return found


def profiled(bench: Bench, days: DayRange, name: str) -> Spent:
    """A backfill of the days on their history, as a person runs it, under a profiler that looks every 5 ms."""
    file = bench.folder / "profile.pyisession"
    profiler = (sys.executable, "-m", "pyinstrument", "-i", str(_INTERVAL_SECONDS), "-r", "pyisession", "-o", str(file))
    bench.on_history(days, name, *profiler, installed("nba-assets"), "backfill", str(days.first), str(days.last))
    root = Session.load(file).root_frame()
    if root is None:
        raise ValueError(f"{file} has no samples of {name}")
    return spent(root)


def lines(of: Mapping[str, Spent], facts: dict[str, object], load: float) -> Iterator[str]:
    """The page. of: what was profiled -> what was found; facts, load: as for `page.described`."""
    yield "# Where the time goes"
    yield ""
    yield f"Written by `make profile` on {date.today()}, from real seasons: do not edit. One backfill each, under a"
    yield f"profiler that looks at the main thread every {_INTERVAL_SECONDS * 1000:.0f} ms and takes time of its own;"
    yield "how long they take without it is in [performance](performance.md). *Week* and *season* are as there."
    yield from page.described(facts, load)
    yield ""
    yield from _table("spent on", {name: one.by_part for name, one in of.items()})
    yield ""
    yield "What other threads compute is there as the time that is waited for it: DuckDB's as DuckDB, and what trains"
    yield "and asks models as Python of this project. What a library does counts for the library, whoever calls it. A"
    yield "statement that the history has not kept is compiled, which is `warehouse/duckdb_sql.py compiled`."
    yield ""
    yield "## By function"
    yield ""
    yield f"The {_FUNCTIONS} functions of this project where most is spent, with what they call of libraries and"
    yield "without what they call of this project."
    yield ""
    yield from _table("function", {name: one.by_function for name, one in of.items()}, _FUNCTIONS)


def _table(heading: str, of: Mapping[str, Mapping[str, float]], most: int | None = None) -> Iterator[str]:
    """A row for each that any spent time on, the largest of the last one first, and of all together; `most` rows."""
    *_, last = of.values()
    names = sorted({name for one in of.values() for name in one}, key=lambda name: -last.get(name, 0.0))
    rows = {name: [one.get(name, 0.0) for one in of.values()] for name in names[:most]}
    whole = [sum(one.values()) for one in of.values()]
    cells = [
        [name, *(cell for one, all_of_it in zip(seconds, whole, strict=True) for cell in _cells(one, all_of_it))]
        for name, seconds in (rows | {"in all": whole}).items()
    ]
    yield from page.markdown([[heading, *(f"{name}, {unit}" for name in of for unit in ("seconds", "share"))], *cells])


def _cells(seconds: float, all_of_it: float) -> tuple[str, str]:
    return f"{seconds:.1f}", f"{seconds / all_of_it:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profiling", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="A folder of real seasons (docs/sources.md).")
    parser.add_argument("--folder", type=Path, help="Keep prepared homes here, for the next time.")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with (
        nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory(prefix="nba_assets_bench_") as folder
    ):
        bench = Bench(given.archive.resolve(), Path(folder).resolve(), 1, lambda text: print(text, file=sys.stderr))
        found = {"week": profiled(bench, WEEK, "week"), "season": profiled(bench, SEASON, "season")}
    text = "\n".join(lines(found, page.machine(), load)) + "\n"
    _PAGE.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
