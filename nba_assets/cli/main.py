"""The nba-assets command: its subcommands, and how errors that a person can act on are shown."""

from __future__ import annotations

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
        cli()
    except Exception as error:
        if not _is_for_people(error):
            raise
        click.echo(f"Error: {visible(error, has_lines=True)}", err=True)
        sys.exit(1)


def _is_for_people(error: Exception) -> bool:
    from nba_assets.alerts.errors import AlertsError
    from nba_assets.backfill import BackfillError
    from nba_assets.local.home import DatabaseError
    from nba_assets.settings import SettingsError
    from nba_assets.turns.turns import TurnError
    from nba_assets.warehouse.protocol import WarehouseError

    # An OSError names the file or folder that cannot be used, such as an NBA_ASSETS_HOME that is not writable.
    known = AlertsError | BackfillError | DatabaseError | SettingsError | TurnError | WarehouseError | OSError
    return isinstance(error, known)
