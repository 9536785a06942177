"""A small seeded league: 6 teams, the ends of season 2020-21 and the start of 2021-22, with everything that goes wrong.

Players miss games, are reported out and come back, one is traded, one is a rookie of the second season, some games have
no shots, one goes to overtime, one is postponed. Numbers follow no basketball; they only have to add up.
"""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from nba_assets.teams import TEAMS
from nba_assets_tests.factories import box, final, game_id, rows, scheduled

TEAM_IDS = tuple(t.team_id for t in TEAMS[:6])
PLAYERS_PER_TEAM = 9
SEASON_STARTS = {2020: date(2020, 12, 22), 2021: date(2021, 10, 19)}
SEASON_DAYS = 30
OPENING_NIGHT = SEASON_STARTS[2021]
LAST_DAY = OPENING_NIGHT + timedelta(days=SEASON_DAYS - 1)
TRADED_PLAYER, TRADE_DAY = 100, OPENING_NIGHT + timedelta(days=12)
"""The traded player plays for the first team before that day and for the second from then on."""
ROOKIE = 999


def roster(team: int, day: date) -> list[int]:
    """The players under contract with the team (by its position in TEAM_IDS)."""
    players = [100 * (team + 1) + n for n in range(PLAYERS_PER_TEAM)]
    if day >= TRADE_DAY and team == 0:
        players.remove(TRADED_PLAYER)
    if day >= TRADE_DAY and team == 1:
        players.append(TRADED_PLAYER)
    if day >= SEASON_STARTS[2021] and team == 2:
        players.append(ROOKIE)
    return players


def _shares(rng: np.random.Generator, count: int, total: float) -> np.ndarray:
    weights = rng.uniform(0.4, 1.6, count)
    shares = np.round(total * weights / weights.sum(), 2)
    shares[0] += total - shares.sum()
    return shares


def _box(rng: np.random.Generator, common: dict[str, Any], player: int, minutes: float) -> dict[str, Any]:
    attempts, free = int(rng.integers(0, 9)), int(rng.integers(0, 5))
    threes = int(rng.integers(0, attempts + 1))
    threes_made = int(rng.binomial(threes, 0.35))
    return box(
        **common,
        player_id=player,
        player_name=f"Player {player}",
        player_lookup=f"player{player}",
        minutes=float(minutes),
        field_goals_attempted=attempts,
        three_pointers_attempted=threes,
        three_pointers_made=threes_made,
        field_goals_made=threes_made + int(rng.binomial(attempts - threes, 0.5)),
        free_throws_attempted=free,
        free_throws_made=int(rng.binomial(free, 0.8)),
        **{n: int(rng.integers(0, 4)) for n in ("offensive_rebounds", "defensive_rebounds", "assists", "turnovers")},
    )


def _shots(rng: np.random.Generator, line: dict[str, Any]) -> list[dict[str, Any]]:
    threes, attempts = line["three_pointers_attempted"], line["field_goals_attempted"]
    made_threes, made = line["three_pointers_made"], line["field_goals_made"]
    shared = {k: line[k] for k in ("game_date", "game_id", "season_year", "player_id", "team_id")}
    shots = [
        {**shared, "is_three": True, "is_made": n < made_threes, "shot_distance_feet": float(rng.integers(22, 30))}
        for n in range(threes)
    ]
    return shots + [
        {
            **shared,
            "is_three": False,
            "is_made": n < made - made_threes,
            "shot_distance_feet": float(rng.integers(0, 23)),
        }
        for n in range(attempts - threes)
    ]


def _slates(rng: np.random.Generator, season_year: int) -> list[tuple[date, int, int]]:
    """(day, home, away) by team position; every third game day or so, two teams rest."""
    games = []
    for n in range(SEASON_DAYS):
        day = SEASON_STARTS[season_year] + timedelta(days=n)
        order = rng.permutation(len(TEAM_IDS))
        count = 3 if n == 0 else int(rng.choice([0, 1, 2, 2, 3]))
        games += [(day, int(order[2 * g]), int(order[2 * g + 1])) for g in range(count)]
    return games


@functools.cache
def league(seed: int = 5) -> dict[str, pa.Table]:
    """Raw table name -> rows. The same seed gives the same league."""
    rng = np.random.default_rng(seed)
    games, boxes, shots, lines, injuries = [], [], [], [], []
    for season_year in SEASON_STARTS:
        out: dict[int, date] = {}
        for number, (day, home, away) in enumerate(_slates(rng, season_year), 1):
            if season_year == 2021 and number == 7:
                games.append(scheduled(day, number, TEAM_IDS[home], TEAM_IDS[away], status="postponed"))
                continue
            overtime = rng.random() < 0.15
            sides = []
            for own, other in ((home, away), (away, home)):
                injured = [p for p in roster(own, day) if rng.random() < 0.04 and p not in out]
                for player in injured:
                    out[player] = day + timedelta(days=int(rng.integers(3, 9)))
                    report = {"game_date": day, "season_year": season_year, "player_id": player, "status": "out"}
                    injuries.append(report)
                for player in [p for p, back in out.items() if back <= day]:
                    if rng.random() < 0.6:  # otherwise nobody says that he is back: he just plays
                        injuries.append(
                            {"game_date": day, "season_year": season_year, "player_id": player, "status": "available"}
                        )
                    del out[player]
                playing = [p for p in roster(own, day) if p not in out and rng.random() > 0.12]
                common = {
                    "game_date": day,
                    "game_id": game_id(number, season_year),
                    "season_year": season_year,
                    "team_id": TEAM_IDS[own],
                    "opponent_team_id": TEAM_IDS[other],
                    "is_home": own == home,
                }
                minutes = _shares(rng, len(playing), 265.0 if overtime else 240.0)
                sides.append([_box(rng, common, p, m) for p, m in zip(playing, minutes, strict=True)])
            points = [sum(line["points"] for line in side) for side in sides]
            if points[0] == points[1]:  # no ties: one more free throw
                for name in ("points", "free_throws_made", "free_throws_attempted"):
                    sides[0][0][name] += 1
                points[0] += 1
            games.append(final(day, number, TEAM_IDS[home], TEAM_IDS[away], *points))
            boxes += [line for side in sides for line in side]
            if rng.random() > 0.15:
                taken = [shot for side in sides for line in side for shot in _shots(rng, line)]
                shots += [{**shot, "shot_number": n} for n, shot in enumerate(taken, 1)]
            game = {"game_date": day, "game_id": game_id(number, season_year), "season_year": season_year}
            lines.append({**game, "bookmaker": "a", "home_spread": float(rng.integers(-9, 9)), "total": 220.0})
    unique = {(r["game_date"], r["player_id"]): r for r in injuries}
    made = {"games": games, "player_boxscores": boxes, "shots": shots, "game_lines": lines}
    on_list = ("game_date", "game_id", "season_year", "player_id", "player_name", "player_lookup", "team_id")
    made["active_players"] = [{name: line[name] for name in on_list if name in line} for line in boxes]
    return {name: rows(name, records) for name, records in made.items()} | {
        "injuries": rows("injuries", unique.values()),
        "player_props": rows("player_props", _props(boxes)),
    }


def _props(boxes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A points line, stamped at noon, for every third appearance."""
    shared = ("game_date", "game_id", "season_year", "player_id")
    return [
        {
            **{k: line[k] for k in shared},
            "line": 7.5,
            "snapshot_utc": datetime.combine(line["game_date"], datetime.min.time()) + timedelta(hours=12),
            "tipoff_utc": datetime.combine(line["game_date"], datetime.min.time()) + timedelta(hours=23),
        }
        for line in boxes[::3]
    ]
