"""A server that speaks BigQuery's API, as a process of its own, and clients of it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from nba_assets.warehouse.bigquery_session import BigQuerySession

VARIABLE = "NBA_ASSETS_TEST_BIGQUERY"
_SECONDS_TO_START = 60


@dataclass
class BigQueryServer:
    """A running server. port: of the API. storage_port: of the one that large results are read from."""

    process: subprocess.Popen[bytes]
    port: int
    storage_port: int

    @property
    def address(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, project: str = "local") -> bigquery.Client:
        """A client of a project; any name will do."""
        return bigquery.Client(
            project=project, credentials=AnonymousCredentials(), client_options={"api_endpoint": self.address}
        )

    def storage(self) -> BigQueryReadClient:
        """A client that reads large results."""
        channel = grpc.insecure_channel(
            f"127.0.0.1:{self.storage_port}", options=[("grpc.max_receive_message_length", -1)]
        )
        return BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


@contextmanager
def started(folder: Path) -> Iterator[BigQueryServer]:
    """A server whose data lives in the folder; skips without the environment that it runs in."""
    environment = os.environ.get(VARIABLE)
    if not environment:
        pytest.skip(f"{VARIABLE} names no folder with the server: make bigquery-server")
    port, storage_port = _free_port(), _free_port()
    program = Path(__file__).with_name("quick_server.py")
    command = [f"{environment}/bin/python", str(program), "serve", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--grpc-port", str(storage_port), "--project", "local", "--data-dir", str(folder)]
    folder.mkdir(exist_ok=True)
    # Its engine looks for extensions in a home folder.
    variables = {"PATH": os.environ["PATH"], "HOME": f"{environment}/home"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
    try:
        server = BigQueryServer(process, port, storage_port)
        _wait(server, folder / "log")
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: BigQueryServer, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            requests.get(server.address, timeout=5)
            return
        except requests.ConnectionError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise RuntimeError(f"The server did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def empty(session: BigQuerySession) -> None:
    """Take every row out of every table."""
    day_ledger = session.path("nba_assets", "day_ledger")
    written = session.rows(f"SELECT DISTINCT dataset, table_name FROM {day_ledger}")
    paths = [session.path(row["dataset"], row["table_name"]) for row in written]
    for path in (*paths, session.path("nba_assets", "set_aside"), day_ledger):
        session.rows(f"DELETE FROM {path} WHERE TRUE")
