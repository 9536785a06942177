"""nba-assets exec: run a command, mostly one of Dagster's own, on the home that the settings name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(command: tuple[str, ...]) -> None:
    """Run COMMAND with Dagster's home and state prepared, and in its environment.

    In place of this process, as a server in a container wants it: nba-assets exec dagster-daemon run.
    """
    from nba_assets.local.home import dagster_environment
    from nba_assets.settings import load_settings

    # Commands that are installed beside this one are found, whether or not their folder is on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, **dagster_environment(load_settings()), "PATH": path}
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606  (what the person asked for, without a shell)
    except FileNotFoundError:
        raise click.ClickException(f"There is no command {command[0]!r}.") from None
