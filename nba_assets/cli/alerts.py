"""nba-assets alerts: try the destinations, see what is undelivered, silence a check of a table."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from nba_assets.cli.arguments import json_option
from nba_assets.visible import visible

if TYPE_CHECKING:
    from nba_assets.alerts.state import Group


@click.group()
def alerts() -> None:
    """Try where alerts go, see those that are undelivered, and silence a check."""


@alerts.command()
def test() -> None:
    """Send a test message of each severity to its destinations. Exit status 1 if one fails, or if there is none."""
    from nba_assets.alerts.delivery import destinations_of, send
    from nba_assets.alerts.messages import example_message
    from nba_assets.alerts.state import SEVERITIES
    from nba_assets.settings import load_settings

    settings = load_settings()
    outcomes = []
    for severity in SEVERITIES:
        destinations = destinations_of(settings, severity)
        if not destinations:
            click.echo(f"{severity}: no destination; set NBA_ASSETS_ALERTS_{severity} to have these messages sent.")
        for destination in destinations:
            error = send(example_message(severity, settings.ui_url), destination)
            outcomes.append(error)
            click.echo(f"{severity}: {destination.name}: " + (f"failed: {error}" if error else "delivered"))
    sys.exit(1 if any(outcomes) or not outcomes else 0)


@alerts.command(name="list")
@json_option
def list_alerts(as_json: bool) -> None:
    """List messages that are not delivered to everyone yet, and silenced checks."""
    from nba_assets.alerts.outbox import Outbox
    from nba_assets.alerts.silences import load_silences
    from nba_assets.settings import load_settings

    settings = load_settings()
    outbox = Outbox(settings.alerts_folder)
    undelivered = [
        {
            "id": letter.message.id,
            "severity": letter.message.severity,
            "title": letter.message.title,
            "queued": _time(letter.queued),
            "destinations": [
                {
                    "destination": attempts.destination,
                    "delivered": _time(attempts.delivered),
                    "attempts": attempts.count,
                    "last_error": attempts.last_error,
                    "next_attempt": None if attempts.delivered else _time(attempts.next_attempt),
                }
                for attempts in letter.attempts.values()
            ],
        }
        for letter in outbox.letters()
    ]
    silenced = [
        {"table": s.table, "check": s.check, "until": str(s.until), "reason": s.reason}
        for s in load_silences(settings.alerts_folder)
    ]
    if as_json:
        click.echo(json.dumps({"undelivered": undelivered, "silenced": silenced}))
    else:
        _print(undelivered, silenced, str(outbox.folder))


@alerts.command()
@click.argument("table")
@click.argument("check")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day of silence.")
@click.option("--reason", default="", help="Why, for those who read the list.")
def silence(table: str, check: str, until: datetime, reason: str) -> None:
    """Hold back messages about CHECK of TABLE. What still fails when the silence ends is told then."""
    from nba_assets.alerts.silences import Silence, add_silence, eastern_today
    from nba_assets.settings import load_settings

    group = _group(table, check)
    day: date = until.date()
    if day < eastern_today():
        raise click.UsageError(f"--until is {day}, which is past.")
    add_silence(load_settings().alerts_folder, Silence(group.table, group.check, day, reason))
    click.echo(f"{group.table} {group.check} is silenced until {day}.")


@alerts.command()
@click.argument("table")
@click.argument("check")
def unsilence(table: str, check: str) -> None:
    """Let messages about CHECK of TABLE through again."""
    from nba_assets.alerts.silences import remove_silence
    from nba_assets.alerts.state import Group
    from nba_assets.settings import load_settings

    # Not held against the checks that there are: a silence may have outlived its check.
    group = Group(_full_name(table), check)
    if not remove_silence(load_settings().alerts_folder, group):
        click.echo(f"{group.table} {group.check} is not silenced.", err=True)
        sys.exit(1)
    click.echo(f"{group.table} {group.check} is heard again.")


def _full_name(table: str) -> str:
    from nba_assets.tables import TABLES

    name = table.rpartition(".")[2]
    if name not in TABLES or table not in (name, TABLES[name].full_name):
        raise click.UsageError(f"No table is named {table}. Tables: {', '.join(TABLES)}.")
    return TABLES[name].full_name


def _group(table: str, check: str) -> Group:
    from nba_assets.alerts.state import Group

    group = Group(_full_name(table), check)
    checks = known_checks(group.table)
    if check not in checks:
        raise click.UsageError(f"{group.table} has no check {check}. It has: {', '.join(checks) or 'none'}.")
    return group


def known_checks(table: str) -> list[str]:
    """Names of the checks of a table (`dataset.table`)."""
    from nba_assets.definitions import defs

    keys = defs.resolve_asset_graph().asset_check_keys
    return sorted(key.name for key in keys if ".".join(key.asset_key.path) == table)


def _time(seconds: float | None) -> str | None:
    return None if not seconds else datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _print(undelivered: list[dict[str, Any]], silenced: list[dict[str, Any]], folder: str) -> None:
    click.echo(f"{len(undelivered) or 'No'} undelivered message{'' if len(undelivered) == 1 else 's'}")
    for letter in undelivered:
        click.echo(f"- {visible(letter['title'])} (queued {letter['queued']})")
        for to in letter["destinations"]:
            if to["delivered"]:
                click.echo(f"    {to['destination']}: delivered {to['delivered']}")
            elif to["attempts"]:
                tried = f"{to['attempts']} times" if to["attempts"] > 1 else "once"
                click.echo(f"    {to['destination']}: tried {tried}, again at {to['next_attempt']}:")
                click.echo(f"      {visible(to['last_error'])}")
    if undelivered:
        click.echo(f"They are files in {folder}; a removed file is not sent.")
    click.echo(f"{len(silenced) or 'No'} silenced check{'' if len(silenced) == 1 else 's'}")
    for s in silenced:
        click.echo(
            f"- {s['table']} {s['check']} until {s['until']}" + (f": {visible(s['reason'])}" if s["reason"] else "")
        )
