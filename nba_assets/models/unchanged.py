"""Which rows of prop_model stand as they were written: nothing that they rest on has changed since.

To see that by what they rest on, four seasons of features are read; the ledger says it of each day. What is learned
where it does not is in `prop_model.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from nba_assets.days import season_year_of
from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS, Market
from nba_assets.models import calibration, registry, training
from nba_assets.tables.predictions import PROP_MODEL
from nba_assets.warehouse.protocol import DayState

Row = Mapping[str, Any]
"""Of prop_model."""
_SERVED = {(market.name, information_set) for market in MARKETS for information_set in INFORMATION_SETS}


def settings_fingerprint(market: Market) -> str:
    """What a row depends on besides other rows, as one hash: the settings of training and calibration."""
    return hashlib.sha256(f"{training.settings(market)} {calibration.SETTINGS!r} {market!r}".encode()).hexdigest()


def rows_that_stand(
    known: Iterable[Row], states: Mapping[tuple[str, date], DayState], season_year: int, models_folder: Path
) -> dict[date, list[Row]]:
    """Cut-off -> its rows, one for each market and information set; without the cut-offs of which one does not stand.

    known: rows that were written, of each cut-off, market and information set the latest. states: of prop_model and of
        what it reads, all days that a day of the season rests on. season_year: of the days that are to be served; what
        is read for another season's reaches back less far or farther.
    """
    settings = {market.name: settings_fingerprint(market) for market in MARKETS}
    by_cutoff: dict[date, list[Row]] = {}
    for row in known:
        if (
            season_year_of(row["game_date"]) == season_year
            and row["settings_fingerprint"] == settings.get(row["market"], "")
            and registry.has_file(models_folder, row)
        ):
            by_cutoff.setdefault(row["training_cutoff"], []).append(row)
    return {cutoff: rows for cutoff, rows in by_cutoff.items() if _stand(cutoff, rows, states)}


def _stand(cutoff: date, rows: list[Row], states: Mapping[tuple[str, date], DayState]) -> bool:
    """Whether the rows are all that there should be, and older than no change of what lies before the cut-off."""
    if {(row["market"], row["information_set"]) for row in rows} != _SERVED:
        return False
    changes = (state.changed for (name, day), state in states.items() if name in PROP_MODEL.reads and day < cutoff)
    latest = max(changes, default=0)
    written = (states.get((PROP_MODEL.name, row["game_date"])) for row in rows)
    return all(state is not None and state.built >= latest for state in written)
