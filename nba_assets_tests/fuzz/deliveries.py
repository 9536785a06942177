"""Deliveries of raw rows with something wrong: in values, keys, days, types or columns, one thing or several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from nba_assets.days import DayRange, season_year_of
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.raw import RAW_TABLES
from nba_assets.tables.record import Column, Table
from nba_assets_tests.factories import ATL, BOS, CLE, box, final, game_id, rows, scheduled
from nba_assets_tests.fuzz.text import names

DAYS = DayRange(date(2024, 2, 28), date(2024, 3, 1))
"""Over a leap day."""

_NUMBERS: tuple[Any, ...] = (-1, 0, 1, 76, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 1e308, -0.0)
_FLOATS: tuple[Any, ...] = (*_NUMBERS[:5], float("nan"), float("inf"), float("-inf"), 1e308, 5e-324, 0.5)
_DAYS: tuple[Any, ...] = (date(1, 1, 1), date(9999, 12, 31), date(2023, 2, 28), date(2030, 1, 1), *DAYS)
_TIMES: tuple[Any, ...] = (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59), datetime(2024, 2, 29, 23, 30))
_IDS = (
    "",
    "0022300001",
    "00223ABCDE",
    "00223-0001",
    "²²²²²²²²²²",
    "0000000000",
    "00319;'--x",
    "００２２３０００１０",
    "12",
)


def good_rows(table: Table) -> list[dict[str, Any]]:
    """Rows as they should be: two games a day on three days, a player who is traded between them, a postponed game."""
    found: list[dict[str, Any]] = []
    for n, day in enumerate(DAYS):
        for number, team in ((2 * n + 1, ATL), (2 * n + 2, CLE)):
            key = {"game_date": day, "game_id": game_id(number, 2023), "season_year": season_year_of(day)}
            if table.name == "games":
                found.append(final(day, number, team, BOS) if number != 3 else scheduled(day, 3, ATL, BOS, "postponed"))
            elif table.name == "player_boxscores":
                counts = {"field_goals_made": 3, "field_goals_attempted": 7, "assists": number}
                found.append(box(**key, player_id=7, team_id=team, opponent_team_id=BOS, **counts))
            elif table.name == "game_lines":
                found.append({**key, "home_spread": -3.5, "total": 220.0})
            elif table.name == "player_props":
                found.append({**key, "price_american": -110.0})
            elif table.name == "shots":
                found.append({**key, "shot_number": number})
            else:
                found.append({k: v for k, v in key.items() if k in table.column_names} | {"player_id": number})
    return found


def _values(column: Column) -> st.SearchStrategy[Any]:
    """Values that the column's type can hold, most of them absurd."""
    if column.name == "game_id":
        return st.one_of(st.sampled_from(_IDS), names)
    return (
        st.none()
        | {
            "int64": st.sampled_from([v for v in _NUMBERS if isinstance(v, int)]) | st.integers(-(2**63), 2**63 - 1),
            "float64": st.sampled_from(_FLOATS) | st.floats(),
            "string": names,
            "boolean": st.booleans(),
            "date": st.sampled_from(_DAYS) | st.dates(),
            "timestamp": st.sampled_from(_TIMES) | st.datetimes(),
        }[column.type]
    )


@dataclass(frozen=True)
class Delivery:
    """Rows as a source could hand them over. is_strict: nothing may be set aside."""

    table: Table
    rows: pa.Table
    is_strict: bool


def other_type(column: pa.ChunkedArray, kind: str) -> pa.Array:
    """The same count of values, of another type; where it cannot be had, none are known."""
    count = len(column)
    made = {
        "text": lambda: column.cast(pa.string()),
        "large text": lambda: column.cast(pa.string()).cast(pa.large_string()),
        "dictionary": lambda: column.cast(pa.string()).dictionary_encode(),
        "bytes": lambda: pa.array([b"\xff\x00"] * count, pa.binary()),
        "bad text": lambda: pa.array([b"\xff\xfe"] * count, pa.binary()).view(pa.string()),
        "float": lambda: column.cast(pa.float64()),
        "half": lambda: pa.array([1.5] * count, pa.float32()).cast(pa.float16()),
        "unsigned": lambda: pa.array([2**64 - 1] * count, pa.uint64()),
        "small": lambda: pa.array([1] * count, pa.int8()),
        "decimal": lambda: pa.array([Decimal("1.50")] * count, pa.decimal128(10, 2)),
        "wide decimal": lambda: pa.array([Decimal("1.50")] * count, pa.decimal256(60, 2)),
        "list": lambda: pa.array([[1]] * count, pa.list_(pa.int64())),
        "struct": lambda: pa.array([{"a": 1}] * count),
        "nothing": lambda: pa.nulls(count),
        "seconds": lambda: pa.array([2**40] * count, pa.timestamp("s")),
        "far seconds": lambda: pa.array([2**62] * count, pa.timestamp("s")),
        "zoned": lambda: pa.array([0] * count, pa.timestamp("ns", "America/New_York")),
        "far date": lambda: pa.array([2**31 - 1] * count, pa.int32()).view(pa.date32()),
        "millisecond date": lambda: pa.array([2**40] * count, pa.int64()).view(pa.date64()),
        "duration": lambda: pa.array([timedelta(1)] * count),
        "time of day": lambda: pa.array([1] * count, pa.time64("us")),
    }[kind]
    try:
        return made()
    except pa.ArrowException:
        return pa.nulls(count)


KINDS = ("text", "large text", "dictionary", "bytes", "bad text", "float", "half", "unsigned", "small", "decimal")
KINDS += ("wide decimal", "list", "struct", "nothing", "seconds", "far seconds", "zoned", "far date")
KINDS += ("millisecond date", "duration", "time of day")


@st.composite
def with_bad_values(draw: st.DrawFn, table: Table | None = None) -> Delivery:
    """Single values are absurd or unknown, keys come again, days are others."""
    table = table or draw(st.sampled_from(RAW_TABLES))
    records = rows(table, good_rows(table)).to_pylist()
    for _ in range(draw(st.integers(1, 4))):
        column, position = draw(st.sampled_from(table.columns)), draw(st.integers(0, len(records) - 1))
        records[position] = {**records[position], column.name: draw(_values(column))}
    if draw(st.booleans()):
        records += draw(st.lists(st.sampled_from(records), max_size=4))
    records = draw(st.permutations(records))
    return Delivery(table, pa.Table.from_pylist(records, schema=arrow_schema(table)), draw(st.integers(0, 4)) == 4)


@st.composite
def with_other_columns(draw: st.DrawFn) -> Delivery:
    """Whole columns are of another type, missing, there twice, or not known; or no row came."""
    delivery = draw(with_bad_values())
    data = delivery.rows.slice(0, draw(st.sampled_from([0, 1, 100])))
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(delivery.table.column_names))
        what = draw(st.sampled_from(["type", "type", "type", "missing", "twice", "unknown", "upper case"]))
        if name not in data.column_names:
            continue
        position = data.schema.get_field_index(name)
        if what == "type" and position >= 0:
            data = data.set_column(position, name, other_type(data.column(position), draw(st.sampled_from(KINDS))))
        elif what == "missing" and position >= 0:
            data = data.remove_column(position)
        elif what == "twice" and position >= 0:
            data = data.append_column(name, data.column(position))
        elif what == "unknown":
            data = data.append_column(draw(names), pa.nulls(data.num_rows))
        elif what == "upper case" and position >= 0:
            data = data.append_column(name.upper(), pa.nulls(data.num_rows))
    return Delivery(delivery.table, data, delivery.is_strict)


assert {table.name for table in RAW_TABLES} <= set(TABLES)
