"""Are the rows those that the schedule asks for: every game, both sides of each, and no game that is not there.

Which keys are absent and why is `coverage.py`'s; here rows are counted, so that too many show as well as too few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Verdict, counted, failed, passed
from nba_assets.expected import (
    Reader,
    all_teams,
    final_sides,
    final_sides_by_information_set,
    forecasts_to_make,
    models_to_serve,
    sides,
    sides_by_information_set,
    sides_to_play,
)
from nba_assets.teams import TEAMS

_EXAMPLES = 8
_NO_LIMIT = 10**9


@dataclass(frozen=True)
class Units:
    """What a table's rows are counted by.

    expected: the units of each day (game_date and columns that the table has too). noun: of one unit.
    fewest, most: rows of a unit. is_required: whether a unit without rows is a fault; rows without a unit always are.
    """

    expected: Callable[[Reader], ir.Table]
    noun: str
    fewest: int = 1
    most: int | None = None
    is_required: bool = True


# Five players are on the floor; a team that dressed fewer has not played. Fewer than that may be projected.
_PLAYERS = Units(sides_to_play, "team's game", fewest=5)
_PLAYERS_BY_SET = Units(sides_by_information_set, "information set of a team's game")
# At the very beginning of the data nobody has been seen in a team before.
_ROSTER = Units(sides_to_play, "team's game", fewest=5, is_required=False)

UNITS: dict[str, Units] = {
    "player_boxscores": Units(final_sides, "team's final game", fewest=5),
    "shots": Units(final_sides, "team's final game"),
    "game_lines": Units(lambda read: sides(read).select("game_date", "game_id").distinct(), "game"),
    "player_props": Units(
        lambda read: sides(read).select("game_date", "game_id").distinct(), "game", is_required=False
    ),
    "active_players": Units(sides, "team's game", fewest=5, is_required=False),
    "player_game_summary": Units(final_sides, "team's final game", fewest=5),
    "team_offense_game_summary": Units(final_sides, "team's final game", most=1),
    "team_defense_game_summary": Units(final_sides, "team's final game", most=1),
    "upcoming_team_game_context": Units(sides_to_play, "team's game", most=1),
    "upcoming_player_game_context": _PLAYERS,
    "upcoming_roster": _ROSTER,
    "player_availability": _ROSTER,
    "player_lineup_context": _PLAYERS_BY_SET,
    "team_defense_zone_analysis": Units(all_teams, "team", most=1),
    "player_composite_factors": _PLAYERS,
    "player_daily_cache": _PLAYERS,
    "ml_feature_store_v2": _PLAYERS_BY_SET,
    "untrained_forecasts": Units(forecasts_to_make, "market and information set"),
    "prop_model": Units(models_to_serve, "market and information set", most=1),
    "player_prop_predictions": _PLAYERS_BY_SET,
    "prediction_accuracy": Units(final_sides_by_information_set, "information set of a team's final game"),
}
"""Tables that are counted by the schedule. games is the schedule; injuries and player_shot_zone_analysis do not follow
a day's games."""


def games_due(look: Look, day: date) -> int:
    """Games of the day that the table must have rows of; 0 where none are asked for, or nobody knows the schedule."""
    units, slate = UNITS.get(look.table.name), look.slates.get(day)
    if units is None or slate is None or not units.is_required:
        return 0
    is_of_results = units.expected in (final_sides, final_sides_by_information_set)
    return slate.final if is_of_results else slate.to_play


def row_count(look: Look) -> dict[date, Verdict]:
    """As many rows as were written, none outside the schedule, and no game or side without any."""
    faults = _schedule_faults(look) if look.table.name == "games" else _unit_faults(look)
    verdicts = {}
    for day in look.days:
        rows, bad = look.row_count(day), list(faults.get(day, []))
        written = look.built[day].rows if day in look.built else 0
        texts = [f"{what}: {count:,}" for what, count in _tally(bad).items()]
        if rows != written:
            texts.insert(0, f"{written:,} rows were written and {rows:,} are there")
        slate = look.slates.get(day)
        figures: dict[str, Any] = {"rows": rows, "games": slate.to_play if slate else 0}
        if texts:
            verdicts[day] = failed(f"{'; '.join(texts)}.", details=bad[:_EXAMPLES], **figures)
        else:
            verdicts[day] = passed(f"{counted(rows, 'row')}, as the schedule says.", **figures)
    return verdicts


def _tally(faults: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault["fault"]] = counts.get(fault["fault"], 0) + 1
    return counts


def _unit_faults(look: Look) -> dict[date, list[dict[str, Any]]]:
    units = UNITS.get(look.table.name)
    if units is None:
        return {}
    expected = units.expected(look.read)
    by = list(expected.columns)
    counts = look.rows.group_by(by).agg(rows=ibis._.count()).rename({f"counted_{c}": c for c in by})
    pairs = expected.mutate(is_expected=True).outer_join(counts, [expected[c] == counts[f"counted_{c}"] for c in by])
    pairs = pairs.select(
        **{c: ibis.coalesce(pairs[c], pairs[f"counted_{c}"]) for c in by},
        is_expected=ibis.coalesce(pairs.is_expected, False),
        rows=ibis.coalesce(pairs.rows, 0),
    )
    fault = ibis.cases(
        (~pairs.is_expected, f"{units.noun} with rows that is not on the schedule"),
        ((pairs.rows == 0) & units.is_required, f"{units.noun} without rows"),
        ((pairs.rows > 0) & (pairs.rows < units.fewest), f"{units.noun} with fewer than {units.fewest} rows"),
        (pairs.rows > (units.most or _NO_LIMIT), f"{units.noun} with more than {units.most} rows"),
    )
    judged = pairs.mutate(fault=fault)
    judged = judged.filter(judged.fault.notnull()).select(
        "game_date", "fault", *(c for c in by if c != "game_date"), "rows"
    )
    return look.lists_by_day(judged.order_by(*by))


def _schedule_faults(look: Look) -> dict[date, list[dict[str, Any]]]:
    """A team that plays twice on a day, or that nobody knows."""
    played = sides(look.read)
    known = [team.team_id for team in TEAMS]
    by_team = played.group_by("game_date", "team_id").agg(games=played.count())
    by_team = by_team.mutate(
        fault=ibis.cases(
            (by_team.team_id.notin(known), "team that is none of the thirty"),
            (by_team.games > 1, "team that plays twice"),
        )
    )
    bad = by_team.filter(by_team.fault.notnull()).select("game_date", "fault", "team_id", "games")
    return look.lists_by_day(bad.order_by("game_date", "team_id"))
