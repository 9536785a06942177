"""The nba-assets command: its subcommands, and how errors that a person can act on are shown."""

from __future__ import annotations

import errno
import io
import sys

import click

from nba_assets.cli.alerts import alerts
from nba_assets.cli.backfill import backfill, show_plan
from nba_assets.cli.backtest import backtest
from nba_assets.cli.check import check
from nba_assets.cli.copy import copy
from nba_assets.cli.evaluate import evaluate
from nba_assets.cli.exec import exec_
from nba_assets.cli.predictions import predictions
from nba_assets.cli.report import report
from nba_assets.cli.status import status, validate
from nba_assets.cli.ui import ui
from nba_assets.cli.unmatched import unmatched
from nba_assets.memory import garbage_seldom
from nba_assets.visible import visible


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nba-assets")
def cli() -> None:
    """NBA player-prop predictions: build days of tables, see how complete they are, read the predictions."""


COMMANDS = (backfill, show_plan, status, validate, check, predictions, evaluate, backtest, report, unmatched, alerts)
for command in (*COMMANDS, copy, ui):
    cli.add_command(command)
cli.add_command(exec_, "exec")


def main() -> None:
    """Run the command; errors that a person can act on are one message and exit status 1, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name shows its letters' numbers, and a path that is no text its bytes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with garbage_seldom():
            cli()
    except Exception as error:
        text = _for_people(error)
        if text is None:
            raise
        click.echo(f"Error: {visible(text, has_lines=True)}", err=True)
        sys.exit(1)


_OF_THE_DISK = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _for_people(error: Exception) -> str | None:
    """What is said of an error that a person can act on; None of a mistake of the platform."""
    from sqlalchemy.exc import DBAPIError

    from nba_assets.alerts.errors import AlertsError
    from nba_assets.backfill import BackfillError
    from nba_assets.local.home import DatabaseError
    from nba_assets.settings import SettingsError
    from nba_assets.turns.turns import TurnError
    from nba_assets.warehouse.protocol import WarehouseError

    if isinstance(error, OSError) and error.errno in _OF_THE_DISK and error.filename:
        return (
            f"{error.filename}: {error.strerror}. What is built, and Dagster's state, is kept below NBA_ASSETS_HOME: a "
            "folder that can be written to, with room on its disk. Mend that and give the same command again."
        )
    if isinstance(error, DBAPIError):
        return (
            f"Dagster's state cannot be read or written: {error.orig}. It is in NBA_ASSETS_HOME/dagster, or in the "
            "database of NBA_ASSETS_POSTGRES_URL: is there room on the disk, and may it be written? What was built "
            "stays; mend that and give the same command again."
        )
    # An OSError names the file or folder that cannot be used.
    known = AlertsError | BackfillError | DatabaseError | SettingsError | TurnError | WarehouseError | OSError
    return str(error) if isinstance(error, known) else None
