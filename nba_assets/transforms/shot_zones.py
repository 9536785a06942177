"""The one definition of shot zones and of a shooting profile over a window of games.

Paint: 8 feet or less. Three: by the source's shot type. Mid-range: every other two-pointer. A game counts only if its
shots are known (has_shot_zones), for all three zones alike, so that a hole in the shots cannot tilt the shares.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

PAINT_FEET = 8
ZONES = ("paint", "mid_range", "three_point")
_COUNTS = {
    "paint": ("paint_attempts", "paint_makes"),
    "mid_range": ("mid_range_attempts", "mid_range_makes"),
    "three_point": ("three_pointers_attempted", "three_pointers_made"),
}


def is_paint(shots: ir.Table) -> ir.BooleanValue:
    """Whether an attempt was taken in the paint."""
    return ~shots.is_three & (shots.shot_distance_feet <= PAINT_FEET)


def window_sums(
    history: ir.Table,
    window: ibis.expr.builders.WindowBuilder,
    suffix: str,
    columns: dict[str, tuple[str, str]] | None = None,
) -> dict[str, ir.Value]:
    """Attempts and makes by zone over a window: `<zone>_attempts_<suffix>`, `<zone>_makes_<suffix>`, and
    `games_with_shot_zones_<suffix>`. NULL where no game of the window has known shots."""
    known = history.has_shot_zones
    sums: dict[str, ir.Value] = {f"games_with_shot_zones_{suffix}": known.cast("int64").sum().over(window)}
    for zone, (attempts, makes) in (columns or _COUNTS).items():
        sums[f"{zone}_attempts_{suffix}"] = known.ifelse(history[attempts], ibis.null("int64")).sum().over(window)
        sums[f"{zone}_makes_{suffix}"] = known.ifelse(history[makes], ibis.null("int64")).sum().over(window)
    return sums


def shares(table: ir.Table, suffix: str) -> dict[str, ir.Value]:
    """`<zone>_rate_<suffix>`, `<zone>_pct_<suffix>` and `<zone>_attempts_avg_<suffix>`, from `window_sums`."""
    total = sum((table[f"{zone}_attempts_{suffix}"] for zone in ZONES), start=ibis.literal(0)).nullif(0)
    games = table[f"games_with_shot_zones_{suffix}"].nullif(0)
    columns: dict[str, ir.Value] = {}
    for zone in ZONES:
        attempts, makes = table[f"{zone}_attempts_{suffix}"], table[f"{zone}_makes_{suffix}"]
        columns[f"{zone}_rate_{suffix}"] = attempts / total
        columns[f"{zone}_pct_{suffix}"] = makes / attempts.nullif(0)
        columns[f"{zone}_attempts_avg_{suffix}"] = attempts / games
    return columns


def primary_zone(paint: ir.FloatingValue, mid_range: ir.FloatingValue, three_point: ir.FloatingValue) -> ir.StringValue:
    """Where a player mostly scores from, by his shares of attempts; NULL if they are unknown."""
    return ibis.cases(
        (paint.isnull(), ibis.null("string")),
        (paint >= 0.40, "paint"),
        (three_point >= 0.40, "perimeter"),
        (mid_range >= 0.35, "mid_range"),
        else_="balanced",
    )
