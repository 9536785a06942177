"""From prediction_accuracy to slices: which rows are evaluated, what is measured on each, and the one grouped query."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.days import DayRange, season_year_of
from nba_assets.evaluation.moments import Moments
from nba_assets.evaluation.slices import BASELINES, LEVELS, UNKNOWN, WHOLE, Slice, merged, ordered
from nba_assets.tables.predictions import PREDICTION_ACCURACY
from nba_assets.warehouse.protocol import Session

MINIMUM_GAMES = 5
SLICINGS = {"month": "_month", "season": "_season", "minutes": "minutes_band", "confidence": "confidence_decile"}
"""What may be sliced by -> the column that says which part a row is in."""
_CELL = ("market", "information_set", "system_id")
_FORECAST_OF = ("game_date", "player_id", "market", "information_set")


@dataclass(frozen=True)
class Selection:
    """Which forecasts are evaluated. None: all.

    minimum_games: games that a player must have behind him that season, the same for every system; 0 leaves nobody
        out, not even those whose games are unknown.
    is_same_rows: only (day, player, market, information set) of which each of the systems spoke; without `systems`,
        each that spoke at all of that market and information set.
    """

    market: str | None = None
    information_set: str | None = None
    systems: tuple[str, ...] = ()
    minimum_games: int = MINIMUM_GAMES
    is_same_rows: bool = False


@dataclass(frozen=True)
class Evaluation:
    """Slices, and where the selection's graded forecasts went.

    graded = too_few_games + games_unknown + not_shared + those in the slices. not_shared: left out because not all
    systems spoke.
    """

    slices: tuple[Slice, ...]
    graded: int
    too_few_games: int
    games_unknown: int
    not_shared: int

    @property
    def count(self) -> int:
        """Forecasts in the slices."""
        return sum(one.count for one in self.slices)


def evaluate(session: Session, days: DayRange, by: str | None = None, selection: Selection | None = None) -> Evaluation:
    """Slices of the days' graded forecasts by market, information set and system, further by one of SLICINGS."""
    selection = selection or Selection()
    rows = session.read(PREDICTION_ACCURACY, days)
    rows = _with_calendar(rows, days)
    is_filtered = selection.minimum_games > 0
    experienced = rows.filter(rows.games_played_season >= selection.minimum_games) if is_filtered else rows
    chosen, kept = _chosen(rows, selection), _chosen(_with_spread(experienced), selection)
    if selection.is_same_rows:
        kept = _shared(kept, selection.systems)
    few = chosen.games_played_season < selection.minimum_games
    unknown = chosen.games_played_season.isnull() & is_filtered
    (counts,) = session.frame(
        chosen.agg(
            graded=chosen.count(),
            too_few_games=few.cast("int64").sum().coalesce(0),
            games_unknown=unknown.cast("int64").sum().coalesce(0),
        )
    ).to_pylist()
    slices = _slices(session, kept, by)
    evaluated = sum(one.count for one in slices)
    rest = counts["graded"] - counts["too_few_games"] - counts["games_unknown"]
    return Evaluation(tuple(slices), **counts, not_shared=rest - evaluated)


def _with_calendar(rows: ir.Table, days: DayRange) -> ir.Table:
    """Adds each row's month and season."""
    years = [season_year_of(day) for day in days]
    seasons = [f"{year}-{(year + 1) % 100:02d}" for year in years]
    calendar = ibis.memtable(
        pa.table({"_day": pa.array(list(days), pa.date32()), "_season": pa.array(seasons, pa.string())})
    )
    return rows.join(calendar, rows.game_date == calendar._day).mutate(_month=rows.game_date.strftime("%Y-%m"))


def _with_spread(rows: ir.Table) -> ir.Table:
    """Adds how far each result lies from the median of the player's own results of that season (in these rows).

    The median of n results lies nearer to them than to others: deviations are scaled by sqrt(n / (n - 1)), as those
    from a mean are. Unknown for a single result.
    """
    own = (*_CELL, "player_id", "_season")
    # Joined, as a median over a window takes three times as long.
    results = rows.group_by(own).agg(_games=rows.count(), _median=rows.actual_value.median())
    rows = rows.join(results, own)
    scale = (rows._games / (rows._games - 1).nullif(0)).sqrt()
    return rows.mutate(_own_spread=(rows.actual_value - rows._median).abs() * scale)


def _chosen(rows: ir.Table, selection: Selection) -> ir.Table:
    if selection.market is not None:
        rows = rows.filter(rows.market == selection.market)
    if selection.information_set is not None:
        rows = rows.filter(rows.information_set == selection.information_set)
    if selection.systems:
        rows = rows.filter(rows.system_id.isin(selection.systems))
    return rows


def _shared(rows: ir.Table, systems: tuple[str, ...]) -> ir.Table:
    """Rows of which every system spoke."""
    spoke = rows.group_by(*_FORECAST_OF).agg(_spoke=rows.system_id.nunique())
    if systems:
        return rows.semi_join(spoke.filter(spoke._spoke == len(set(systems))), _FORECAST_OF)
    there_are = rows.group_by("market", "information_set").agg(_systems=rows.system_id.nunique())
    spoke = spoke.join(there_are, ["market", "information_set"])
    return rows.semi_join(spoke.filter(spoke._spoke == spoke._systems), _FORECAST_OF)


def _measures(rows: ir.Table) -> dict[str, ir.NumericValue]:
    """What is summed, per row: NULL where unknown, so that it is in no sum. Flags are 0 or 1."""
    is_decided = rows.line_result.isin(["OVER", "UNDER"]) & rows.over_probability.notnull()
    given = is_decided.ifelse(rows.over_probability, ibis.null("float64"))
    over = is_decided.ifelse((rows.line_result == "OVER").cast("float64"), ibis.null("float64"))
    measures = {
        "error": rows.absolute_error,
        "bias": rows.signed_error,
        "inside": rows.is_in_80_interval.cast("float64"),
        "own_spread": rows._own_spread,
        "own_error": rows._own_spread.isnull().ifelse(ibis.null("float64"), rows.absolute_error),
        "over_probability": given,
        "over": over,
        "brier": (given - over) * (given - over),
        "hit": rows.is_correct.cast("float64"),
    }
    for name, column in BASELINES.items():
        measures[f"{name}_error"] = (rows[column] - rows.actual_value).abs()
        measures[f"{name}_gain"] = measures[f"{name}_error"] - rows.absolute_error
    for level in LEVELS:
        under, tie = rows.actual_value < rows[f"p{level}"], rows.actual_value == rows[f"p{level}"]
        measures[f"below_{level}"] = under.cast("float64") + tie.cast("float64") / 2
    return measures


def _slices(session: Session, rows: ir.Table, by: str | None) -> list[Slice]:
    measures = _measures(rows)
    part = rows[SLICINGS[by]] if by else ibis.literal(WHOLE)
    # Everything adds up, so that a tenth of the over probability is just one more part, merged again below.
    tenth = (measures["over_probability"] * 10).floor().cast("int64").clip(0, 9)
    sums = rows.group_by(*_CELL, part=part, tenth=tenth).agg(
        **{f"{name}_count": value.count() for name, value in measures.items()},
        **{f"{name}_total": value.sum().coalesce(0.0) for name, value in measures.items()},
        **{f"{name}_squared": (value * value).sum().coalesce(0.0) for name, value in measures.items()},
    )
    cells: dict[tuple[str, ...], list[Slice]] = {}
    for row in session.frame(sums).to_pylist():
        found = {name: Moments(row[f"{name}_count"], row[f"{name}_total"], row[f"{name}_squared"]) for name in measures}
        bins = {} if row["tenth"] is None else {row["tenth"]: (found["over_probability"], found["over"])}
        one = Slice(row["market"], row["information_set"], row["system_id"], _label(by, row["part"]), found, bins)
        cells.setdefault((one.market, one.information_set, one.system_id, one.part), []).append(one)
    return ordered(merged(parts, cell[-1]) for cell, parts in cells.items())


def _label(by: str | None, part: object) -> str:
    if part is None:
        return UNKNOWN
    if by == "confidence" and isinstance(part, int):
        return f"{(part - 1) / 10:.1f}-{part / 10:.1f}"
    return str(part)
