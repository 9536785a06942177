"""The services of the compose file as processes of this machine: the same commands, health checks and variables, other
ports, and PostgreSQL from Debian. There is no engine here that could run the image itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nba_assets_tests.deploy.files import command, healthcheck

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Stack:
    """Running services. environment: what their processes were given; logs: folder of what they said."""

    web_port: int
    code_port: int
    environment: Mapping[str, str]
    logs: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def here(self, words: list[str]) -> list[str]:
        """A command of the compose file with this machine's names and ports."""
        names = {
            "0.0.0.0": "127.0.0.1",  # noqa: S104  (replaced, not bound)
            "code": "127.0.0.1",
            "4000": str(self.code_port),
            "3000": str(self.web_port),
        }
        found = [names.get(word, word).replace("127.0.0.1:3000", f"127.0.0.1:{self.web_port}") for word in words]
        return [str(BIN / found[0]), *found[1:]]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command to its end, as a person would run it beside the services."""
        return subprocess.run(
            [BIN / words[0], *words[1:]], env=dict(self.environment), capture_output=True, text=True, timeout=300
        )

    def is_healthy(self, service: str) -> bool:
        """What the service's own health check says."""
        words = self.here(healthcheck(service))
        return subprocess.run(words, env=dict(self.environment), capture_output=True, timeout=60).returncode == 0

    def wait_until_healthy(self, service: str, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_healthy(service):
            assert time.monotonic() < deadline, (self.logs / service).read_text()[-3000:]
            time.sleep(1)


@contextmanager
def running_stack(folder: Path, environment: Mapping[str, str]) -> Iterator[Stack]:
    """The services from the moment they are healthy; nothing of them outlives the block."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("NBA_ASSETS_", "DAGSTER_"))}
    logs = folder / "logs"
    logs.mkdir()
    stack = Stack(_free_port(), _free_port(), {**kept, "HOME": str(folder), **environment}, logs)
    with ExitStack() as services:
        services.enter_context(_running(stack, "code"))
        stack.wait_until_healthy("code")
        for name in ("web", "daemon"):
            services.enter_context(_running(stack, name))
        for name in ("web", "daemon"):
            stack.wait_until_healthy(name)
        yield stack


@contextmanager
def _running(stack: Stack, service: str) -> Iterator[None]:
    with (stack.logs / service).open("wb") as output:
        process = subprocess.Popen(
            stack.here(command(service)),
            env=dict(stack.environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield
    finally:
        # The whole group: a server has processes of its own, which a kill of it alone would leave behind.
        os.killpg(process.pid, signal.SIGTERM)
        # On a machine that is busy with other tests it may take longer than anybody wants to wait.
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
