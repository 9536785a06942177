"""The runbook can be followed: every command in it is run in order, as written, and ends as it says."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUNBOOK = ROOT / "docs" / "runbook.md"
COMMAND = re.compile(r"^    (?P<command>(?:nba-assets|dagster) [^#\n]+?)(?:\s+# (?P<comment>.*))?$", re.MULTILINE)
SECTIONS = ("Launch", "Watch", "A failing day", "A blocked range", "Replay", "Silence an alert")


def commands() -> list[tuple[str, int]]:
    """Each command of the runbook with the exit status that it says."""
    found = []
    for match in COMMAND.finditer(RUNBOOK.read_text()):
        status = re.match(r"exit status (\d)", match["comment"] or "")
        found.append((match["command"], int(status[1]) if status else 0))
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runbook")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_ASSETS_", "DAGSTER_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    home = folder / "home"
    return {**kept, "PATH": path, "NBA_ASSETS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}


def test_every_section_that_people_need_is_there_with_a_command():
    parts = dict(part.split("\n", 1) for part in RUNBOOK.read_text().split("\n## ")[1:])
    assert tuple(parts) == SECTIONS
    assert all(COMMAND.search(text) for text in parts.values())


def test_every_indented_line_is_a_command_that_is_run():
    indented = [line for line in RUNBOOK.read_text().splitlines() if line.startswith("    ")]
    assert len(indented) == len(commands())


def test_the_commands_end_as_the_runbook_says(environment, tmp_path):
    for command, status in commands():
        if command.startswith("nba-assets ui"):
            continue
        done = subprocess.run(shlex.split(command), env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir()), "a command wrote into the working directory"


def test_the_web_interface_starts_on_this_machine_only_and_ends_with_ctrl_c(environment, tmp_path):
    (command,) = [command for command, _ in commands() if command.startswith("nba-assets ui")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command.replace("3000", str(port)).split(),
        env=environment,
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/server_info")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _answers(url: str) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  (this machine's own port)
                return answer.status == 200
        except OSError:
            time.sleep(0.5)
    return False
