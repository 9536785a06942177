"""Arguments that several subcommands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.systems import SYSTEMS


class Day(click.ParamType):
    """A date written YYYY-MM-DD that is a partition: from the first day to today, US Eastern time."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; click shows the reason where it is none."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date like 2022-01-31.", param, ctx)
        today = datetime.now(ZoneInfo("America/New_York")).date()
        if not FIRST_DAY <= day <= today:
            self.fail(f"{day} is not between {FIRST_DAY}, the first partition, and today, {today}.", param, ctx)
        return day


class FiniteRange(click.FloatRange):
    """A number in a range; NaN, which is neither below nor above anything, is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; click shows the reason where it is none."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no number that can be reckoned with.", param, ctx)
        return number


def day_range(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments START and END, handed on as `start` and `end`; see `as_range`."""
    command = click.argument("end", type=Day())(command)
    return click.argument("start", type=Day())(command)


def as_range(start: date, end: date) -> DayRange:
    """The range; a usage error if it ends before it starts."""
    if end < start:
        raise click.UsageError(f"END ({end}) is before START ({start}).")
    return DayRange(start, end)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
market_type = click.Choice([market.name for market in MARKETS])
information_set_type = click.Choice(INFORMATION_SETS)
system_type = click.Choice(SYSTEMS)


def table_names(text: str | None) -> list[str] | None:
    """Names of tables given as one text, with or without their dataset; a usage error if there is no such table."""
    from nba_assets.tables import TABLES

    if text is None:
        return None
    names = [name.strip().rpartition(".")[2] for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in TABLES]
    if unknown or not names:
        raise click.UsageError(f"No table is named {', '.join(unknown) or repr(text)}. Tables: {', '.join(TABLES)}.")
    return names
