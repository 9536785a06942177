"""nba_analytics.upcoming_player_game_context: who is expected to play on a day, with rest and load.

The projected roster is what could be known before there are active lists. Players who are on one without having been
projected are added row by row and marked; who of all of them is on the list is in `is_active`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.analytics import UPCOMING_PLAYER_GAME_CONTEXT
from nba_assets.transforms.analytics.roster import recent_appearances
from nba_assets.transforms.analytics.upcoming_team_game_context import team_games
from nba_assets.transforms.as_of import (
    as_of,
    days_before,
    last_n,
    latest_report,
    on_days,
    previous_game_date,
    rest_days,
    season_frames,
    within_days,
)
from nba_assets.transforms.joins import add_columns

ROSTER_GAMES = 10
"""A player belongs to the projected roster if he appeared in one of his team's last so many games."""


def _player_form(history: ir.Table) -> ir.Table:
    """After each game of a player, per looking-back season: latest team and name, games played."""
    frames = season_frames(history)
    so_far = last_n(("player_id", "frame"), None)
    return frames.select(
        "player_id",
        "frame",
        "game_date",
        "game_id",
        "player_name",
        "player_lookup",
        last_team_id=frames.team_id,
        is_last_this_season=frames.is_frame_season,
        games_played_season=frames.is_frame_season.cast("int64").sum().over(so_far),
        games_played_previous_season=(~frames.is_frame_season).cast("int64").sum().over(so_far),
    )


def _load(players: ir.Table, history: ir.Table) -> ir.Table:
    """Games and minutes of the last 7 and 14 days, and back-to-backs among the latter."""
    previous = previous_game_date(history, ("player_id", "season_year"))
    past = history.select(
        "player_id",
        "season_year",
        "game_date",
        "minutes",
        is_second_night=ibis.coalesce(rest_days(history.game_date, previous) == 0, False),
    )
    pairs = within_days(players.select("game_date", "player_id", "season_year"), past, ("player_id", "season_year"), 14)
    in_week = days_before(pairs.game_date, pairs.past_game_date) <= 7
    return pairs.group_by("game_date", "player_id").agg(
        games_7=in_week.cast("int64").sum(),
        games_14=pairs.count(),
        minutes_7=in_week.ifelse(pairs.past_minutes, 0).sum(),
        minutes_14=pairs.past_minutes.sum(),
        back_to_backs_14=pairs.past_is_second_night.cast("int64").sum(),
    )


def _expected(
    slate: ir.Table, history: ir.Table, injuries: ir.Table, active_players: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Expected players of the slate, and per team what its absent players leave."""
    form = _player_form(history)
    pairs = recent_appearances(slate, history, ROSTER_GAMES, "plays_used")
    seen = pairs.group_by(*slate.columns, "player_id").agg(plays=pairs.past_plays_used.sum())
    seen = as_of(seen, form, on=("player_id", "frame"))
    reports = injuries.select("player_id", "season_year", "game_date", "status")
    seen = latest_report(seen, reports, on=("player_id", "season_year"))
    # A report holds until the player is seen again.
    is_out = ibis.coalesce(
        (seen.report_status == "out") & (days_before(seen.report_date, seen.last_game_date) >= 0), False
    ) & (seen.last_team_id == seen.team_id)
    seen = seen.mutate(is_out=is_out, is_projected=~is_out & (seen.last_team_id == seen.team_id))
    absences = seen.group_by("game_date", "team_id").agg(
        teammates_out=seen.is_out.cast("int64").sum(),
        missing_usage_share=seen.is_out.ifelse(seen.plays, 0).sum() / seen.plays.sum().nullif(0),
    )
    identity = [*slate.columns, "player_id"]
    listed = active_players.select(
        "game_id", "team_id", "player_id", listed_name="player_name", listed_lookup="player_lookup"
    )
    listed = slate.join(listed, ["game_id", "team_id"]).select(*identity, "listed_name", "listed_lookup")
    projected = seen.filter(seen.is_projected).select(*identity)
    # A player whom another team lists on the day is not where he was last seen; his own row replaces that one.
    elsewhere = listed.select("game_date", "player_id", actual_team_id="team_id")
    projected = projected.pipe(add_columns, elsewhere, "game_date", "player_id")
    projected = projected.filter(
        projected.actual_team_id.isnull() | (projected.actual_team_id == projected.team_id)
    ).select(*identity, roster_source=ibis.literal("projected"))
    unforeseen = listed.anti_join(projected, ["game_date", "player_id"]).select(
        *identity, roster_source=ibis.literal("active_list")
    )
    names = listed.select("game_date", "player_id", "listed_name", "listed_lookup", is_listed=True)
    teams = listed.select("game_date", "team_id").distinct().mutate(has_list=True)
    expected = projected.union(unforeseen).pipe(add_columns, names, "game_date", "player_id")
    expected = expected.pipe(add_columns, teams, "game_date", "team_id")
    expected = as_of(expected, form, on=("player_id", "frame"))
    return latest_report(expected, reports, on=("player_id", "season_year")), absences


def build(
    games: ir.Table, injuries: ir.Table, active_players: ir.Table, player_game_summary: ir.Table, days: DayRange
) -> ir.Table:
    """One row per day and expected player."""
    slate = on_days(team_games(games), days).filter(lambda t: t.status != "postponed")
    slate = slate.select(
        "game_date", "game_id", "season_year", "team_id", "opponent_team_id", "is_home", frame=slate.season_year
    )
    rows, absences = _expected(slate, player_game_summary, injuries, active_players)
    load = _load(rows, player_game_summary)
    rows = rows.pipe(add_columns, absences, "game_date", "team_id").pipe(add_columns, load, "game_date", "player_id")
    played = ibis.coalesce(rows.games_played_season, 0)
    played_before = ibis.coalesce(rows.games_played_previous_season, 0)
    rest = ibis.coalesce(rows.is_last_this_season, False).ifelse(
        rest_days(rows.game_date, rows.last_game_date), ibis.null("int64")
    )
    return rows.mutate(
        player_name=ibis.coalesce(rows.player_name, rows.listed_name),
        player_lookup=ibis.coalesce(rows.player_lookup, rows.listed_lookup),
        is_active=rows.has_list.ifelse(ibis.coalesce(rows.is_listed, False), ibis.null("boolean")),
        context_source=ibis.cases((played > 0, "current_season"), (played_before > 0, "previous_season"), else_="none"),
        injury_status=rows.report_status,
        rest_days=rest,
        is_back_to_back=ibis.coalesce(rest == 0, False),
        games_played_season=played,
        games_played_previous_season=played_before,
        games_in_last_7_days=ibis.coalesce(rows.games_7, 0),
        games_in_last_14_days=ibis.coalesce(rows.games_14, 0),
        minutes_in_last_7_days=ibis.coalesce(rows.minutes_7, 0.0),
        minutes_in_last_14_days=ibis.coalesce(rows.minutes_14, 0.0),
        back_to_backs_in_last_14_days=ibis.coalesce(rows.back_to_backs_14, 0),
        teammates_out=ibis.coalesce(rows.teammates_out, 0),
    ).select(*UPCOMING_PLAYER_GAME_CONTEXT.column_names)
