"""Responses in the services' own formats, with all the columns that they have (stats.nba.com's by nba_api's lists)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from nba_api.stats.endpoints import playergamelogs, playerindex, shotchartdetail
from nba_api.stats.static import teams

from nba_assets_tests.sources.live.world import CODE, Row, World

BOX_HEADERS = playergamelogs.PlayerGameLogs.expected_data["PlayerGameLogs"]
SHOT_HEADERS = shotchartdetail.ShotChartDetail.expected_data["Shot_Chart_Detail"]
INDEX_HEADERS = playerindex.PlayerIndex.expected_data["PlayerIndex"]
TEAM_NAME = {team["id"]: team["full_name"] for team in teams.get_teams()}
TEAM_ID = {team["full_name"]: team["id"] for team in teams.get_teams()}
EVENT_DATE = "%Y-%m-%dT%H:%M:%SZ"


def result_sets(resource: str, params: dict[str, str], **sets: tuple[list[str], list[list[Any]]]) -> Row:
    """stats.nba.com's usual envelope."""
    return {
        "resource": resource,
        "parameters": params,
        "resultSets": [{"name": name, "headers": headers, "rowSet": rows} for name, (headers, rows) in sets.items()],
    }


def schedule(world: World, season: str) -> Row:
    """scheduleleaguev2 of a season."""
    year = f"002{season[2:4]}"
    games = sorted((g for g in world.games if g["game_id"][:3] != "002" or g["game_id"].startswith(year)), key=_day)
    days = [
        {"gameDate": f"{day:%m/%d/%Y} 00:00:00", "games": [_scheduled(g) for g in of]}
        for day, of in groupby(games, _day)
    ]
    return {
        "meta": {"version": 1, "request": "http://nba.cloud/league/00/scheduleleaguev2?Format=json", "time": "x"},
        "leagueSchedule": {
            "seasonYear": season,
            "leagueId": "00",
            "gameDates": days,
            "weeks": [],
            "broadcasterList": [],
        },
    }


def player_game_logs(boxes: list[Row], params: dict[str, str]) -> Row:
    """playergamelogs, newest first."""
    rows = [_filled(BOX_HEADERS, _box(one)) for one in sorted(boxes, key=_day, reverse=True)]
    return result_sets("playergamelogs", params, PlayerGameLogs=(BOX_HEADERS, rows))


def shot_chart(shots: list[Row], params: dict[str, str]) -> Row:
    """shotchartdetail with the league's averages, which come along."""
    rows = [
        _filled(SHOT_HEADERS, {**{k.upper(): v for k, v in one.items()}, "GAME_DATE": f"{one['game_date']:%Y%m%d}"})
        for one in shots
    ]
    averages = ["GRID_TYPE", "SHOT_ZONE_BASIC", "SHOT_ZONE_AREA", "SHOT_ZONE_RANGE", "FGA", "FGM", "FG_PCT"]
    return result_sets(
        "shotchartdetail",
        params,
        Shot_Chart_Detail=(SHOT_HEADERS, rows),
        LeagueAverages=(averages, [["League Averages", "Mid-Range", "Center(C)", "16-24 ft.", 10, 4, 0.4]]),
    )


def player_index(players: list[tuple[int, int, str]], params: dict[str, str]) -> Row:
    """playerindex."""
    rows = []
    for team_id, player_id, name in players:
        first, _, last = name.partition(" ")
        stated = {"PERSON_ID": player_id, "TEAM_ID": team_id, "PLAYER_FIRST_NAME": first, "PLAYER_LAST_NAME": last}
        rows.append(_filled(INDEX_HEADERS, stated))
    return result_sets("playerindex", params, PlayerIndex=(INDEX_HEADERS, rows))


def lines_event(game: Row, lines: list[Row], taken: datetime) -> Row:
    """An event of The Odds API with the featured markets."""
    home, away = TEAM_NAME[game["team_id_home"]], TEAM_NAME[game["team_id_away"]]
    bookmakers = []
    for one in lines:
        quoted = {
            "h2h": [(home, one.get("ml_home"), None), (away, one.get("ml_away"), None)],
            "spreads": [(home, -110, one["close_spread_home"]), (away, -110, _minus(one["close_spread_home"]))],
            "totals": [("Over", -110, one["close_total"]), ("Under", -110, one["close_total"])],
        }
        markets = [
            {"key": key, "last_update": taken.strftime(EVENT_DATE), "outcomes": [_outcome(*o) for o in outcomes]}
            for key, outcomes in quoted.items()
            if all(value is not None for o in outcomes for value in (o[1], *(o[2:] if key != "h2h" else ())))
        ]
        bookmakers.append(_bookmaker(one.get("bookmaker", "consensus"), markets, taken))
    return {**_event(game), "bookmakers": bookmakers}


def props_event(game: Row, props: list[Row], taken: datetime) -> Row:
    """An event of The Odds API with player markets."""
    bookmakers = []
    for title in sorted({one["bookmaker"] for one in props}):
        markets = []
        for key in sorted({one["market"] for one in props if one["bookmaker"] == title}):
            outcomes = [
                {"name": p["side"], "description": p["player"], "price": p["price"], "point": p["line"]}
                for p in props
                if (p["bookmaker"], p["market"]) == (title, key)
            ]
            markets.append({"key": key, "last_update": taken.strftime(EVENT_DATE), "outcomes": outcomes})
        bookmakers.append(_bookmaker(title, markets, taken))
    return {**_event(game), "bookmakers": bookmakers}


def history(taken: datetime, data: Any) -> Row:
    """The envelope of The Odds API's historical snapshots, five minutes apart."""
    step = timedelta(minutes=5)
    stamps = {"timestamp": taken, "previous_timestamp": taken - step, "next_timestamp": taken + step}
    return {**{name: at.strftime(EVENT_DATE) for name, at in stamps.items()}, "data": data}


def injuries(world: World) -> Row:
    """ESPN's list."""
    listed = [
        {"id": str(n), "displayName": team, "injuries": [_injury(one) for one in players]}
        for n, (team, players) in enumerate(world.injuries.items(), 1)
    ]
    return {"timestamp": "2024-01-15T18:00:00Z", "status": "success", "season": {"year": 2024}, "injuries": listed}


def event_id(game: Row) -> str:
    """The Odds API's id of a game: 32 hexadecimal digits."""
    return f"{int(game['game_id']):032x}"


def _day(row: Row) -> date:
    day: date = row["game_date"]
    return day


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _filled(headers: list[str], stated: Row) -> list[Any]:
    return [stated.get(name) for name in headers]


def _box(one: Row) -> Row:
    side, other = ("vs.", one["opponent_team_id"]) if one["is_home"] else ("@", one["opponent_team_id"])
    return {
        **{name.upper(): value for name, value in one.items()},
        "SEASON_YEAR": one["season"],
        "GAME_DATE": f"{one['game_date']}T00:00:00",
        "MATCHUP": f"{CODE[one['team_id']]} {side} {CODE[other]}",
        "MIN": one["min_exact"],
    }


def _scheduled(game: Row) -> Row:
    tipoff = game["tipoff_utc"]

    def team(side: str) -> Row:
        team_id = game[f"team_id_{side}"]
        return {
            "teamId": team_id,
            "teamName": TEAM_NAME.get(team_id, "").split(" ")[-1],
            "teamTricode": game[f"team_abbreviation_{side}"],
            "wins": 1,
            "losses": 1,
            "score": game[f"pts_{side}"],
            "seed": 0,
        }

    return {
        "gameId": game["game_id"],
        "gameCode": f"{game['game_date']:%Y%m%d}/{game['team_abbreviation_away']}{game['team_abbreviation_home']}",
        "gameStatus": game["state"],
        "gameStatusText": game["text"],
        "gameSequence": 1,
        "gameDateEst": f"{game['game_date']}T00:00:00Z",
        "gameDateTimeUTC": tipoff.strftime(EVENT_DATE),
        "postponedStatus": "A",
        "ifNecessary": False,
        "broadcasters": {"nationalBroadcasters": []},
        "homeTeam": team("home"),
        "awayTeam": team("away"),
        "pointsLeaders": [],
    }


def _event(game: Row) -> Row:
    return {
        "id": event_id(game),
        "sport_key": "basketball_nba",
        "sport_title": "NBA",
        "commence_time": game["tipoff_utc"].astimezone(UTC).strftime(EVENT_DATE),
        "home_team": TEAM_NAME[game["team_id_home"]],
        "away_team": TEAM_NAME[game["team_id_away"]],
    }


def _bookmaker(title: str, markets: list[Row], taken: datetime) -> Row:
    return {"key": title.lower(), "title": title, "last_update": taken.strftime(EVENT_DATE), "markets": markets}


def _outcome(name: str, price: float, point: float | None) -> Row:
    return {"name": name, "price": price} | ({} if point is None else {"point": point})


def _injury(one: Row) -> Row:
    return {
        "id": "1",
        "longComment": "",
        "shortComment": "",
        "status": one["status"],
        "date": "2024-01-14T20:11Z",
        "athlete": {"displayName": one["name"], "position": {"abbreviation": "G"}},
        "type": {"id": "1", "name": "INJURY_STATUS_OUT", "description": "out", "abbreviation": "O"},
        "details": {"type": "Ankle", "location": "Leg", "detail": "Sprain", "side": "Left", "returnDate": "2024-02-01"},
    }
