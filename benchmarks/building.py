"""Building days in this process, as `nba-assets backfill` does, with a note of what each table took.

    python -m benchmarks.building START END TABLES.json [--without-checks] [--without-log]

A process of its own, so that its memory is nobody else's. Where the days are built is in the environment, as for the
command. The file is given what each table took: `Took`, as JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from unittest import mock

import dagster as dg

from nba_assets import backfill, definitions
from nba_assets.checks.evaluate import Results
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.planning import Request
from nba_assets.platform import Observer, Platform, build_platform
from nba_assets.settings import load_settings
from nba_assets.tables import Table
from nba_assets.warehouse.protocol import WriteReport

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_BUILD_DEFINITIONS = definitions.build_definitions


@dataclass
class Took:
    """What a table took. peak_megabytes: of the whole process, meanwhile. other_seconds: from its last row to the next
    table's first: its events and, where they are on, its checks."""

    table: str
    seconds: float = 0.0
    other_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_megabytes: float = 0.0
    rows: int = 0
    days: int = 0


@dataclass
class Clock(Observer):
    """Notes when each table begins and ends; a table that is built in several runs is added up."""

    took: dict[str, Took] = field(default_factory=dict)
    _since: float = 0.0
    _cpu: float = 0.0
    _last: Took | None = None

    def begun(self, table: Table, days: DayRange) -> None:
        self.ended()
        _CLEAR.write_text("5")  # The peak is counted from here on.
        self._since, self._cpu = time.perf_counter(), time.process_time()

    def written(self, table: Table, days: DayRange, report: WriteReport) -> None:
        took = self.took.setdefault(table.name, Took(table.name))
        took.seconds += time.perf_counter() - self._since
        took.cpu_seconds += time.process_time() - self._cpu
        took.rows += sum(report.rows.values())
        took.days += len(days)
        took.peak_megabytes = max(took.peak_megabytes, _peak_megabytes())
        self._last, self._since = took, time.perf_counter()

    def checked(self, table: Table, results: Results) -> None:
        took = self.took[table.name]
        took.peak_megabytes = max(took.peak_megabytes, _peak_megabytes())

    def ended(self) -> None:
        """What came after the last table's rows is counted for it."""
        if self._last is not None:
            self._last.other_seconds += time.perf_counter() - self._since
        self._last = None


def _without_checks(platform: Platform, with_checks: bool) -> dg.Definitions:
    return _BUILD_DEFINITIONS(platform, with_checks=False)


def _peak_megabytes() -> float:
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=date.fromisoformat)
    parser.add_argument("end", type=date.fromisoformat)
    parser.add_argument("file", type=Path)
    parser.add_argument("--without-checks", action="store_true")
    parser.add_argument("--without-log", action="store_true", help="Dagster's events are kept in memory.")
    given = parser.parse_args()
    clock, settings = Clock(), load_settings()
    request = Request(DayRange(given.start, given.end))
    opened = dg.DagsterInstance.ephemeral() if given.without_log else open_instance(settings)
    with opened as instance:
        checks = mock.patch.object(definitions, "build_definitions", _without_checks) if given.without_checks else None
        with checks or nullcontext():
            backfill.build(request, build_platform(settings, observer=clock), instance)
    clock.ended()
    given.file.write_text(json.dumps([asdict(took) for took in clock.took.values()]))


if __name__ == "__main__":
    main()
