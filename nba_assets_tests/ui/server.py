"""The documented commands as processes of their own: `nba-assets ui`, seen from outside and ended with all it began."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).parent / "nba-assets")
_LISTENING = "0A"


@dataclass(frozen=True)
class Place:
    """Where a person works: his settings, and folders in which the commands should leave nothing behind."""

    home: Path
    archive: Path
    working_directory: Path
    user_home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("NBA_ASSETS_", "DAGSTER_"))}
        return {
            **kept,
            "HOME": str(self.user_home),
            "NBA_ASSETS_HOME": str(self.home),
            "NBA_ASSETS_ARCHIVE": str(self.archive),
        }

    def run(self, *arguments: str) -> None:
        """Run `nba-assets` to its end."""
        ended = subprocess.run(
            [COMMAND, *arguments], env=self.environment, cwd=self.working_directory, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr


@dataclass(frozen=True)
class Server:
    """A running `nba-assets ui` with the processes that it started."""

    place: Place
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[int]:
        """Of its process group, those that live."""
        return [pid for pid, state, group in _all_processes() if group == self.process.pid and state != "Z"]

    def listening_addresses(self) -> set[tuple[str, int]]:
        """The addresses that these processes take TCP connections on."""
        inodes = {inode for pid in self.processes() for inode in _sockets_of(pid)}
        return {(address, port) for address, port, inode in _listening() if inode in inodes}

    def interrupt(self, seconds: float = 40) -> list[int]:
        """Press Ctrl-C and wait; returns what is still there then."""
        os.killpg(self.process.pid, signal.SIGINT)
        deadline = time.monotonic() + seconds
        while self.processes() and time.monotonic() < deadline:
            self.process.poll()
            time.sleep(0.2)
        return self.processes()

    def kill(self) -> None:
        if self.processes():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def running_ui(place: Place, log: Path) -> Iterator[Server]:
    """`nba-assets ui` from the moment it answers; nothing of it outlives the block."""
    port = _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [COMMAND, "ui", "--port", str(port)],
            env=place.environment,
            cwd=place.working_directory,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    server = Server(place, port, process, log)
    try:
        wait_until(lambda: process.poll() is not None or _answers(server.url), 120, lambda: log.read_text())
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        server.kill()


def wait_until(is_so: Callable[[], Any], seconds: float, explain: Callable[[], object]) -> Any:
    """What `is_so` returns once it is true.

    Raises:
        AssertionError: it is not in time; with what `explain` returns.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = is_so()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {explain()}"
        time.sleep(0.25)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/server_info", timeout=5) as answer:  # noqa: S310  (a loopback address)
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _all_processes() -> Iterator[tuple[int, str, int]]:
    """Number, state and process group of each process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name of the program, in brackets, can hold anything.
            state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        yield int(folder.name), state, int(group)


def _sockets_of(pid: int) -> Iterator[str]:
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[len("socket:[") : -1]
    except OSError:
        return


def _listening() -> Iterator[tuple[str, int, str]]:
    """Address, port and inode of each listening TCP socket of this machine."""
    for family, table in ((socket.AF_INET, "/proc/net/tcp"), (socket.AF_INET6, "/proc/net/tcp6")):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == _LISTENING:
                words = [bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8)]
                yield socket.inet_ntop(family, b"".join(words)), int(port, 16), fields[9]
