"""Running a command as a process of its own, and what it took: time, processor time, memory.

What is run and compared is in `measures.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """What a process took, with the children that it waited for. peak_megabytes: of the largest of them."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float


class CommandFailed(Exception):
    """The command ended with another status than 0; says what it printed."""


def measured(command: Sequence[str], home: Path, archive: Path | None = None) -> Cost:
    """Run the command to its end.

    home, archive: what its NBA_ASSETS_HOME and NBA_ASSETS_ARCHIVE are; no other setting of ours reaches it.

    Raises:
        CommandFailed: it did not end well, so that its time says nothing.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_ASSETS_", "DAGSTER_"))}
    # With it, each process would compile the modules of this project anew.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = {**kept, "NBA_ASSETS_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    if archive is not None:
        environment["NBA_ASSETS_ARCHIVE"] = str(archive)
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")[-3000:]
            raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def installed(name: str) -> str:
    """A command of this environment."""
    return str(Path(sys.executable).parent / name)


def copied(home: Path, to: Path) -> Path:
    """A copy of a home. Its first command points Dagster's state to the copy's own."""
    shutil.rmtree(to, ignore_errors=True)
    if home.exists():
        shutil.copytree(home, to)
    return to


def middle(costs: Sequence[Cost]) -> Mapping[str, float]:
    """Medians over runs, and the quickest and slowest."""
    seconds = [cost.seconds for cost in costs]
    return {
        "seconds": round(median(seconds), 2),
        "seconds_min": round(min(seconds), 2),
        "seconds_max": round(max(seconds), 2),
        "cpu_seconds": round(median(cost.cpu_seconds for cost in costs), 2),
        "peak_megabytes": round(median(cost.peak_megabytes for cost in costs)),
        "runs": len(costs),
    }
