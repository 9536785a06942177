"""The season's schedule with results: scheduleleaguev2. Regular-season games between two known teams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from nba_assets.days import DayRange, season_year_of
from nba_assets.sources.live import stats
from nba_assets.sources.live.client import Service
from nba_assets.sources.live.desk import Desk, Endpoint, ShapeError
from nba_assets.teams import TEAMS

Row = dict[str, Any]
_REGULAR_SEASON = "002"
_FINAL = 3
# The feed's own field `postponedStatus` has said of every game of a season that it is postponed; the text is right.
_POSTPONED_TEXTS = ("ppd", "postponed", "cancelled", "canceled")
_TEAM_IDS = frozenset(team.team_id for team in TEAMS)


def endpoint(service: Service) -> Endpoint[list[Row]]:
    """The schedule of the season that days belong to."""

    def params(days: DayRange) -> dict[str, str]:
        from nba_api.stats.endpoints import scheduleleaguev2

        return stats.parameters(scheduleleaguev2.ScheduleLeagueV2, season=stats.season(days))

    return Endpoint(service, "stats/scheduleleaguev2", params, parse, of_season=True, label="scheduleleaguev2")


def games(desk: Desk, service: Service, days: Iterable[date]) -> list[Row]:
    """Rows of nba_raw.games on the days, in order of day and game."""
    found = desk.by_day(endpoint(service), days)
    rows = [game for season in found for game in season.content if game["game_date"] in season.days]
    return sorted(rows, key=lambda game: (game["game_date"], game["game_id"]))


def parse(payload: Any) -> list[Row]:
    """The games of a season, each once: a postponed game with a new date is a game of that date.

    Raises:
        ShapeError: a field is missing; names it.
    """
    try:
        listed = [game for day in payload["leagueSchedule"]["gameDates"] for game in day["games"]]
        rows = [_game(game) for game in listed if _is_wanted(game)]
    except (KeyError, TypeError) as error:
        raise ShapeError(f"the schedule lacks the field {error}.") from error
    except (ValueError, OverflowError) as error:
        raise ShapeError(f"the schedule has a value that cannot be read: {error}.") from error
    by_id: dict[str, Row] = {}
    for row in rows:
        known = by_id.get(row["game_id"])
        if known is None or known["status"] == "postponed":
            by_id[row["game_id"]] = row
    return list(by_id.values())


def _is_wanted(game: Row) -> bool:
    """Preseason, play-in, playoffs and the cup final are other competitions; a cup round waits for its teams."""
    teams = {game["homeTeam"]["teamId"], game["awayTeam"]["teamId"]}
    return str(game["gameId"]).startswith(_REGULAR_SEASON) and teams <= _TEAM_IDS


def _game(game: Row) -> Row:
    day, text = date.fromisoformat(game["gameDateEst"][:10]), str(game["gameStatusText"]).strip().lower()
    is_postponed = text.startswith(_POSTPONED_TEXTS)
    is_final = game["gameStatus"] == _FINAL and not is_postponed
    home, away = game["homeTeam"], game["awayTeam"]
    tipoff = None if text == "tbd" else _tipoff(game["gameDateTimeUTC"], day)
    return {
        "game_date": day,
        "game_id": game["gameId"],
        "season_year": season_year_of(day),
        "home_team_id": home["teamId"],
        "away_team_id": away["teamId"],
        "home_team_abbreviation": home["teamTricode"],
        "away_team_abbreviation": away["teamTricode"],
        "tipoff_utc": tipoff,
        "status": "postponed" if is_postponed else "final" if is_final else "scheduled",
        "home_points": home["score"] if is_final else None,
        "away_points": away["score"] if is_final else None,
    }


def _tipoff(written: str, day: date) -> datetime | None:
    """The time of tip-off; None where none is set, which a time years from the day says as well."""
    if not written:
        return None
    tipoff = datetime.fromisoformat(written)
    tipoff = tipoff.replace(tzinfo=UTC) if tipoff.tzinfo is None else tipoff.astimezone(UTC)
    return tipoff if abs((tipoff.date() - day).days) <= 2 else None
