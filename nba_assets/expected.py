"""Which keys are expected of each table on each day: the schedule's games and sides, players who are on an active list
or appeared, all teams.

What of it is there, and why the rest is not, is in `coverage.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from nba_assets.information import INFORMATION_SETS, LINEUP, PREGAME
from nba_assets.markets import MARKETS
from nba_assets.systems import ENSEMBLE
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets.teams import TEAMS
from nba_assets.transforms.analytics.upcoming_team_game_context import team_games
from nba_assets.transforms.as_of import as_of, last_n
from nba_assets.transforms.precompute.player_shot_zone_analysis import MINIMUM_GAMES

Reader = Callable[[str], ir.Table]
"""Table name -> its rows of the days; with `:season` behind the name, of their season so far."""


def sides(read: Reader, *status: str) -> ir.Table:
    """game_date, game_id, team_id of both sides of each game, of any status unless some are given."""
    games = team_games(read("games"))
    kept = games.filter(games.status.isin(status)) if status else games
    return kept.select("game_date", "game_id", "team_id")


def final_sides(read: Reader) -> ir.Table:
    """Both sides of each game that has been played."""
    return sides(read, "final")


def results(read: Reader) -> ir.Table:
    """Both sides of each game that has been played, with the points of each: result, opponent_result."""
    games = read("games")
    final = team_games(games.filter(games.status == "final"))
    joined = final.join(games.select("game_date", "game_id", "home_points", "away_points"), ["game_date", "game_id"])
    return joined.select(
        "game_date",
        "game_id",
        "team_id",
        result=joined.is_home.ifelse(joined.home_points, joined.away_points),
        opponent_result=joined.is_home.ifelse(joined.away_points, joined.home_points),
    )


def whole_box_scores(read: Reader) -> ir.Table:
    """Sides whose players' points add up to the result: nobody of them is missing who scored."""
    players = read("player_boxscores")
    scored = players.group_by("game_id", "team_id").agg(scored=players.points.sum())
    both = results(read).join(scored, ["game_id", "team_id"])
    return both.filter(both.scored == both.result)


def sides_to_play(read: Reader) -> ir.Table:
    """Both sides of each game that is or will be played: not of postponed ones."""
    return sides(read, "final", "scheduled")


def sides_by_information_set(read: Reader) -> ir.Table:
    """Both sides of each game by information set: pregame where anybody is projected, lineup where there is a list.

    At the very beginning of the data nobody has been seen in a team before, and nobody is projected.
    """
    context = read("upcoming_player_game_context")
    projected = context.filter(context.roster_source == "projected").select("game_id", "team_id").distinct()
    pregame = sides_to_play(read).semi_join(projected, ["game_id", "team_id"])
    listed = read("active_players").select("game_id", "team_id").distinct()
    return _by_information_set(pregame, sides_to_play(read).semi_join(listed, ["game_id", "team_id"]))


def final_sides_by_information_set(read: Reader) -> ir.Table:
    """Of those, the sides of games that have been played."""
    return sides_by_information_set(read).semi_join(final_sides(read), ["game_id", "team_id"])


def forecasts_to_make(read: Reader) -> ir.Table:
    """Every market on each day and information set that somebody of either side of a game is forecast in."""
    days = sides_by_information_set(read).select("game_date", "information_set").distinct()
    return days.cross_join(_markets())


def _final_games(read: Reader) -> ir.Table:
    return read("games").filter(lambda t: t.status == "final").select("game_date", "game_id")


def _boxscore_players(read: Reader) -> ir.Table:
    return read("player_boxscores").select("game_date", "game_id", "player_id")


def _listed(read: Reader) -> ir.Table:
    """Who is on the active list of a game that is not postponed: a list may have come out before it was."""
    listed = read("active_players").semi_join(sides_to_play(read), ["game_id", "team_id"])
    return listed.select("game_date", "player_id").distinct()


def _game_days(read: Reader) -> ir.Table:
    return read("games").filter(lambda t: t.status != "postponed").select("game_date").distinct()


def all_teams(read: Reader) -> ir.Table:
    """All thirty teams on each day with a game to play."""
    teams = ibis.memtable([(t.team_id,) for t in TEAMS], schema={"team_id": "int64"})
    return _game_days(read).cross_join(teams)


def _expected_players(read: Reader) -> ir.Table:
    return read("upcoming_player_game_context").select("game_date", "player_id")


def _feature_rows(read: Reader) -> ir.Table:
    """Pregame for whoever was projected, lineup for whoever is on an active list."""
    context = read("upcoming_player_game_context")
    projected = context.filter(context.roster_source == "projected").select("game_date", "player_id")
    # Of the lists themselves: who is lost on the way from them is missed.
    return _by_information_set(projected, _listed(read))


def _by_information_set(pregame: ir.Table, lineup: ir.Table) -> ir.Table:
    """The rows of both, with the information set that they are of."""
    pregame = pregame.mutate(information_set=ibis.literal(PREGAME))
    lineup = lineup.mutate(information_set=ibis.literal(LINEUP))
    # Joins forget that a key is never NULL, and a union asks for the same on both sides.
    return pregame.union(lineup.cast(pregame.schema()))


def _seasons(read: Reader) -> ir.Table:
    """The days with a game to play, each with its season."""
    return read("games").filter(lambda t: t.status != "postponed").select("game_date", "season_year").distinct()


def _players_with_history(read: Reader) -> ir.Table:
    history = read("player_game_summary:season")
    played = history.select(
        "player_id",
        "season_year",
        "game_date",
        "game_id",
        games=history.count().over(last_n(("player_id", "season_year"), None)),
    )
    targets = _seasons(read).join(history.select("player_id", "season_year").distinct(), "season_year")
    known = as_of(targets, played, on=("player_id", "season_year"))
    return known.filter(known.games >= MINIMUM_GAMES).select("game_date", "player_id")


def _players_of_latest_games(read: Reader) -> ir.Table:
    """Whoever is on the day's slate with the team whose latest game of the season he played, and was his own latest."""
    by_team, by_player = ("team_id", "season_year"), ("player_id", "season_year")
    history = read("player_game_summary:season").select("game_date", "game_id", "season_year", "team_id", "player_id")
    slate = sides_to_play(read).drop("game_id").join(_seasons(read), "game_date")
    latest = as_of(slate, history.drop("player_id").distinct(), on=by_team)
    latest = latest.select("game_date", "game_id", *by_team)
    players = as_of(
        latest.drop("game_id", "team_id").distinct().join(history.select(*by_player).distinct(), "season_year"),
        history,
        on=by_player,
    )
    return players.join(latest, ["game_date", "game_id", "team_id"]).select("game_date", "player_id")


def models_to_serve(read: Reader) -> ir.Table:
    """Every market and information set on each day with a game to play."""
    served = ibis.memtable(
        [(m.name, s) for m in MARKETS for s in INFORMATION_SETS],
        schema={"market": "string", "information_set": "string"},
    )
    return _game_days(read).cross_join(served)


def _markets() -> ir.Table:
    return ibis.memtable([(m.name,) for m in MARKETS], schema={"market": "string"})


def _feature_rows_by_market(read: Reader) -> ir.Table:
    return _feature_rows(read).cross_join(_markets())


def _ensemble(read: Reader) -> ir.Table:
    return _feature_rows_by_market(read).mutate(system_id=ibis.literal(ENSEMBLE))


def _predictions(read: Reader) -> ir.Table:
    return read("player_prop_predictions").select(*PLAYER_PROP_PREDICTIONS.key)


EXPECTED: dict[str, Callable[[Reader], ir.Table]] = {
    "player_boxscores": final_sides,
    "shots": _final_games,
    "game_lines": lambda read: read("games").filter(lambda t: t.status != "postponed").select("game_date", "game_id"),
    # Whoever appeared was active.
    "active_players": _boxscore_players,
    "player_game_summary": _boxscore_players,
    "team_offense_game_summary": final_sides,
    "team_defense_game_summary": final_sides,
    "upcoming_player_game_context": _listed,
    "upcoming_team_game_context": lambda read: sides_to_play(read).select("game_date", "team_id"),
    "upcoming_roster": _players_of_latest_games,
    "player_availability": lambda read: read("upcoming_roster").select("game_date", "player_id"),
    "player_lineup_context": _feature_rows,
    "team_defense_zone_analysis": all_teams,
    "player_shot_zone_analysis": _players_with_history,
    "player_composite_factors": _expected_players,
    "player_daily_cache": _expected_players,
    "ml_feature_store_v2": _feature_rows,
    "untrained_forecasts": _feature_rows_by_market,
    "prop_model": models_to_serve,
    "player_prop_predictions": _ensemble,
    "prediction_accuracy": _predictions,
}
"""Table -> its expected keys. games, player_props and injuries are what a source knows: nothing is expected."""
