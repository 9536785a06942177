"""How much of what should be there is there: expected keys, present keys and the reason for each absent one, by day.

Coverage is counted on keys (a day's player, team or game), never on distinct players over a range nor on days that have
any row. What is expected of a table is said here, table by table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.markets import MARKETS
from nba_assets.tables import TABLES
from nba_assets.tables.record import THIS_SEASON
from nba_assets.teams import TEAMS
from nba_assets.transforms.analytics.upcoming_team_game_context import team_games
from nba_assets.transforms.as_of import as_of, last_n, on_days
from nba_assets.transforms.precompute.player_shot_zone_analysis import MINIMUM_GAMES
from nba_assets.warehouse.protocol import DayState, Session

NOT_BUILT = "the day was never built"
NOT_DELIVERED = "the source delivered nothing"
UPSTREAM_NOT_BUILT = "an upstream day was never built"
LOST = "lost after it was written"
UNEXPLAINED = "no reason recorded"
CONTRACT = "contract violation"
ACCEPTED = frozenset({"did not play", "game not final"})
"""Reasons for which an absent key is no gap: nothing could be there."""

Reader = Callable[[str], ir.Table]


@dataclass(frozen=True)
class DayCoverage:
    """A table on a day. missing: reason -> keys; `is_built` is the ledger's word."""

    table: str
    day: date
    is_built: bool
    rows: int
    set_aside: int
    expected: int | None
    present: int | None
    missing: Mapping[str, tuple[dict[str, Any], ...]]

    @property
    def gaps(self) -> int:
        """Absent keys for which something could have been there."""
        return sum(len(keys) for reason, keys in self.missing.items() if reason not in ACCEPTED)

    @property
    def is_complete(self) -> bool:
        """Whether the day is built and nothing that could be there is absent."""
        return self.is_built and self.gaps == 0


def sides(read: Reader, *status: str) -> ir.Table:
    """game_date, game_id, team_id of both sides of each game, of any status unless some are given."""
    games = team_games(read("games"))
    kept = games.filter(games.status.isin(status)) if status else games
    return kept.select("game_date", "game_id", "team_id")


def final_sides(read: Reader) -> ir.Table:
    """Both sides of each game that has been played."""
    return sides(read, "final")


def sides_to_play(read: Reader) -> ir.Table:
    """Both sides of each game that is or will be played: not of postponed ones."""
    return sides(read, "final", "scheduled")


def _final_games(read: Reader) -> ir.Table:
    return read("games").filter(lambda t: t.status == "final").select("game_date", "game_id")


def _boxscore_players(read: Reader) -> ir.Table:
    return read("player_boxscores").select("game_date", "game_id", "player_id")


def _appeared(read: Reader) -> ir.Table:
    return read("player_boxscores").select("game_date", "player_id").distinct()


def _game_days(read: Reader) -> ir.Table:
    return read("games").filter(lambda t: t.status != "postponed").select("game_date").distinct()


def all_teams(read: Reader) -> ir.Table:
    """All thirty teams on each day with a game to play."""
    teams = ibis.memtable([(t.team_id,) for t in TEAMS], schema={"team_id": "int64"})
    return _game_days(read).cross_join(teams)


def _expected_players(read: Reader) -> ir.Table:
    return read("upcoming_player_game_context").select("game_date", "player_id")


def _players_with_history(read: Reader) -> ir.Table:
    history = read("player_game_summary:season")
    played = history.select(
        "player_id",
        "season_year",
        "game_date",
        "game_id",
        games=history.count().over(last_n(("player_id", "season_year"), None)),
    )
    targets = read("games").filter(lambda t: t.status != "postponed").select("game_date", "season_year").distinct()
    targets = targets.join(history.select("player_id", "season_year").distinct(), "season_year")
    known = as_of(targets, played, on=("player_id", "season_year"))
    return known.filter(known.games >= MINIMUM_GAMES).select("game_date", "player_id")


def game_day_markets(read: Reader) -> ir.Table:
    """Every market on each day with a game to play."""
    markets = ibis.memtable([(m.name,) for m in MARKETS], schema={"market": "string"})
    return _game_days(read).cross_join(markets)


def _ensemble(read: Reader) -> ir.Table:
    markets = ibis.memtable([(m.name,) for m in MARKETS], schema={"market": "string"})
    return _expected_players(read).cross_join(markets).mutate(system_id=ibis.literal("ensemble"))


def _predictions(read: Reader) -> ir.Table:
    return read("player_prop_predictions").select("game_date", "player_id", "market", "system_id")


EXPECTED: dict[str, Callable[[Reader], ir.Table]] = {
    "player_boxscores": final_sides,
    "shots": _final_games,
    "game_lines": lambda read: read("games").filter(lambda t: t.status != "postponed").select("game_date", "game_id"),
    "player_game_summary": _boxscore_players,
    "team_offense_game_summary": final_sides,
    "team_defense_game_summary": final_sides,
    "upcoming_player_game_context": _appeared,
    "upcoming_team_game_context": lambda read: sides_to_play(read).select("game_date", "team_id"),
    "team_defense_zone_analysis": all_teams,
    "player_shot_zone_analysis": _players_with_history,
    "player_composite_factors": _expected_players,
    "player_daily_cache": _expected_players,
    "ml_feature_store_v2": _expected_players,
    "prop_model": game_day_markets,
    "player_prop_predictions": _ensemble,
    "prediction_accuracy": _predictions,
}
"""Table -> its expected keys. games, player_props and injuries are what a source knows: nothing is expected."""


DELIVERED_TO = {
    "player_boxscores": "player_boxscores",
    "shots": "shots",
    "game_lines": "game_lines",
    "player_game_summary": "player_boxscores",
}
"""Table -> raw table whose refused rows would have been rows of it, with the same key."""


def coverage(session: Session, days: DayRange, tables: tuple[str, ...] | None = None) -> list[DayCoverage]:
    """The coverage of every table (or those named) on every day, tables in graph order."""
    wanted = tables or tuple(TABLES)
    needed = {*wanted, *(upstream for name in wanted for upstream in TABLES[name].reads)}
    states = {(state.table, state.day): state for state in session.day_states(days, needed)}
    aside = _set_aside(session, days, {*wanted, *(DELIVERED_TO[name] for name in wanted if name in DELIVERED_TO)})

    def read(name: str) -> ir.Table:
        table, _, scope = name.partition(":")
        return session.read(TABLES[table], THIS_SEASON.days_for(days) if scope else days)

    result = []
    for name in wanted:
        expected, absent = _keys_by_day(session, read, name, days)
        stored = _stored_rows(session, read, name) if absent else {}
        refused = _refused(session, read, name, aside)
        columns = tuple(next(iter(absent.values()))[0]) if absent else ()
        recorded = _reasons_by_key(("game_date", *columns), aside.get(name, []))
        for day in days:
            state = states.get((name, day))
            reasons: dict[str, list[dict[str, Any]]] = {}
            without_record = _without_record(name, day, states, stored)
            for key in absent.get(day, ()):
                reason = recorded.get((str(day), *(str(v) for v in key.values())), without_record)
                reasons.setdefault(NOT_BUILT if state is None else reason, []).append(key)
            for reason, key in refused.get(day, ()):
                reasons.setdefault(reason, []).append(key)
            if state is None and any((upstream, day) not in states for upstream in TABLES[name].reads):
                reasons = {UPSTREAM_NOT_BUILT: [key for keys in reasons.values() for key in keys]}
            count = expected.get(day, 0) + len(refused.get(day, ())) if name in EXPECTED else None
            missing = sum(len(keys) for keys in reasons.values())
            result.append(
                DayCoverage(
                    table=name,
                    day=day,
                    is_built=state is not None,
                    rows=state.rows if state else 0,
                    set_aside=state.set_aside if state else 0,
                    expected=count,
                    present=None if count is None else count - missing,
                    missing={reason: tuple(keys) for reason, keys in reasons.items()},
                )
            )
    return result


def _keys_by_day(
    session: Session, read: Reader, name: str, days: DayRange
) -> tuple[Counter[date], dict[date, list[dict[str, Any]]]]:
    """Expected keys counted by day, and the absent ones."""
    if name not in EXPECTED:
        return Counter(), {}
    keys = on_days(EXPECTED[name](read), days)
    columns = [c for c in keys.columns if c != "game_date"]
    present = read(name).select("game_date", *columns).distinct().mutate(is_present=True)
    rows = keys.left_join(present, ["game_date", *columns])
    rows = rows.select("game_date", *columns, "is_present")
    counts: Counter[date] = Counter()
    absent: dict[date, list[dict[str, Any]]] = {}
    totals = rows.group_by("game_date").agg(expected=rows.count())
    for row in session.frame(totals).to_pylist():
        counts[row["game_date"]] = row["expected"]
    missing = rows.filter(rows.is_present.isnull()).drop("is_present").order_by("game_date", *columns)
    for row in session.frame(missing).to_pylist():
        absent.setdefault(row.pop("game_date"), []).append(row)
    return counts, absent


def _stored_rows(session: Session, read: Reader, name: str) -> dict[date, int]:
    rows = read(name)
    counts = rows.group_by("game_date").agg(stored=rows.count())
    return {row["game_date"]: row["stored"] for row in session.frame(counts).to_pylist()}


def _refused(
    session: Session, read: Reader, name: str, aside: dict[str, list[tuple[dict[str, Any], str]]]
) -> dict[date, list[tuple[str, dict[str, Any]]]]:
    """Rows that a source delivered and the contract refused, if no other row has their key: reason and key by day."""
    source = DELIVERED_TO.get(name)
    rows = aside.get(source, []) if source else []
    if not source or not rows:
        return {}
    key = TABLES[name].key
    held = session.frame(read(name).select("game_date", *key)).to_pylist()
    present = {(str(row["game_date"]), *(str(row[c]) for c in key)) for row in held}
    found: dict[date, list[tuple[str, dict[str, Any]]]] = {}
    for row, reason in rows:
        if row.get("game_date") and (str(row["game_date"]), *(str(row.get(c)) for c in key)) not in present:
            stated = f"{CONTRACT} in {TABLES[source].full_name}: {reason}"
            found.setdefault(date.fromisoformat(row["game_date"]), []).append((stated, {c: row.get(c) for c in key}))
    return found


def _set_aside(session: Session, days: DayRange, tables: Iterable[str]) -> dict[str, list[tuple[dict[str, Any], str]]]:
    """Table -> what was set aside, with the reason."""
    kept: dict[str, list[tuple[dict[str, Any], str]]] = {}
    rows = session.set_aside(days)
    rows = rows.filter(rows.table_name.isin(tables)).select("table_name", "reason", "row")
    for row in session.frame(rows).to_pylist():
        kept.setdefault(row["table_name"], []).append((json.loads(row["row"]), row["reason"]))
    return kept


def _reasons_by_key(columns: tuple[str, ...], aside: list[tuple[dict[str, Any], str]]) -> dict[tuple[str, ...], str]:
    """Key (as text, day included) -> reason."""
    return {tuple(str(row.get(column)) for column in columns): reason for row, reason in aside}


def _without_record(
    name: str, day: date, states: Mapping[tuple[str, date], DayState], stored: Mapping[date, int]
) -> str:
    """The reason for absent keys that nobody set aside."""
    state = states.get((name, day))
    if state is not None and stored.get(day, 0) < state.rows:
        return LOST
    return NOT_DELIVERED if TABLES[name].dataset == "nba_raw" else UNEXPLAINED
