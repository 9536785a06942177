"""nba_analytics.upcoming_team_game_context: rest, form, travel and lines of each team that plays on a day."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.analytics import UPCOMING_TEAM_GAME_CONTEXT
from nba_assets.teams import TEAMS
from nba_assets.transforms.analytics.market_strength import surprises
from nba_assets.transforms.as_of import as_of, before_tipoff, last_n, on_days, rest_days, within_days
from nba_assets.transforms.joins import add_columns

_EARTH_RADIUS_MILES = 3958.8


def team_games(games: ir.Table) -> ir.Table:
    """Two rows per game, one for each team, with the points of both (NULL until final)."""
    sides = []
    for own, other in (("home", "away"), ("away", "home")):
        sides.append(
            games.select(
                "game_date",
                "game_id",
                "season_year",
                "tipoff_utc",
                "status",
                team_id=games[f"{own}_team_id"],
                opponent_team_id=games[f"{other}_team_id"],
                is_home=ibis.literal(own == "home"),
                arena_team_id=games.home_team_id,
                margin=games[f"{own}_points"] - games[f"{other}_points"],
            )
        )
    return sides[0].union(sides[1])


def _form(played: ir.Table) -> ir.Table:
    """Season record and streaks after each game played."""
    by = ("team_id", "season_year")
    so_far = last_n(by, None)
    numbered = played.mutate(is_win=played.margin > 0)
    numbered = numbered.mutate(
        games_played_season=numbered.count().over(so_far),
        games_won_season=numbered.is_win.cast("int64").sum().over(so_far),
    )
    numbered = numbered.mutate(
        last_loss=numbered.is_win.ifelse(0, numbered.games_played_season).max().over(so_far),
        last_win=numbered.is_win.ifelse(numbered.games_played_season, 0).max().over(so_far),
    )
    return numbered.select(
        *by,
        "game_date",
        "game_id",
        "games_played_season",
        win_pct_season=numbered.games_won_season / numbered.games_played_season,
        win_streak=numbered.games_played_season - numbered.last_loss,
        loss_streak=numbered.games_played_season - numbered.last_win,
        last_game_margin=numbered.margin,
        last_arena_team_id=numbered.arena_team_id,
    )


def _miles(joined: ir.Table) -> ir.FloatingValue:
    """Great-circle distance by the haversine formula."""
    d_lat = (joined.to_latitude - joined.from_latitude).radians() / 2
    d_lon = (joined.to_longitude - joined.from_longitude).radians() / 2
    a = d_lat.sin() ** 2 + joined.to_latitude.radians().cos() * joined.from_latitude.radians().cos() * d_lon.sin() ** 2
    return 2 * _EARTH_RADIUS_MILES * a.sqrt().asin()


def _arenas(prefix: str) -> ir.Table:
    schema = {f"{prefix}_arena": "int64", f"{prefix}_latitude": "float64", f"{prefix}_longitude": "float64"}
    return ibis.memtable([(t.team_id, t.latitude, t.longitude) for t in TEAMS], schema=schema)


def _with_lines(sides: ir.Table, game_lines: ir.Table, games: ir.Table) -> ir.Table:
    """The sides with their team's spread and the game's total: medians over bookmakers, NULL without a line."""
    lines = before_tipoff(game_lines, games)
    by = ("game_date", "game_id")
    lines = lines.group_by(*by).agg(home_spread=lines.home_spread.median(), total=lines.total.median())
    rows = sides.pipe(add_columns, lines, *by)
    return rows.mutate(spread=rows.is_home.ifelse(rows.home_spread, -rows.home_spread)).drop("home_spread")


def build(games: ir.Table, game_lines: ir.Table, days: DayRange) -> ir.Table:
    """One row per day and team that plays; results of the day itself are not read."""
    all_games = team_games(games)
    played = all_games.filter(all_games.status == "final")
    lined = all_games.filter(all_games.status != "postponed").drop("status", "margin")
    lined = _with_lines(lined, game_lines, games)
    scheduled = on_days(lined, days)
    rows = as_of(scheduled, _form(played), on=("team_id", "season_year"))
    to_arena, from_arena = _arenas("to"), _arenas("from")
    rows = rows.left_join(to_arena, [("arena_team_id", "to_arena")])
    rows = rows.left_join(from_arena, [("last_arena_team_id", "from_arena")])
    rows = rows.mutate(rest_days=rest_days(rows.game_date, rows.last_game_date), travel_miles=_miles(rows))
    recent = within_days(
        scheduled.select("game_date", "team_id", "season_year"), played, ("team_id", "season_year"), 14
    )
    last_week = within_days(
        scheduled.select("game_date", "team_id", "season_year"), played, ("team_id", "season_year"), 7
    )
    counts_14 = recent.group_by("game_date", "team_id").agg(games_14=recent.count())
    counts_7 = last_week.group_by("game_date", "team_id").agg(games_7=last_week.count())
    other = rows.select("game_id", opponent_team_id="team_id", opponent_rest_days="rest_days")
    rows = (
        rows.pipe(add_columns, other, "game_id", "opponent_team_id")
        .pipe(add_columns, counts_14, "game_date", "team_id")
        .pipe(add_columns, counts_7, "game_date", "team_id")
        .pipe(add_columns, surprises(scheduled, lined), "game_date", "team_id")
    )
    return rows.mutate(
        implied_points=rows.total / 2 - rows.spread / 2,
        is_back_to_back=ibis.coalesce(rows.rest_days == 0, False),
        games_in_last_7_days=ibis.coalesce(rows.games_7, 0),
        games_in_last_14_days=ibis.coalesce(rows.games_14, 0),
        **{c: ibis.coalesce(rows[c], 0) for c in ("games_played_season", "win_streak", "loss_streak")},
    ).select(*UPCOMING_TEAM_GAME_CONTEXT.column_names)
