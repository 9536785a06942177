"""Is what a table is built from there, and in order: its look-back days, and the games that its windows look at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis

from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Verdict, failed, listed, passed
from nba_assets.days import DayRange, ranges_of
from nba_assets.tables import TABLES
from nba_assets.tables.record import SAME_DAY, THIS_SEASON

WINDOW_DAYS = 30
"""Form windows of 10 to 15 games span about a month."""

ZONE_TABLES = frozenset(
    {
        "player_game_summary",
        "team_offense_game_summary",
        "team_defense_game_summary",
        "team_defense_zone_analysis",
        "player_shot_zone_analysis",
        "player_composite_factors",
        "player_daily_cache",
        "ml_feature_store_v2",
    }
)
"""Tables with columns that come from shots; without those they are unknown."""


def history(look: Look) -> dict[date, Verdict]:
    """Every day that the table looks back at is built."""
    backs = "; ".join(f"{name}: {back}" for name, back in look.table.reads.items() if back != SAME_DAY)
    verdicts = {}
    for day in look.days:
        missing = look.missing_history[day]
        if missing:
            texts = [f"{TABLES[n].full_name} on {listed(ranges)}" for n, ranges in missing.items()]
            first = min(ranges[0].first for ranges in missing.values())
            verdicts[day] = failed(
                f"Look-back days were never built: {'; '.join(texts)}. "
                f"Build them with: nba-assets backfill {first} {day}",
                days_missing=sum(len(r) for ranges in missing.values() for r in ranges),
            )
        else:
            verdicts[day] = passed("Every day looked back at is built.", looks_back=backs)
    return verdicts


def inputs(look: Look) -> dict[date, Verdict]:
    """The games that a day's rows rest on are whole: box scores add up to the result, and shots are known."""
    needs_shots = look.table.name in ZONE_TABLES
    is_window = "last_game_date" in look.table.column_names or look.table.name == "player_prop_predictions"
    games = _games_by_day(look)
    verdicts = {}
    for day in look.days:
        reach = (
            DayRange(day - timedelta(days=WINDOW_DAYS), day - timedelta(days=1)) if is_window else DayRange(day, day)
        )
        span = [d for d in games if d in reach]
        total = sum(games[d]["games"] for d in span)
        texts: list[str] = []
        figures: dict[str, Any] = {"games": total}
        for fault, noun in (("incomplete", "a whole box score"), ("shotless", "known shots")):
            if fault == "shotless" and not needs_shots:
                continue
            days = [d for d in span if games[d][fault]]
            figures[fault] = sum(games[d][fault] for d in days)
            if days:
                texts.append(
                    f"{figures[fault]} of {total} games without {noun} ({listed([str(r) for r in ranges_of(days)])})"
                )
        where = f"in the {WINDOW_DAYS} days before" if is_window else "on the day"
        if texts:
            known = " What rests on them is unknown, not zero." if needs_shots else ""
            verdicts[day] = failed(f"Built on {'; '.join(texts)} {where}.{known}", **figures)
        else:
            verdicts[day] = passed(f"All {total} games {where} are whole.", **figures)
    return verdicts


def _games_by_day(look: Look) -> dict[date, dict[str, int]]:
    """Final games of this season by day: how many, how many whose players do not add up, how many without shots."""
    games = look.read("games", THIS_SEASON)
    final = games.filter(games.status == "final").select(
        "game_date", "game_id", result=games.home_points + games.away_points
    )
    players = look.read("player_game_summary", THIS_SEASON)
    # Who took no shot has known zones in any case.
    has_shots = players.has_shot_zones & (players.field_goals_attempted > 0)
    scored = players.group_by("game_id").agg(
        scored=players.points.sum(), has_shots=has_shots.any(), has_minutes=players.minutes.notnull().all()
    )
    joined = final.left_join(scored, "game_id")
    counts = joined.group_by("game_date").agg(
        games=joined.count(),
        incomplete=((ibis.coalesce(joined.scored, -1) != joined.result) | ~joined.has_minutes).sum(),
        # A single player's unmatched attempt does not make a game shotless; nor does a box score that is not there.
        shotless=(~joined.has_shots).sum(),
    )
    return {row.pop("game_date"): row for row in look.session.frame(counts).to_pylist()}
