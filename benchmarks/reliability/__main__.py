"""The commands; see the package."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.reliability.results import Kind, Way, load_faults, save_faults, save_ways
from nba_assets.days import DayRange
from nba_assets.planning import Request
from nba_assets_tests.reliability import trials, ways
from nba_assets_tests.reliability.process import run
from nba_assets_tests.reliability.stages import STAGES
from nba_assets_tests.reliability.trials import Setting

Trial = Callable[[Path, random.Random], object]
_FIRST, _LAST = date(2019, 10, 24), date(2019, 10, 25)
SMALL = Request(DayRange(_FIRST, _LAST), ("upcoming_team_game_context",))
LATER = Request(DayRange(_LAST, _LAST + timedelta(days=1)), SMALL.tables)
BOTH = Request(DayRange(_FIRST, LATER.days.last), SMALL.tables)
_DECEMBER = DayRange(date(2019, 12, 1), date(2019, 12, 2))
MODELS = Request(_DECEMBER, ("prop_model",))
ALL = Request(_DECEMBER)


def faults(minutes: float, seed: int, is_small: bool) -> None:
    """What was tried least comes first; counts are added to those of earlier commands."""
    found, commands = load_faults()
    commands.append(
        f"python -m benchmarks.reliability faults --minutes {minutes:g} --seed {seed}{' --small' * is_small}"
    )
    with tempfile.TemporaryDirectory() as folder:
        kinds = _kinds(Path(folder), is_small)
        deadline = time.monotonic() + 60 * minutes
        for number in range(sys.maxsize):
            if time.monotonic() > deadline:
                break
            name = min(kinds, key=lambda name: found.get(name, Kind()).tried)
            kind, where = found.setdefault(name, Kind()), Path(folder) / f"{number}"
            where.mkdir()
            draw = random.Random(f"{seed} {name} {kind.tried}")  # noqa: S311
            kind.tried += 1
            try:
                kinds[name](where, draw)
            except Exception as error:
                kind.otherwise.append(f"{type(error).__name__}: {error}".splitlines()[0][:200].replace("|", "/"))
                print(name, error, file=sys.stderr, flush=True)
            shutil.rmtree(where, ignore_errors=True)
            save_faults(found, commands)


def _kinds(folder: Path, is_small: bool) -> dict[str, Trial]:
    small, built = trials.undisturbed(SMALL, folder / "small")
    union = trials.undisturbed(BOTH, folder / "union")[0].whole
    found: dict[str, Trial] = {}
    if not is_small:
        models, everything = _with_history(folder)
        found["killed while a model file is written"] = partial(_killed, models, "model")
        found["killed at any moment, all tables"] = lambda at, draw: trials.killed_after(everything, at, draw.random())
    for stage in STAGES:
        if stage != "model":
            found[f"killed when {STAGES[stage].text}"] = partial(_killed, small, stage)
    found["killed at any moment"] = lambda at, draw: trials.killed_after(small, at, draw.random())
    found["no file can grow beyond a size"] = lambda at, draw: trials.files_limited(
        small, at, draw.randint(50_000, 1_400_000)
    )
    if os.geteuid() == 0:
        found["the disk is full"] = lambda at, draw: trials.disk_full(small, at, draw.randint(1, 6) * 2**20)
    found["the home is read-only"] = lambda at, _: trials.read_only(small, at, ".", built)
    found["Dagster's state is read-only"] = lambda at, _: trials.read_only(small, at, "dagster", built)
    found["another process holds the warehouse"] = lambda at, _: trials.held(small, at)
    found["the warehouse file is empty"] = lambda at, _: trials.damaged(small, at, trials.zeroed, built)
    found["it is cut short"] = lambda at, draw: trials.damaged(small, at, partial(trials.cut, draw.random()), built)
    found["its header is overwritten"] = lambda at, draw: trials.damaged(
        small, at, partial(trials.overwritten, 0.0, 4096), built
    )
    found["a part of it is overwritten"] = lambda at, draw: trials.damaged(
        small, at, partial(trials.overwritten, draw.random(), draw.randint(1, 100_000)), built
    )
    found["the clock jumps back or forth"] = lambda at, draw: trials.clock_jumps(
        small,
        at,
        datetime(2024, 1, 1, tzinfo=UTC),
        draw.randint(1, small.comes["committed"]),
        timedelta(days=draw.randint(-1400, 1400)),
    )
    found["the clock says that the day is not over"] = lambda at, draw: trials.clock_early(
        small, at, datetime(2019, 10, 25, 5, tzinfo=UTC) + timedelta(minutes=draw.randint(0, 1400))
    )
    found["Dagster's state is lost"] = lambda at, _: trials.log_lost(small, at, ".", built)
    found["Dagster's event log is lost"] = lambda at, _: trials.log_lost(small, at, "events", built)
    found["two backfills at once, among readers"] = lambda at, draw: _at_once(small, union, at, draw)
    return found


def _killed(setting: Setting, stage: str, folder: Path, draw: random.Random) -> None:
    trials.killed_at(setting, folder, stage, draw.randint(1, setting.comes[stage]))


def _at_once(setting: Setting, union: trials.Seen, folder: Path, draw: random.Random) -> None:
    one, other = draw.sample([SMALL, LATER], 2)
    asked = Setting(one, None, union, setting.seconds)
    trials.at_once(asked, other, union, folder, draw.uniform(0, setting.seconds))


def _with_history(folder: Path) -> tuple[Setting, Setting]:
    """Homes that lack two days of December: of models only, and of all tables."""
    start = folder / "history" / "home"
    command = run(start, "backfill", "2019-11-30", "2019-11-30")
    trials.assert_done(command)
    everything, _ = trials.undisturbed(ALL, folder / "all", start)
    before = folder / "before models" / "home"
    shutil.copytree(start, before)
    wanted = [name for name in MODELS.needed if name != "prop_model"]
    command = run(before, *trials.ask_for(Request(_DECEMBER, tuple(wanted))))
    trials.assert_done(command)
    return trials.undisturbed(MODELS, folder / "models", before)[0], everything


def in_ways(days: DayRange, chosen: list[str]) -> None:
    archive = os.environ.get("NBA_ASSETS_ARCHIVE")
    environment = {"NBA_ASSETS_ARCHIVE": archive} if archive else {}
    shown = "NBA_ASSETS_ARCHIVE=folder " if archive else ""
    command = f"{shown}python -m benchmarks.reliability ways {days.first} {days.last} --ways {','.join(chosen)!r}"
    found: list[Way] = []
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "in one go"
        for way in ["in one go", *(way for way in chosen if way != "in one go")]:
            home, begun = Path(folder) / way, time.monotonic()
            commands = ways.build(home, days, way, environment=environment, full=True)
            seconds, sums = time.monotonic() - begun, ways.checksums(home)
            found.append(
                Way(
                    days=str(days),
                    way=way,
                    commands=commands,
                    seconds=seconds,
                    rows=sum(rows for rows, _ in sums.values()),
                    different=ways.differences(first, home) if home != first else dict.fromkeys(sums, 0),
                    checksums={name: list(of_table) for name, of_table in sums.items()},
                )
            )
            save_ways(found, command)
            if home != first:
                shutil.rmtree(home)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability")
    commands = parser.add_subparsers(dest="command", required=True)
    of_faults = commands.add_parser(
        "faults", help="kinds of fault in turn, until the time is up; adds to what was counted"
    )
    of_faults.add_argument("--minutes", type=float, default=30)
    of_faults.add_argument("--seed", type=int, default=7)
    of_faults.add_argument("--small", action="store_true", help="without trained models: ready to begin much sooner")
    of_ways = commands.add_parser("ways", help="a range in one go, by month, by week, by day, forwards and backwards")
    of_ways.add_argument("first", type=date.fromisoformat)
    of_ways.add_argument("last", type=date.fromisoformat)
    of_ways.add_argument("--ways", default=",".join(ways.WAYS), help="some of them, separated by commas")
    given = parser.parse_args()
    if given.command == "faults":
        faults(given.minutes, given.seed, given.small)
    else:
        in_ways(DayRange(given.first, given.last), given.ways.split(","))


if __name__ == "__main__":
    main()
