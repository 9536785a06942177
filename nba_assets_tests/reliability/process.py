"""`nba-assets` in a process of its own that can be killed, without the seconds that starting Python and Dagster takes.

Each is forked from a server that has everything loaded and has opened nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

Before = Callable[[], object]
"""Called in the process before the command begins; it has to be a function of a module, or a partial of one."""

KILLED = -9
LIMIT_SECONDS = 3_600
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["nba_assets.cli.main", "nba_assets.definitions", "nba_assets.local.event_log"])


class Command:
    """A command that runs. environment: settings besides the home. is_full: models are trained in full."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        before: Before | None = None,
        environment: Mapping[str, str] | None = None,
        is_full: bool = False,
    ) -> None:
        self.arguments = arguments
        self.log = home.parent / f"{home.name}.{uuid4().hex[:8]}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.touch()
        self._process = _CONTEXT.Process(
            target=_run, args=(home, self.log, arguments, before, dict(environment or {}), is_full)
        )
        self._process.start()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    @property
    def text(self) -> str:
        """All that it said, with every run of white space as one blank."""
        return " ".join(self.log.read_text(errors="replace").split())

    def ended(self, seconds: float = LIMIT_SECONDS) -> int:
        """Its exit status, KILLED if it was; it is killed if it takes longer."""
        self._process.join(seconds)
        if self._process.is_alive():
            self.kill()
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait_for(self, text: str, seconds: float = 150) -> str:
        """What it has said as soon as the text is in it."""
        deadline = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < deadline, f"no {text!r} in: {self.text[-3000:]}"
            time.sleep(0.05)
        return self.text


def run(home: Path, *arguments: str, before: Before | None = None, **more: object) -> Command:
    """A command that has ended."""
    command = Command(home, *arguments, before=before, **more)  # type: ignore[arg-type]
    command.ended()
    return command


@contextmanager
def running(home: Path, *arguments: str, before: Before | None = None) -> Iterator[Command]:
    """A command that does not outlive the block."""
    command = Command(home, *arguments, before=before)
    try:
        yield command
    finally:
        command.kill()
        command.ended()


def _run(
    home: Path, log: Path, arguments: tuple[str, ...], before: Before | None, environment: dict[str, str], full: bool
) -> None:
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for name in [n for n in os.environ if n.startswith(("NBA_ASSETS_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update({"NBA_ASSETS_HOME": str(home), "COLUMNS": "200", **environment})
    if not full:
        train_less()
    sys.argv = ["nba-assets", *arguments]
    if before is not None:
        before()
    from nba_assets.cli.main import main

    main()


def train_less() -> None:
    """As in conftest.py: that a model is good is stated elsewhere."""
    from nba_assets.models import availability, network_training, regression

    availability.ROUNDS = regression.ROUNDS = 10
    network_training.MEMBERS = network_training.EPOCHS = 1
