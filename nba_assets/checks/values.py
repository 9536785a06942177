"""Do the values make sense: within bounds, known as often as declared, not the same for everybody. From the profile."""

from __future__ import annotations

from datetime import date
from typing import Any

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Severity, Verdict, failed, listed, passed
from nba_assets.information import INFORMATION_SETS
from nba_assets.tables import TABLES, Column
from nba_assets.tables.limits import ANY_SHARE, NEVER_UNKNOWN, bounds, max_null_share
from nba_assets.warehouse.protocol import DayProfile

MINIMUM_ROWS = 60
"""Below so many known values a column can be the same for everybody by chance, as on a day with two games."""

_CAN_BE_CONSTANT = {
    "overtime_periods": "no game may go to overtime",
    "factors_available": "all four may be known for everybody",
    "feature_quality_score": "the same features may be known for everybody",
}
_COUNTED_UNITS = frozenset({"games", "players", "year", "decile", "rows", "days"})
"""Small counts that a whole slate can share."""


def values_in_range(look: Look) -> dict[date, Verdict]:
    """No value lies outside its column's bounds, see `tables/limits.py`."""
    limits = {c.name: bounds(c) for c in look.table.columns if bounds(c) != (None, None)}
    verdicts = {}
    for day in look.days:
        found = _out_of_range(look.profile.get(day), limits)
        if found:
            texts = [f"{row['column']} reaches {row['value']:g}" for row in found]
            verdicts[day] = failed(f"Out of bounds: {listed(texts)}.", details=found, columns=len(limits))
        else:
            verdicts[day] = passed(f"{len(limits)} columns are within their bounds.", columns=len(limits))
    return verdicts


def _out_of_range(profile: DayProfile | None, limits: dict[str, Any]) -> list[dict[str, Any]]:
    if profile is None:
        return []
    found = []
    for name, (lowest, highest) in limits.items():
        low, high = profile.low.get(name), profile.high.get(name)
        for value, limit, is_out in (
            (low, lowest, low is not None and lowest is not None and low < lowest),
            (high, highest, high is not None and highest is not None and high > highest),
        ):
            if is_out:
                found.append({"column": name, "value": value, "bound": limit})
    return found


def null_share(look: Look) -> dict[date, Verdict]:
    """No column is unknown more often than declared, see `tables/limits.py`."""
    declared = judged_columns(look.table.name)
    early = look.opening_days
    verdicts = {}
    for day in look.days:
        profile = look.profile.get(day)
        held = {n: s for n, s in declared.items() if s == NEVER_UNKNOWN or day not in early}
        found = [] if profile is None else _too_often_unknown(profile, held)
        if found:
            texts = [f"{row['column']} in {row['unknown']:,} of {row['rows']:,} rows" for row in found]
            # A fact that is never unknown is lost; anything else is unknown for a reason, and said to be.
            is_lost = any(row["declared_share"] == NEVER_UNKNOWN for row in found)
            verdicts[day] = failed(
                f"Unknown (not zero) more often than declared: {listed(texts)}.",
                severity=Severity.ERROR if is_lost else Severity.WARN,
                details=found,
                columns=len(held),
            )
        else:
            early_text = ", the season's first weeks aside" if day in early else ""
            verdicts[day] = passed(f"{len(held)} columns are as known as declared{early_text}.", columns=len(held))
    return verdicts


def judged_columns(table: str) -> dict[str, float]:
    """Optional columns of which a share of NULLs is declared, with the share."""
    optional = {c.name: max_null_share(c) for c in TABLES[table].columns if not c.required}
    return {name: share for name, share in optional.items() if share < ANY_SHARE}


def _too_often_unknown(profile: DayProfile, declared: dict[str, float]) -> list[dict[str, Any]]:
    return [
        {"column": name, "unknown": profile.unknown[name], "rows": profile.rows, "declared_share": share}
        for name, share in declared.items()
        if profile.unknown[name] > share * profile.rows
    ]


def not_constant(look: Look) -> dict[date, Verdict]:
    """No measure is the same for every row of a day with many."""
    columns = varying_columns(look.table.name)
    early = look.opening_days
    # A player with a row for each information set is still one player.
    fewest = MINIMUM_ROWS * (len(INFORMATION_SETS) if "information_set" in look.table.key else 1)
    verdicts = {}
    for day in look.days:
        profile = look.profile.get(day)
        if profile is None or profile.rows < fewest or day in early:
            reason = "the season's first weeks" if day in early else f"fewer than {fewest} rows"
            verdicts[day] = passed(f"Not asked of this day: {reason}.")
            continue
        found = [
            {"column": name, "value": profile.low[name], "rows": profile.rows - profile.unknown[name]}
            for name in columns
            if profile.rows - profile.unknown[name] >= fewest and profile.low[name] == profile.high[name]
        ]
        if found:
            texts = [f"{row['column']} is {row['value']:g} in {row['rows']} rows" for row in found]
            verdicts[day] = failed(f"The same for everybody: {listed(texts)}.", details=found, columns=len(columns))
        else:
            verdicts[day] = passed(f"{len(columns)} columns vary.", columns=len(columns))
    return verdicts


def varying_columns(table: str) -> list[str]:
    """Columns that differ from row to row on a day with many rows."""
    return [column.name for column in TABLES[table].columns if _varies(column)]


def _varies(column: Column) -> bool:
    is_measure = column.type == "float64" or (column.type == "int64" and bool(column.unit))
    # What is said of the league is one value for everybody.
    is_shared = column.name.startswith("league_") or column.name in _CAN_BE_CONSTANT
    return is_measure and column.unit not in _COUNTED_UNITS and not is_shared
