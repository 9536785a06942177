"""An independent oracle: the rolling tables' columns in plain loops, written from the meanings in the records.

It starts from raw rows, shares no code with the transforms, and is slow on purpose. A value is a plain number or None.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

Row = dict[str, Any]
ZONES = ("paint", "mid_range", "three_point")
STATISTICS = ("points", "rebounds", "assists", "three_pointers_made")


def mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def ratio(above: float, below: float) -> float | None:
    return above / below if below else None


def tier(this_season: int, previous_season: int) -> str:
    for least, name in ((10, "high"), (5, "medium"), (1, "low")):
        if this_season >= least:
            return name
    return "previous_season" if previous_season else "no_history"


class Oracle:
    """Games by player and by team in order of day, from raw tables."""

    def __init__(self, raw: Mapping[str, pa.Table]) -> None:
        self.games = raw["games"].to_pylist()
        self.reports = raw["injuries"].to_pylist()
        shots: dict[tuple, list[Row]] = defaultdict(list)
        for shot in raw["shots"].to_pylist():
            shots[shot["game_id"], shot["player_id"]].append(shot)
        boxes = raw["player_boxscores"].to_pylist()
        boxes.sort(key=lambda b: (b["game_date"], b["game_id"]))
        squads: dict[tuple, list[Row]] = defaultdict(list)
        for box in boxes:
            squads[box["game_id"], box["team_id"]].append(box)
            self._add_zones(box, shots[box["game_id"], box["player_id"]])
            box["plays"] = box["field_goals_attempted"] + 0.44 * box["free_throws_attempted"] + box["turnovers"]
        self.by_player: dict[int, list[Row]] = defaultdict(list)
        for box in boxes:
            squad = squads[box["game_id"], box["team_id"]]
            team_minutes, team_plays = sum(b["minutes"] for b in squad), sum(b["plays"] for b in squad)
            below = box["minutes"] * team_plays
            box["usage"] = box["plays"] * (team_minutes / 5) / below if below else None
            self.by_player[box["player_id"]].append(box)
        self.by_team: dict[int, list[Row]] = defaultdict(list)
        for key in squads:
            self._add_team_game(squads, *key)
        for games in self.by_team.values():
            games.sort(key=lambda g: (g["game_date"], g["game_id"]))

    @staticmethod
    def _add_zones(box: Row, shots: list[Row]) -> None:
        threes = [s for s in shots if s["is_three"]]
        twos = [s for s in shots if not s["is_three"]]
        zones = {
            "paint": [s for s in twos if s["shot_distance_feet"] <= 8],
            "mid_range": [s for s in twos if s["shot_distance_feet"] > 8],
            "three_point": threes,
        }
        box["known"] = (len(shots), len(threes)) == (box["field_goals_attempted"], box["three_pointers_attempted"])
        for zone, taken in zones.items():
            box[zone, "attempts"], box[zone, "makes"] = len(taken), sum(s["is_made"] for s in taken)

    def _add_team_game(self, squads: dict[tuple, list[Row]], game: str, team: int) -> None:
        own = squads[game, team]
        opponent = squads.get((game, own[0]["opponent_team_id"]))
        if opponent is None:
            return

        def pace_and_rating(squad: list[Row]) -> tuple[float, float, int]:
            possessions = sum(b["plays"] - b["offensive_rebounds"] for b in squad)
            overtimes = round((sum(b["minutes"] for b in squad) - 240) / 25)
            points = sum(b["points"] for b in squad)
            return possessions * 48 / (48 + 5 * overtimes), 100 * points / possessions, points

        pace, rating, points = pace_and_rating(own)
        opponent_pace, defensive_rating, allowed = pace_and_rating(opponent)
        row: Row = {k: own[0][k] for k in ("game_date", "game_id", "season_year")}
        row |= {"pace": pace, "offensive_rating": rating, "margin": points - allowed, "players": own}
        row |= {"opponent_pace": opponent_pace, "defensive_rating": defensive_rating, "points_allowed": allowed}
        row |= {f"{name}_allowed": sum(b[name] for b in opponent) for name in ("rebounds", "assists")}
        row["known"] = all(b["known"] for b in opponent)
        for zone in ZONES:
            for what in ("attempts", "makes"):
                row[zone, what] = sum(b[zone, what] for b in opponent)
        self.by_team[team].append(row)

    @staticmethod
    def _before(games: list[Row], day: date, season: int, seasons: int = 2) -> list[Row]:
        """Games before the day, of this season and, with seasons=2, of the previous one."""
        return [g for g in games if g["game_date"] < day and season - seasons < g["season_year"] <= season]

    @staticmethod
    def _zone_share(games: list[Row], zone: str) -> float | None:
        known = [g for g in games if g["known"]]
        return ratio(sum(g[zone, "attempts"] for g in known), sum(g[z, "attempts"] for g in known for z in ZONES))

    @staticmethod
    def _zone_pct(games: list[Row], zone: str) -> float | None:
        known = [g for g in games if g["known"]]
        return ratio(sum(g[zone, "makes"] for g in known), sum(g[zone, "attempts"] for g in known))

    @staticmethod
    def _zone_attempts(games: list[Row], zone: str) -> float | None:
        return mean(g[zone, "attempts"] for g in games if g["known"])

    def player_load(self, player: int, day: date, season: int) -> Row:
        games = self._before(self.by_player[player], day, season)
        this = [g for g in games if g["season_year"] == season]
        days = {g["game_date"] for g in this}

        def last(n: int) -> list[Row]:
            return [g for g in this if g["game_date"] >= day - timedelta(days=n)]

        rest = (day - max(days)).days - 1 if days else None
        return {
            "last_game_date": games[-1]["game_date"] if games else None,
            "rest_days": rest,
            "is_back_to_back": rest == 0,
            "games_in_last_7_days": len(last(7)),
            "games_in_last_14_days": len(last(14)),
            "minutes_in_last_7_days": sum(g["minutes"] for g in last(7)),
            "minutes_in_last_14_days": sum(g["minutes"] for g in last(14)),
            "back_to_backs_in_last_14_days": sum(g["game_date"] - timedelta(days=1) in days for g in last(14)),
            "games_played_season": len(this),
            "games_played_previous_season": len(games) - len(this),
            "context_source": "current_season" if this else "previous_season" if games else "none",
        }

    def player_form(self, player: int, team: int, day: date, season: int) -> Row:
        games = self._before(self.by_player[player], day, season)
        this = [g for g in games if g["season_year"] == season]
        previous = [g for g in games if g["season_year"] == season - 1]
        ten, five = games[-10:], games[-5:]
        points = sum(g["points"] for g in ten)
        row: Row = {"last_game_date": games[-1]["game_date"] if games else None, "games_used": len(ten)}
        for name in (*STATISTICS, "minutes"):
            row[f"{name}_avg_last_5"] = mean(g[name] for g in five)
            row[f"{name}_avg_last_10"] = mean(g[name] for g in ten)
            row[f"{name}_avg_season"] = mean(g[name] for g in this)
        for name in STATISTICS:
            row[f"{name}_avg_previous_season"] = mean(g[name] for g in previous)
            row[f"{name}_std_last_10"] = statistics.stdev(float(g[name]) for g in ten) if len(ten) > 1 else None
        row["field_goals_attempted_avg_last_10"] = mean(g["field_goals_attempted"] for g in ten)
        row["usage_rate_last_10"] = mean(g["usage"] for g in ten)
        shooting = sum(g["field_goals_attempted"] + 0.44 * g["free_throws_attempted"] for g in ten)
        row["true_shooting_pct_last_10"] = ratio(points, 2 * shooting)
        row["free_throw_points_share_last_10"] = ratio(sum(g["free_throws_made"] for g in ten), points)
        row |= {f"{zone}_rate_last_10": self._zone_share(ten, zone) for zone in ZONES}
        row["quality_tier"] = tier(len(this), len(previous))
        team_games = self._before(self.by_team[team], day, season)[-10:]
        row["team_pace_last_10"] = mean(g["pace"] for g in team_games)
        row["team_offensive_rating_last_10"] = mean(g["offensive_rating"] for g in team_games)
        load = self.player_load(player, day, season)
        return row | {k: v for k, v in load.items() if k not in ("context_source", "last_game_date")}

    def shot_zones(self, player: int, day: date, season: int) -> Row | None:
        games = self._before(self.by_player[player], day, season, seasons=1)
        if len(games) < 10:
            return None
        ten, twenty = games[-10:], games[-20:]
        row: Row = {"last_game_date": games[-1]["game_date"], "games_played_season": len(games)}
        row["games_with_shot_zones"] = sum(g["known"] for g in ten)
        for zone in ZONES:
            row[f"{zone}_rate_last_10"] = self._zone_share(ten, zone)
            row[f"{zone}_pct_last_10"] = self._zone_pct(ten, zone)
            row[f"{zone}_attempts_avg_last_10"] = self._zone_attempts(ten, zone)
        row["paint_rate_last_20"] = self._zone_share(twenty, "paint") if len(games) >= 15 else None
        row["paint_pct_last_20"] = self._zone_pct(twenty, "paint") if len(games) >= 15 else None
        paint, mid_range, three = (row[f"{zone}_rate_last_10"] for zone in ZONES)
        zone = "balanced"
        if paint is None:
            zone = None
        elif paint >= 0.4:
            zone = "paint"
        elif three >= 0.4:
            zone = "perimeter"
        elif mid_range >= 0.35:
            zone = "mid_range"
        return row | {"primary_scoring_zone": zone}

    def team_defense(self, teams: Iterable[int], day: date, season: int) -> dict[int, Row]:
        windows = {t: self._before(self.by_team[t], day, season) for t in teams}
        last_15 = {t: games[-15:] for t, games in windows.items()}
        everyone = [g for games in last_15.values() for g in games]
        paces = {t: mean(g["opponent_pace"] for g in games) for t, games in last_15.items()}
        allowed = {
            name: {t: mean(g[f"{name}_allowed"] for g in games) for t, games in last_15.items()}
            for name in ("rebounds", "assists")
        }
        made = {}
        for team, games in last_15.items():
            this = sum(g["season_year"] == season for g in windows[team])
            row: Row = {"games_used": len(games), "games_played_season": this}
            row["last_game_date"] = games[-1]["game_date"] if games else None
            row["games_with_shot_zones"] = sum(g["known"] for g in games)
            for zone in ZONES:
                own, league = self._zone_pct(games, zone), self._zone_pct(everyone, zone)
                row[f"{zone}_pct_allowed_last_15"] = own
                row[f"{zone}_attempts_allowed_avg_last_15"] = self._zone_attempts(games, zone)
                row[f"{zone}_allowed_vs_league_pct"] = None if own is None else own - league
            row["defensive_rating_last_15"] = mean(g["defensive_rating"] for g in games)
            row["opponent_pace_last_15"] = paces[team]
            row["league_pace_last_15"] = mean(paces.values())
            row["points_allowed_avg_last_15"] = mean(g["points_allowed"] for g in games)
            for name, means in allowed.items():
                row[f"{name}_allowed_avg_last_15"] = means[team]
                row[f"league_{name}_allowed_avg_last_15"] = mean(means.values())
            row["quality_tier"] = tier(this, len(windows[team]) - this)
            made[team] = row
        return made

    def team_context(self, team: int, day: date, season: int) -> Row:
        games = self._team_results(team, day, season)
        margins = [g["margin"] for g in games]

        def streak(holds: Callable[[int], bool]) -> int:
            count = 0
            while count < len(margins) and holds(margins[-1 - count]):
                count += 1
            return count

        return {
            "last_game_date": games[-1]["game_date"] if games else None,
            "rest_days": (day - games[-1]["game_date"]).days - 1 if games else None,
            "games_in_last_7_days": sum((day - g["game_date"]).days <= 7 for g in games),
            "games_in_last_14_days": sum((day - g["game_date"]).days <= 14 for g in games),
            "games_played_season": len(games),
            "win_pct_season": mean(float(m > 0) for m in margins),
            "win_streak": streak(lambda margin: margin > 0),
            "loss_streak": streak(lambda margin: margin < 0),
            "last_game_margin": margins[-1] if margins else None,
        }

    def _team_results(self, team: int, day: date, season: int) -> list[Row]:
        results = []
        for game in self.games:
            if game["status"] != "final" or game["season_year"] != season or game["game_date"] >= day:
                continue
            margin = game["home_points"] - game["away_points"]
            if game["home_team_id"] == team:
                results.append({"game_date": game["game_date"], "margin": margin})
            elif game["away_team_id"] == team:
                results.append({"game_date": game["game_date"], "margin": -margin})
        return sorted(results, key=lambda g: g["game_date"])

    def projected(self, team: int, day: date, season: int) -> tuple[set[int], set[int], float | None]:
        """Players expected with the team, players of it reported out, and the share of plays that these leave."""
        plays: dict[int, float] = defaultdict(float)
        for game in self._before(self.by_team[team], day, season)[-10:]:
            for box in game["players"]:
                plays[box["player_id"]] += box["plays"]
        expected, out = set(), set()
        for player in plays:
            last = self._before(self.by_player[player], day, season)[-1]
            if last["team_id"] != team:
                continue
            reports = [r for r in self.reports if r["player_id"] == player and r["season_year"] == season]
            reports = sorted((r for r in reports if r["game_date"] <= day), key=lambda r: r["game_date"])
            is_out = bool(reports) and reports[-1]["status"] == "out" and reports[-1]["game_date"] >= last["game_date"]
            (out if is_out else expected).add(player)
        return expected, out, ratio(sum(plays[p] for p in out), sum(plays.values()))
