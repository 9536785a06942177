"""A real PostgreSQL server for tests: a cluster of its own in a temporary folder, that takes passwords only."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

USER, PASSWORD = "dagster", "s3cret/with:odd@characters"
"""A password that a URL cannot hold as it is."""


@dataclass(frozen=True)
class Postgres:
    """The running server. A database of its own for each who asks."""

    port: int

    def new_database(self, name: str) -> str:
        """The URL of a new and empty database."""
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        return self.url(name)

    def url(self, database: str) -> str:
        escaped = PASSWORD.replace("/", "%2F").replace(":", "%3A").replace("@", "%40")
        return f"postgresql://{USER}:{escaped}@127.0.0.1:{self.port}/{database}"


def binaries() -> Path | None:
    """The folder of the server's programs: Debian keeps each release in its own, off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_postgres(programs: Path) -> Iterator[Postgres]:
    """A server from the moment it answers; it and its files are gone at the end. It refuses to be run by root."""
    with tempfile.TemporaryDirectory(prefix="nba_assets_postgres_") as name:
        folder, user = Path(name), None
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [programs / program, *arguments],
                cwd=folder,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            assert done.returncode == 0, (folder / "log").read_text()[-3000:]

        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        data, port = str(folder / "data"), _free_port()
        with (folder / "log").open("w") as log:
            run("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", str(folder / "password"), "-N")
            options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
            run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", str(folder / "server.log"), "-o", options, "start")
            try:
                yield Postgres(port)
            finally:
                run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
