"""Assets of nba_raw: rows of the configured source, held against their contract on the way in."""

from __future__ import annotations

from datetime import date

import dagster as dg

from nba_assets.assets.factory import Body, table_asset
from nba_assets.days import FIRST_DAY, DayRange
from nba_assets.platform import Platform
from nba_assets.sources.protocol import SourceError
from nba_assets.tables import Table, raw
from nba_assets.warehouse.protocol import ContractError, Session, WriteReport


def _from_source(table: Table) -> Body:
    def body(platform: Platform, session: Session, days: DayRange) -> WriteReport:
        _refuse_mixture(table, platform, session)
        rows = platform.source.fetch(table.name, days)
        try:
            return session.ingest(table, days, rows, strict=platform.is_strict)
        except ContractError as error:
            raise ContractError(f"Source {platform.source.name}: {error}") from error

    return body


def _refuse_mixture(table: Table, platform: Platform, session: Session) -> None:
    """Invented games and real ones never share a warehouse.

    Raises:
        SourceError: the table, or the schedule, holds rows of the other kind.
    """
    always = DayRange(FIRST_DAY, date.max)
    kept = session.read(table, always).select("source").union(session.read(raw.GAMES, always).select("source"))
    found = session.frame(kept.distinct())["source"].to_pylist()
    others = sorted(name for name in found if name != platform.source.name)
    if others and "simulated" in (*others, platform.source.name):
        raise SourceError(
            f"the warehouse holds rows of the source {', '.join(others)}, and the settings select "
            f"{platform.source.name}. Use another NBA_ASSETS_HOME for it, or select {others[0]} again "
            "(NBA_ASSETS_ARCHIVE, NBA_ASSETS_SOURCE)."
        )


POOL = "live_sources"
"""All raw tables ask the same few services: one pool for them, so that runs side by side do not add up their rates."""

games = table_asset(raw.GAMES, _from_source(raw.GAMES), POOL)
player_boxscores = table_asset(raw.PLAYER_BOXSCORES, _from_source(raw.PLAYER_BOXSCORES), POOL)
shots = table_asset(raw.SHOTS, _from_source(raw.SHOTS), POOL)
game_lines = table_asset(raw.GAME_LINES, _from_source(raw.GAME_LINES), POOL)
player_props = table_asset(raw.PLAYER_PROPS, _from_source(raw.PLAYER_PROPS), POOL)
injuries = table_asset(raw.INJURIES, _from_source(raw.INJURIES), POOL)
active_players = table_asset(raw.ACTIVE_PLAYERS, _from_source(raw.ACTIVE_PLAYERS), POOL)

RAW_ASSETS: list[dg.AssetsDefinition] = [
    games,
    player_boxscores,
    shots,
    game_lines,
    player_props,
    injuries,
    active_players,
]
