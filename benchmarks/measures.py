"""What is measured: each function runs commands on prepared homes and gives rows of the table of results.

How a command is measured is in `commands.py`; how results are written down in `page.py`. What is held against each
other is run in turns, so that a slow hour of the machine falls on both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.commands import Cost, copied, installed, measured, middle
from nba_assets.days import FIRST_DAY, DayRange

Row = dict[str, Any]

SEASON = DayRange(date(2021, 10, 19), date(2022, 4, 10))
WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
FIVE_SEASONS = DayRange(FIRST_DAY, date(2024, 4, 14))
GROWTH = (1, 7, 28, 91)
"""Days from the season's first on."""
EVERY = 20
"""Of a season's days one of so many has a run of its own."""


@dataclass
class Bench:
    """archive: a folder of real seasons. folder: where homes are. runs: of each command that is repeated."""

    archive: Path
    folder: Path
    runs: int
    say: Callable[[str], None] = print
    _took: dict[str, list[list[Row]]] = field(default_factory=dict)

    def history(self, days: DayRange) -> Path:
        """A home with every table built on all days before these, made once."""
        home = self.folder / f"before-{days.first}"
        if not (home / "complete").exists():
            last = days.first - timedelta(days=1)
            self.say(f"history to {last}")
            copied(self.history(SEASON) if days.first > SEASON.first else self.folder / "nothing", home)
            (home / "complete").unlink(missing_ok=True)
            self.backfill(home, DayRange(FIRST_DAY, last))
            (home / "complete").touch()
        return home

    def backfill(self, home: Path, days: DayRange) -> Cost:
        """`nba-assets backfill` of the days, as a person runs it."""
        command = [installed("nba-assets"), "backfill", str(days.first), str(days.last)]
        return measured(command, home, self.archive)

    def on_history(self, days: DayRange, name: str, *command: str) -> Cost:
        """The command on a copy of the home with the days' history."""
        self.say(name)
        return measured(command, copied(self.history(days), self.folder / "run"), self.archive)

    def build(self, days: DayRange, name: str, *options: str, history: bool = True) -> tuple[Cost, list[Row]]:
        """The same as a backfill of the days, with what each table took."""
        file = self.folder / "took.json"
        command = (sys.executable, "-m", "benchmarks.building", str(days.first), str(days.last), str(file), *options)
        if history:
            cost = self.on_history(days, name, *command)
        else:
            self.say(name)
            cost = measured(command, copied(self.folder / "nothing", self.folder / "run"), self.archive)
        tables = json.loads(file.read_text())
        # The process counts its peak anew for each table, and the system then knows of the last only.
        peak = max(cost.peak_megabytes, *(table["peak_megabytes"] for table in tables))
        return replace(cost, peak_megabytes=peak), tables


def season(bench: Bench) -> Iterator[Row]:
    """A season as a whole, against the same computing without the platform, and without parts of it; and by table."""
    whole, floor, took = [], [], []
    without: dict[str, list[Cost]] = {option: [] for option in PARTS}
    for number in range(bench.runs):
        cost, tables = bench.build(SEASON, f"season, run {number + 1}")
        whole.append(cost)
        took.append(tables)
        floor.append(
            bench.on_history(
                SEASON, "floor", sys.executable, "-m", "benchmarks.floor", str(SEASON.first), str(SEASON.last)
            )
        )
        for option, name in PARTS.items():
            without[option].append(bench.build(SEASON, name, option)[0])
    rows = sum(table["rows"] for table in took[0])
    tables = [_middle_of_table(of_table) for of_table in zip(*took, strict=True)]
    training = sum(t["seconds"] for t in tables if t["table"] in TRAINED)
    ratio = median(one.seconds / other.seconds for one, other in zip(whole, floor, strict=True))
    found = middle(whole)
    yield {"name": "season", **found, "rows": rows, "rows_per_second": round(rows / found["seconds"]), "tables": tables}
    yield {"name": "season outside of training and prediction", "seconds": round(found["seconds"] - training, 2)}
    yield {"name": "floor of the season", **middle(floor)}
    yield {"name": "season : floor", "ratio": round(ratio, 2)}
    for option, name in PARTS.items():
        yield {"name": name, **middle(without[option])}


PARTS = {"--without-checks": "season without checks", "--without-log": "season with Dagster's own log, in memory"}
"""Options of `building.py`: without checks, and without the batched event log on disk."""
TRAINED = ("player_availability", "untrained_forecasts", "prop_model", "player_prop_predictions")
"""Tables that are made by training models or asking them."""


def _middle_of_table(runs: tuple[Row, ...]) -> Row:
    numbers = ("seconds", "other_seconds", "cpu_seconds", "peak_megabytes")
    return runs[0] | {name: round(median(run[name] for run in runs), 2) for name in numbers}


def week(bench: Bench) -> Iterator[Row]:
    """A week on history: as a person runs it, and as one Dagster run for each day."""
    command = (installed("nba-assets"), "backfill", str(WEEK.first), str(WEEK.last))
    at_once = [bench.on_history(WEEK, "week", *command) for _ in range(bench.runs)]
    yield {"name": "week", **middle(at_once)}
    copied(bench.history(WEEK), bench.folder / "run")
    seconds = sum(_run_of_its_own(bench, day) for day in WEEK)
    yield {"name": "week, a run for each day", "seconds": round(seconds, 2), "runs": 1}
    yield {"name": "week, a run for each day : at once", "ratio": round(seconds / middle(at_once)["seconds"], 2)}


def season_by_day(bench: Bench) -> Iterator[Row]:
    """A season at once, and as one Dagster run for each day: of every so many days, for it would take an hour."""
    at_once, _ = bench.build(SEASON, "season, for its days")
    # Built again on the season as it is: what is written is the same, and is not written, which is quicker.
    days = list(SEASON)[EVERY - 1 :: EVERY]
    seconds = median(_run_of_its_own(bench, day) for day in days) * len(SEASON)
    yield {
        "name": f"season, a run for each day (median of {len(days)} of its {len(SEASON)} days, for all of them)",
        "seconds": round(seconds, 2),
        "runs": 1,
    }
    yield {"name": "season, a run for each day : at once", "ratio": round(seconds / at_once.seconds, 2)}


def _run_of_its_own(bench: Bench, day: date) -> float:
    """Seconds of one Dagster run of every table on the day, in the home where the last command ran."""
    bench.say(f"one run for {day}")
    materialize = ("dagster", "asset", "materialize", "--select", "*", "--partition", str(day))
    command = (installed("nba-assets"), "exec", *materialize, "-m", "nba_assets.definitions")
    return measured(command, bench.folder / "run", bench.archive).seconds


def growth(bench: Bench) -> Iterator[Row]:
    """How a range grows with its days."""
    for days in GROWTH:
        first = DayRange(SEASON.first, SEASON.first + timedelta(days=days - 1))
        cost, tables = bench.build(first, f"first {days} days")
        yield {"name": f"first {days} days of the season", **middle([cost]), "rows": sum(t["rows"] for t in tables)}


def five_seasons(bench: Bench) -> Iterator[Row]:
    """Everything from nothing, and then the first page of the web interface on it."""
    cost, tables = bench.build(FIVE_SEASONS, "five seasons", history=False)
    rows = sum(table["rows"] for table in tables)
    found = middle([cost])
    yield {"name": "five seasons", **found, "rows": rows, "rows_per_second": round(rows / found["seconds"])}
    file = bench.folder / "web.json"
    bench.say("web interface")
    measured((sys.executable, "-m", "benchmarks.web", str(file)), bench.folder / "run", bench.archive)
    for page, seconds in json.loads(file.read_text()).items():
        yield {
            "name": f"web interface, five seasons built: {page}",
            "seconds": seconds and round(seconds, 2),
            "runs": 1,
        }
    home = bench.folder / "run"
    yield {"name": "warehouse of five seasons", "megabytes": _megabytes(home / "warehouse.duckdb")}
    yield {"name": "event log of five seasons", "megabytes": _megabytes(*(home / "dagster").rglob("*.db"))}


def _megabytes(*files: Path) -> int:
    return round(sum(file.stat().st_size for file in files) / 1e6)


def loops(bench: Bench) -> Iterator[Row]:
    """One table of a week by a loop over days and players, and its asset."""
    _, tables = bench.build(WEEK, "the week by table")
    (asset,) = (t for t in tables if t["table"] == "player_shot_zone_analysis")
    file = bench.folder / "loops.json"
    bench.say("loop over players")
    command = (sys.executable, "-m", "benchmarks.loops", str(WEEK.first), str(WEEK.last), str(file))
    measured(command, bench.folder / "run", bench.archive)
    loop = json.loads(file.read_text())
    yield {"name": "player_shot_zone_analysis, week: asset", "seconds": round(asset["seconds"], 2)}
    yield {"name": "player_shot_zone_analysis, week: pandas, player by player", "seconds": round(loop["seconds"], 2)}


def start_up(bench: Bench) -> Iterator[Row]:
    """What a command takes before it does anything."""
    commands = {
        "nba-assets --help": (installed("nba-assets"), "--help"),
        "nba-assets backfill --help": (installed("nba-assets"), "backfill", "--help"),
        "import of the definitions": (sys.executable, "-c", "import nba_assets.definitions"),
        "nba-assets status of a week": (installed("nba-assets"), "status", "2021-12-25", "2021-12-31"),
    }
    home = copied(bench.history(WEEK), bench.folder / "run")
    for name, command in commands.items():
        bench.say(name)
        measured(command, home, bench.archive)  # Compiled modules and files in memory, as from the second time on.
        yield {"name": name, **middle([measured(command, home, bench.archive) for _ in range(max(5, bench.runs))])}


MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "start_up": start_up,
    "week": week,
    "loops": loops,
    "season": season,
    "season_by_day": season_by_day,
    "growth": growth,
    "five_seasons": five_seasons,
}
