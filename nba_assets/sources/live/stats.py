"""stats.nba.com: the service, its request parameters by nba_api's definitions, and its result sets as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import ShapeError

NAME = "stats.nba.com"
SEASON_TYPE = "Regular Season"
_TYPES = {"game_date": pa.date32()} | dict.fromkeys(
    ("season", "season_year", "game_id", "player_name", "shot_type"), pa.string()
)
"""Of columns that are no numbers, for an answer without rows."""


def service(base_url: str = "https://stats.nba.com", interval_seconds: float = 1.0) -> Service:
    """The service, with the headers that it insists on."""
    from nba_api.stats.library.http import STATS_HEADERS

    # The host follows from the address, and brotli would need another library.
    headers = {**STATS_HEADERS, "Accept-Encoding": "gzip, deflate"}
    headers.pop("Host", None)
    return Service(NAME, base_url, interval_seconds, headers)


def parameters(endpoint: type[Any], **given: Any) -> dict[str, str]:
    """The parameters of an endpoint of nba_api, by its own names, with its defaults; without those of no value."""
    return {name: str(v) for name, v in endpoint(**given, get_request=False).parameters.items() if v is not None}


def season(days: DayRange) -> str:
    """The season of the days as stats.nba.com writes it: 2021-22."""
    year = season_year_of(days.first)
    return f"{year}-{(year + 1) % 100:02d}"


def us_date(day: date) -> str:
    """A date as stats.nba.com takes it: 01/31/2022."""
    return day.strftime("%m/%d/%Y")


def columns(payload: Any, name: str, wanted: Iterable[str]) -> dict[str, list[Any]]:
    """The wanted columns of a result set, by name.

    Raises:
        ShapeError: the result set or a column is not there.
    """
    try:
        sets: Mapping[str, Any] = {one["name"]: one for one in payload["resultSets"]}
        headers, rows = list(sets[name]["headers"]), [list(row) for row in sets[name]["rowSet"]]
    except (KeyError, TypeError) as error:
        raise ShapeError(f"there is no result set {name} with headers and rows.") from error
    missing = [column for column in wanted if column not in headers]
    if missing:
        raise ShapeError(
            f"result set {name} has no column {', '.join(missing)}; it has {', '.join(map(str, headers))}."
        )
    if any(len(row) != len(headers) for row in rows):
        raise ShapeError(f"result set {name} has rows that are not as long as its headers.")
    return {column: [row[position] for row in rows] for column in wanted for position in (headers.index(column),)}


def as_table(values: Mapping[str, list[Any]]) -> pa.Table:
    """Columns as a table.

    Raises:
        ShapeError: the values of a column are of several kinds, or of another than the column's.
    """
    arrays = {}
    for name, column in values.items():
        try:
            array = pa.array(column, _TYPES.get(name, None if column else pa.int64()))
        except (pa.ArrowException, ValueError, OverflowError, TypeError) as error:
            raise ShapeError(f"column {name} has values of several kinds: {str(error).splitlines()[0]}.") from error
        is_number = pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_null(array.type)
        if name not in _TYPES and not is_number:
            raise ShapeError(f"column {name} has values that are no numbers, such as {str(array[0])[:50]!r}.")
        arrays[name] = array
    return pa.table(arrays)


def of_days(rows: pa.Table, days: Iterable[date]) -> pa.Table:
    """The rows whose game_date is one of the days."""
    if not rows.num_rows:
        return rows
    return rows.filter(pc.is_in(rows["game_date"], pa.array(sorted(days), pa.date32())))
