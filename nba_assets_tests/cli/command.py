"""Running the command in this process as the console script does, and what a person then sees."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest import mock

from nba_assets.cli.main import main

EVE, FULL, HOLIDAY = "2019-11-26", "2019-11-27", "2019-11-28"
"""The days of `built_home`: two with games and Thanksgiving, without any. Without history, all that anyone has behind
him on FULL is EVE."""


@dataclass(frozen=True)
class Outcome:
    """Exit status and what was printed. `text` is both streams with every run of white space as one blank."""

    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return " ".join((self.stdout + " " + self.stderr).split())

    @property
    def json(self) -> Any:
        """Standard output as strict JSON: NaN and infinities are none."""
        return json.loads(self.stdout, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def run(*arguments: str) -> Outcome:
    """Run `nba-assets` with these arguments; an exception that would show a traceback is raised here."""
    stdout, stderr = io.StringIO(), io.StringIO()
    status = 0
    with mock.patch.object(sys, "argv", ["nba-assets", *arguments]), redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            main()
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    outcome = Outcome(status, stdout.getvalue(), stderr.getvalue())
    assert "Traceback" not in outcome.text
    assert "Stack Trace" not in outcome.text
    return outcome
