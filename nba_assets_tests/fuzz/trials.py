"""All kinds of bad input that are tried, by name."""

from __future__ import annotations

from pathlib import Path

from nba_assets_tests.fuzz import archives, commands, deliveries, landed, responses
from nba_assets_tests.fuzz.deliveries import DAYS, Delivery
from nba_assets_tests.fuzz.oracle import ingested
from nba_assets_tests.fuzz.trial import Trial


def _delivered(delivery: Delivery, folder: Path) -> str:
    return ingested(delivery.rows, delivery.table, DAYS, folder, delivery.is_strict)


TRIALS = (
    Trial("rows with bad values", deliveries.with_bad_values(), _delivered),
    Trial("rows with other columns and types", deliveries.with_other_columns(), _delivered),
    Trial("archive: damaged files, other columns", archives.folders(), archives.read),
    Trial("archive: unusual seasons", archives.seasons(), archives.read),
    Trial("live: any JSON in any place", responses.answers(), responses.asked, responses.KNOWN),
    Trial("landing zone: damaged and foreign objects", landed.damages(), landed.damaged, landed.KNOWN_DAMAGE),
)

COMMANDS = (
    Trial("settings: any text", commands.environments, commands.set_to, commands.KNOWN_ENVIRONMENTS),
    Trial("commands: any arguments", commands.command_lines(), commands.commanded, commands.KNOWN_COMMANDS),
    Trial("commands: any settings", commands.local_environments, commands.commanded_in),
    Trial("homes of any name", commands.homes, commands.at_home, commands.KNOWN_HOMES, cost=20),
)
"""Those of commands work on the hostile home, which takes a while to make."""
