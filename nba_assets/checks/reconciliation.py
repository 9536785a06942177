"""Do tables that speak of the same games agree: players with results, shots with attempts, grades with facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Severity, Verdict, counted, failed, passed
from nba_assets.expected import results
from nba_assets.information import LINEUP
from nba_assets.markets import MARKETS, STATISTICS
from nba_assets.tables.lineups import ROTATION_MINUTES
from nba_assets.tables.predictions import PREDICTION_ACCURACY
from nba_assets.transforms.joins import add_columns

_EXAMPLES = 5
_MINUTES_TOLERANCE = 1.0
"""A source that rounds seconds is off by less than this over a team's game."""
_RATE_TOLERANCE = 1e-4
_OVERTIME_MINUTES = 25
_REGULATION_MINUTES = 240

Compared = Callable[[Look], tuple[ir.Table, ...]]
"""One row for each thing that should agree: game_date, columns that say where, and `fault`, NULL where it does."""


def _players_against_result(look: Look) -> tuple[ir.Table, ...]:
    """Players' points are the team's result, and minutes are 240 plus 25 per overtime."""
    rows = look.rows
    teams = rows.group_by("game_id", "team_id").agg(points=rows.points.sum(), minutes=rows.minutes.sum())
    both = results(look.read).join(teams, ["game_id", "team_id"])
    beyond = both.minutes - _REGULATION_MINUTES
    overtimes = ibis.greatest((beyond / _OVERTIME_MINUTES).round(), 0)
    fault = ibis.cases(
        (both.points != both.result, "player points are not the team's result"),
        (
            (beyond - overtimes * _OVERTIME_MINUTES).abs() > _MINUTES_TOLERANCE,
            "player minutes are not 240 plus 25 per overtime",
        ),
        (both.minutes.isnull(), "minutes are unknown"),
    )
    return (
        both.select("game_date", "game_id", "team_id", "result", "points", minutes=both.minutes.round(2), fault=fault),
    )


def _shots_against_attempts(look: Look) -> tuple[ir.Table, ...]:
    """A player's shots are his attempts and makes, in games of which there are shots at all."""
    shots, players = look.rows, look.read("player_boxscores")
    covered = shots.select("game_id").distinct()
    taken = shots.group_by("game_date", "game_id", "player_id").agg(
        shots=shots.count(), made=shots.is_made.cast("int64").sum()
    )
    box = players.semi_join(covered, "game_id").select(
        "game_date", "game_id", "player_id", "field_goals_attempted", "field_goals_made"
    )
    box = box.rename(box_game_date="game_date", box_game_id="game_id", box_player_id="player_id")
    both = taken.outer_join(box, [taken.game_id == box.box_game_id, taken.player_id == box.box_player_id])
    shots_taken, made = ibis.coalesce(both.shots, 0), ibis.coalesce(both.made, 0)
    attempts, makes = ibis.coalesce(both.field_goals_attempted, 0), ibis.coalesce(both.field_goals_made, 0)
    off_by = (shots_taken - attempts).abs() + (made - makes).abs()
    compared = both.select(
        game_date=ibis.coalesce(both.game_date, both.box_game_date),
        game_id=ibis.coalesce(both.game_id, both.box_game_id),
        player_id=ibis.coalesce(both.player_id, both.box_player_id),
        shots=shots_taken,
        attempts=attempts,
        off_by=off_by,
        fault=ibis.cases((off_by > 0, "a player's shots are not his attempts and makes")),
    )
    return (compared,)


def _summary_against_boxscores(look: Look) -> tuple[ir.Table, ...]:
    """The result as in the box scores, and zones that add up to the attempts where they are known."""
    rows = look.rows
    zones = rows.paint_attempts + rows.mid_range_attempts + rows.three_pointers_attempted
    by_player = rows.select(
        "game_date",
        "game_id",
        "player_id",
        "field_goals_attempted",
        zone_attempts=zones,
        fault=ibis.cases((rows.has_shot_zones & (zones != rows.field_goals_attempted), "zones are not the attempts")),
    )
    return (*_players_against_result(look), by_player)


def _offense_against_result(look: Look) -> tuple[ir.Table, ...]:
    rows = look.rows.select("game_id", "team_id", "points", "opponent_points")
    both = results(look.read).join(rows, ["game_id", "team_id"])
    is_same = (both.points == both.result) & (both.opponent_points == both.opponent_result)
    return (both.mutate(fault=ibis.cases((~ibis.coalesce(is_same, False), "points are not the game's result"))),)


def _defense_against_result(look: Look) -> tuple[ir.Table, ...]:
    rows = look.rows.select("game_id", "team_id", "points_allowed")
    both = results(look.read).join(rows, ["game_id", "team_id"])
    is_same = ibis.coalesce(both.points_allowed == both.opponent_result, False)
    return (both.mutate(fault=ibis.cases((~is_same, "points allowed are not the opponent's result"))),)


def _roster_against_boxscores(look: Look) -> tuple[ir.Table, ...]:
    """Who of the roster appeared is who is in his team's box score."""
    boxes = look.read("player_boxscores")
    appeared = boxes.select("game_id", "team_id", "player_id", is_in_box_score=True)
    rows = look.rows.semi_join(boxes, ["game_id", "team_id"]).pipe(
        add_columns, appeared, "game_id", "team_id", "player_id"
    )
    is_same = ibis.coalesce(rows.has_appeared == ibis.coalesce(rows.is_in_box_score, False), False)
    fault = ibis.cases((~is_same, "who appeared is not who is in the box score"))
    return (rows.select("game_date", "player_id", "has_appeared", fault=fault),)


def _lineups_against_the_whole(look: Look) -> tuple[ir.Table, ...]:
    """Those who are sure to play share out a game's 240 minutes, or what others leave of them, at one rate; nobody else
    is given more than that."""
    rows = look.rows.filter(look.rows.information_set == LINEUP)
    rows = rows.mutate(
        rate=rows.projected_minutes / rows.minutes_if_active.nullif(0),
        is_sure=rows.expected_minutes >= ROTATION_MINUTES[1],
    )
    teams = rows.group_by("game_date", "game_id", "team_id").agg(
        minutes=rows.projected_minutes.sum(where=rows.is_sure),
        lowest_rate=rows.rate.min(where=rows.is_sure),
        highest_rate=rows.rate.max(where=rows.is_sure),
        highest_of_all=rows.rate.max(),
    )
    fault = ibis.cases(
        (teams.minutes > _REGULATION_MINUTES + _MINUTES_TOLERANCE, "projected minutes add up to more than 240"),
        (teams.highest_rate > teams.lowest_rate + _RATE_TOLERANCE, "the line-up's minutes are shared out unevenly"),
        (teams.highest_of_all > teams.highest_rate + _RATE_TOLERANCE, "who may not play is given more minutes"),
    )
    return (teams.mutate(fault=fault),)


def _ensemble_between_members(look: Look) -> tuple[ir.Table, ...]:
    """The ensemble lies between the lowest and the highest of the systems that it is made of."""
    rows, by = look.rows, ("game_date", "player_id", "market", "information_set")
    is_ensemble = rows.system_id == "ensemble"
    both = rows.group_by(by).agg(
        ensemble=rows.predicted_value.max(where=is_ensemble),
        lowest=rows.predicted_value.min(where=~is_ensemble),
        highest=rows.predicted_value.max(where=~is_ensemble),
    )
    is_between = both.ensemble.between(both.lowest - 1e-5, both.highest + 1e-5)
    fault = ibis.cases(
        (both.ensemble.notnull() & ~ibis.coalesce(is_between, False), "the ensemble is outside its members")
    )
    return (both.mutate(fault=fault),)


def _grades_against_facts(look: Look) -> tuple[ir.Table, ...]:
    """What a prediction is graded with is what the player did, and what was predicted is what is graded."""
    played = look.read("player_game_summary").select("game_id", "player_id", *STATISTICS)
    keys = list(PREDICTION_ACCURACY.key)
    made = look.read("player_prop_predictions").select(*keys, forecast="predicted_value")
    rows = add_columns(add_columns(look.rows, played, "game_id", "player_id"), made, *keys)
    did = ibis.cases(*((rows.market == m.name, rows[m.statistic].cast("float64")) for m in MARKETS))
    fault = ibis.cases(
        (~ibis.coalesce(rows.actual_value == did, False), "the actual value is not the player's"),
        (~ibis.coalesce(rows.predicted_value == rows.forecast, False), "the graded value was not predicted"),
    )
    return (rows.select(*keys, "actual_value", "predicted_value", fault=fault),)


RECONCILED: dict[str, Compared] = {
    "player_boxscores": _players_against_result,
    "shots": _shots_against_attempts,
    "player_game_summary": _summary_against_boxscores,
    "team_offense_game_summary": _offense_against_result,
    "team_defense_game_summary": _defense_against_result,
    "upcoming_roster": _roster_against_boxscores,
    "player_lineup_context": _lineups_against_the_whole,
    "player_prop_predictions": _ensemble_between_members,
    "prediction_accuracy": _grades_against_facts,
}
"""Table -> what of it has to agree with other tables, or with itself."""


def reconciles(look: Look) -> dict[date, Verdict]:
    """Sums and facts agree with the tables that they come from."""
    total: Counter[date] = Counter()
    bad: dict[date, list[dict[str, Any]]] = {}
    for compared in RECONCILED[look.table.name](look):
        by_day = compared.group_by("game_date").agg(compared=compared.count(), faults=compared.fault.count())
        counts = look.by_day(by_day)
        total.update({day: row["compared"] for day, row in counts.items()})
        if any(row["faults"] for row in counts.values()):
            for day, rows in look.lists_by_day(compared.filter(compared.fault.notnull())).items():
                bad.setdefault(day, []).extend(rows)
    return {day: _verdict(total[day], bad.get(day, [])) for day in look.days}


def _verdict(compared: int, bad: list[dict[str, Any]]) -> Verdict:
    if not bad:
        return passed(f"{counted(compared, 'comparison')}, all agree.", compared=compared, faults=0)
    tally: dict[str, int] = {}
    for row in bad:
        tally[row["fault"]] = tally.get(row["fault"], 0) + 1
    text = "; ".join(f"{fault}: {count} of {compared}" for fault, count in tally.items())
    # A lone attempt that the league took back later is no cut-off download.
    is_correction = all(row.get("off_by", 99) <= 2 for row in bad) and len(bad) <= 0.02 * compared
    severity = Severity.WARN if is_correction else Severity.ERROR
    return failed(f"{text}.", severity=severity, details=bad[:_EXAMPLES], compared=compared, faults=len(bad))
