"""Everything that the model page says of a range of days, read through one session. How it looks is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nba_assets.days import DayRange
from nba_assets.evaluation.measures import MINIMUM_GAMES, Evaluation, Selection, evaluate
from nba_assets.evaluation.slices import Slice
from nba_assets.tables.predictions import PROP_MODEL
from nba_assets.tables.raw import GAMES
from nba_assets.warehouse.protocol import Session


@dataclass(frozen=True)
class Contents:
    """The figures of the model page.

    sources: where the schedule's rows come from. whole: each system on all rows of which it spoke; shared: on those of
    which every system did. models: rows of prop_model, by day.
    """

    days: DayRange
    minimum_games: int
    sources: tuple[str, ...]
    whole: Evaluation
    shared: Evaluation
    by_season: tuple[Slice, ...]
    by_month: tuple[Slice, ...]
    by_minutes: tuple[Slice, ...]
    models: tuple[Mapping[str, Any], ...]


def read_contents(session: Session, days: DayRange, minimum_games: int = MINIMUM_GAMES) -> Contents:
    """The figures of the days."""
    every, shared = Selection(minimum_games=minimum_games), Selection(minimum_games=minimum_games, is_same_rows=True)
    sources = session.frame(session.read(GAMES, days).select("source").distinct())["source"].to_pylist()
    return Contents(
        days=days,
        minimum_games=minimum_games,
        sources=tuple(sorted(sources)),
        whole=evaluate(session, days, selection=every),
        shared=evaluate(session, days, selection=shared),
        by_season=evaluate(session, days, "season", every).slices,
        by_month=evaluate(session, days, "month", every).slices,
        by_minutes=evaluate(session, days, "minutes", every).slices,
        models=tuple(session.frame(session.read(PROP_MODEL, days).order_by(*PROP_MODEL.key)).to_pylist()),
    )
