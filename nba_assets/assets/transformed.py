"""The body that all set-based tables share: read the upstreams' days, build, replace."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from nba_assets.assets.factory import Body
from nba_assets.days import DayRange, season_year_of, seasons_of
from nba_assets.platform import Platform
from nba_assets.tables import TABLES, Table
from nba_assets.warehouse.protocol import Session, WriteReport

Transform = Callable[..., ir.Table]
"""A transform's `build`: upstream tables by name, and `days`."""


def upstreams(table: Table, session: Session, days: DayRange) -> dict[str, ir.Table]:
    """The upstream tables by name, each with the days that its look-back asks for."""
    return {name: session.read(TABLES[name], back.days_for(days)) for name, back in table.reads.items()}


def by_season(session: Session, name: str, days: DayRange, build: Callable[[DayRange], ir.Table]) -> ir.Table:
    """What `build` gives of the days, computed season by season: a season's windows are all that is in memory.

    name: under which the seasons' rows are attached, where there are several.
    """
    seasons = seasons_of(days)
    if len(seasons) == 1:
        return build(days)
    return ibis.union(*(session.attach(f"{name}_{season_year_of(s.first)}", build(s)) for s in seasons))


def from_transform(table: Table, build: Transform) -> Body:
    """The body that replaces the table's days by the transform's rows."""

    def body(_platform: Platform, session: Session, days: DayRange) -> WriteReport:
        def of_season(season: DayRange) -> ir.Table:
            return build(**upstreams(table, session, season), days=season)

        return session.replace_days(table, days, by_season(session, "built", days, of_season))

    return body
