"""nba-assets ui: Dagster's web interface and daemon on this machine."""

from __future__ import annotations

import os
import signal
import sys

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port on 127.0.0.1.")
def ui(port: int) -> None:
    """Start Dagster's web interface on this machine only, with its state under NBA_ASSETS_HOME. Ctrl-C ends it."""
    from nba_assets.local.home import dagster_environment
    from nba_assets.settings import load_settings

    settings = load_settings()
    # Links in alerts lead to where this very interface listens, unless a person says otherwise.
    links = {"NBA_ASSETS_UI_URL": f"http://127.0.0.1:{port}"}
    environment = {**links, **os.environ, **dagster_environment(settings)}
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "nba_assets.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    # A shell that starts it in the background has Ctrl-C ignored, and what is ignored stays so.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(sys.executable, command, environment)  # noqa: S606  (this very interpreter, with fixed arguments)
