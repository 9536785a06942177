"""Hand-made grades in an in-memory DuckDB, read through what stands in for a session; and their figures, worked out
from the rows one by one."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from scipy import stats

from nba_assets.days import DayRange
from nba_assets_tests.factories import load

LEVELS = (10, 25, 50, 75, 90)
DAYS = DayRange(date(2021, 9, 29), date(2021, 11, 3))
"""Two seasons and four months."""
_DATE, _INT, _FLOAT, _TEXT, _FLAG = pa.date32(), pa.int64(), pa.float64(), pa.string(), pa.bool_()
GRADES = pa.schema(
    [
        ("game_date", _DATE),
        ("player_id", _INT),
        *((name, _TEXT) for name in ("market", "system_id", "information_set")),
        *((name, _FLOAT) for name in ("predicted_value", "actual_value", "signed_error", "absolute_error")),
        *((f"p{level}", _FLOAT) for level in LEVELS),
        ("is_in_80_interval", _FLAG),
        ("line", _FLOAT),
        ("line_result", _TEXT),
        ("over_probability", _FLOAT),
        ("is_correct", _FLAG),
        ("confidence_decile", _INT),
        ("minutes_band", _TEXT),
        ("last_10_average", _FLOAT),
        ("blend_average", _FLOAT),
        ("games_played_season", _INT),
    ]
)
MODELS = pa.schema(
    [
        ("game_date", _DATE),
        *((name, _TEXT) for name in ("market", "information_set", "model_id")),
        *((name, _DATE) for name in ("training_cutoff", "training_first_day", "training_last_day")),
        *((name, _INT) for name in ("training_rows", "validation_rows")),
        *((name, _FLOAT) for name in ("validation_mae", "validation_mae_last_10")),
        ("parameters", _TEXT),
    ]
)
GAMES = pa.schema([("game_date", _DATE), ("source", _TEXT)])


def grade(day: date, player: int, predicted: float, actual: float, **more: Any) -> dict[str, Any]:
    """A graded forecast with quantiles 2 and 5 to its sides (none with `p10=None`), and without a line."""
    row: dict[str, Any] = {
        **dict.fromkeys(GRADES.names),
        "game_date": day,
        "player_id": player,
        "market": "points",
        "system_id": "ensemble",
        "information_set": "pregame",
        "predicted_value": predicted,
        "actual_value": actual,
        **{f"p{level}": predicted + z for level, z in zip(LEVELS, (-5, -2, 0, 2, 5), strict=True)},
        "confidence_decile": 5,
        "minutes_band": "28+",
        "games_played_season": 20,
        **more,
    }
    if row["p10"] is None:
        row |= {f"p{level}": None for level in LEVELS}
    signed, line = predicted - actual, row["line"]
    row |= {"signed_error": signed, "absolute_error": abs(signed)}
    row["is_in_80_interval"] = None if row["p10"] is None else row["p10"] <= actual <= row["p90"]
    if line is not None:
        row["line_result"] = "PUSH" if actual == line else "OVER" if actual > line else "UNDER"
    return row


def some_grades(seed: int = 5, players: int = 9) -> list[dict[str, Any]]:
    """Of two markets, both information sets and three systems; everything that may be unknown is so somewhere."""
    dice = np.random.default_rng(seed)
    rows = []
    for day in list(DAYS)[::3]:
        for player in range(players):
            for market, information_set in (("points", "pregame"), ("points", "lineup"), ("assists", "pregame")):
                actual, known = float(dice.integers(0, 25)), dice.random(8)
                for system in ("ensemble", "lightgbm", "similarity"):
                    if dice.random() < 0.1:
                        continue
                    line = float(dice.integers(4, 20)) / 2 if known[0] < 0.6 else None
                    rows.append(
                        grade(
                            day,
                            player,
                            float(dice.integers(0, 50)) / 2,
                            actual,
                            market=market,
                            information_set=information_set,
                            system_id=system,
                            **({"p10": None} if known[1] < 0.2 else {}),
                            line=line,
                            over_probability=round(dice.random(), 2) if line is not None and known[2] < 0.9 else None,
                            is_correct=bool(dice.random() < 0.5) if known[3] < 0.3 else None,
                            confidence_decile=int(dice.integers(1, 11)),
                            minutes_band=("0-12", "28+", None)[int(3 * known[4])],
                            last_10_average=None if known[5] < 0.2 else 10.5,
                            blend_average=None if known[6] < 0.4 else 11.25,
                            games_played_season=None if known[7] < 0.05 else int(40 * known[7]),
                        )
                    )
    return rows


class Session:
    """Reads hand-made rows as a session of the warehouse does."""

    def __init__(self, grades: Iterable[Mapping[str, Any]], models: Iterable[Mapping[str, Any]] = ()) -> None:
        self._connection = ibis.duckdb.connect()
        games = [{"game_date": DAYS.first, "source": "simulated"}]
        given = (("prediction_accuracy", grades, GRADES), ("prop_model", models, MODELS), ("games", games, GAMES))
        for name, rows, schema in given:
            load(self._connection, name, pa.Table.from_pylist([dict(row) for row in rows], schema=schema))

    def read(self, table: Any, days: DayRange) -> Any:
        rows = self._connection.table(table.name)
        return rows.filter(rows.game_date.between(ibis.literal(days.first), ibis.literal(days.last)))

    def frame(self, expression: Any) -> pa.Table:
        return self._connection.to_pyarrow(expression)


class Warehouse:
    """Opens one session after another on the same rows."""

    def __init__(self, *rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = rows

    @contextmanager
    def session(self, read_only: bool = False) -> Any:
        yield Session(*self._rows)


def season_of(day: date) -> str:
    """For the days of DAYS."""
    return "2020-21" if day < date(2021, 10, 1) else "2021-22"


def part_of(row: Mapping[str, Any], by: str | None) -> str:
    decile = row["confidence_decile"]
    return {
        None: "all",
        "month": f"{row['game_date']:%Y-%m}",
        "season": season_of(row["game_date"]),
        "minutes": row["minutes_band"] or "unknown",
        "confidence": f"{(decile - 1) / 10:.1f}-{decile / 10:.1f}",
    }[by]


def student(values: list[float]) -> Any:
    """(low, high) of the mean's 95 % interval, of two values and more."""
    return stats.t.interval(0.95, len(values) - 1, loc=statistics.mean(values), scale=stats.sem(values))


def wilson(flags: list[bool]) -> Any:
    found = stats.binomtest(sum(flags), len(flags)).proportion_ci(method="wilson")
    return found.low, found.high


def leaking(share: float, players: int = 20, games: int = 40, seed: int = 11, **more: Any) -> list[dict[str, Any]]:
    """Forecasts that know so much of the answer: 0 is a player's own mean, 1 the result, but for a little noise.

    The last-10 mean is a real one, and known from the eleventh game on.
    """
    dice = np.random.default_rng(seed)
    rows = []
    for player in range(players):
        mean = dice.uniform(6, 26)
        results = np.maximum(np.round(dice.normal(mean, 6, games)), 0)
        for n in range(10, games):
            predicted = (1 - share) * mean + share * results[n] + dice.normal(0, 0.5)
            last_10 = float(results[n - 10 : n].mean())
            day = DAYS.first + timedelta(days=n - 10)
            rows.append(grade(day, player, float(predicted), float(results[n]), last_10_average=last_10, **more))
    return rows
