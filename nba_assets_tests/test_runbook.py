"""The runbook can be followed: every command in it is run in order, as written, and ends as it says.

The one that starts the web interface is run by the tests in `ui/`, which use it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from nba_assets.local.home import BATCH_SIZE_VARIABLE
from nba_assets_tests.cli.command import run

RUNBOOK = Path(__file__).parent.parent / "docs" / "runbook.md"
COMMAND = re.compile(r"^    (?P<command>(?:nba-assets|dagster) [^#\n]+?)(?:\s+# (?P<comment>.*))?$", re.MULTILINE)
SECTIONS = (
    "Launch",
    "Every day",
    "Watch",
    "A failing day",
    "A blocked range",
    "Replay",
    "A live source that fails",
    "Silence an alert",
    "A run that waits",
    "A lost database",
    "A disk that is full, a file that is damaged",
)


def commands() -> list[tuple[str, int]]:
    """Each command of the runbook with the exit status that it says."""
    found = []
    for match in COMMAND.finditer(RUNBOOK.read_text()):
        status = re.match(r"exit status (\d)", match["comment"] or "")
        found.append((match["command"], int(status[1]) if status else 0))
    return found


def test_every_section_that_people_need_is_there_with_a_command():
    parts = dict(part.split("\n", 1) for part in RUNBOOK.read_text().split("\n## ")[1:])
    assert tuple(parts) == SECTIONS
    assert all(COMMAND.search(text) for text in parts.values())


def test_every_indented_line_is_a_command_that_is_run():
    indented = [line for line in RUNBOOK.read_text().splitlines() if line.startswith("    ")]
    assert len(indented) == len(commands())


def test_the_commands_end_as_the_runbook_says(tmp_path, monkeypatch):
    home, working_directory = tmp_path / "home", tmp_path / "working_directory"
    working_directory.mkdir()
    monkeypatch.chdir(working_directory)
    monkeypatch.setenv("NBA_ASSETS_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "1000")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    for command, status in commands():
        program, *arguments = shlex.split(command)
        if arguments[0] == "ui":
            continue
        # `exec` takes the place of the process that it is run in.
        if program == "nba-assets" and arguments[0] != "exec":
            outcome = run(*arguments)
            ended, said = outcome.status, outcome.text
        else:
            done = subprocess.run([program, *arguments], capture_output=True, text=True)
            ended, said = done.returncode, done.stderr
        assert ended == status, f"{command}\n{said[-3000:]}"
    assert not list(working_directory.iterdir())
