"""The body that all set-based tables share: read the upstreams' days, build, replace."""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.types as ir

from nba_assets.assets.factory import Body
from nba_assets.days import DayRange, seasons_of
from nba_assets.platform import Platform
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import Session, WriteReport

Transform = Callable[..., ir.Table]
"""A transform's `build`: upstream tables by name, and `days`."""


def upstreams(table: Table, session: Session, days: DayRange) -> dict[str, ir.Table]:
    """The upstream tables by name, each with the days that its look-back asks for."""
    return {name: session.read(TABLES[name], back.days_for(days)) for name, back in table.reads.items()}


def from_transform(table: Table, build: Transform) -> Body:
    """The body that replaces the table's days by the transform's rows."""

    def body(_platform: Platform, session: Session, days: DayRange) -> WriteReport:
        def of_season(season: DayRange) -> ir.Table:
            return build(**upstreams(table, session, season), days=season)

        # Season by season: its windows are all that is in memory.
        return session.replace_days(table, days, map(of_season, seasons_of(days)))

    return body
