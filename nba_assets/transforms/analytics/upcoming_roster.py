"""nba_analytics.upcoming_roster: everybody who might play for a team on a day, and what is known of his chance to."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.lineups import UPCOMING_ROSTER
from nba_assets.transforms.analytics.roster import recent_appearances
from nba_assets.transforms.analytics.upcoming_team_game_context import team_games
from nba_assets.transforms.as_of import as_of, days_before, latest_report, on_days
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.player_form import NEWCOMER_MINUTES, form, rate

ROSTER_GAMES = 15
"""A player is on the wide roster if he appeared in one of his team's last so many games."""
_SILENT_DAYS = 60
"""After so many days without any report on anybody, no report is no sign of health."""


def _seen(slate: ir.Table, history: ir.Table) -> ir.Table:
    """(day, team, player) for everyone seen in the team's last games, and how much he was in them."""
    pairs = recent_appearances(slate, history, ROSTER_GAMES, "minutes")
    in_last_10 = pairs.games_ago < 10
    return pairs.group_by(*slate.columns, "player_id", "team_games_known").agg(
        games_missed=pairs.games_ago.min(),
        appearances_last_5=(pairs.games_ago < 5).cast("int64").sum(),
        appearances_last_10=in_last_10.cast("int64").sum(),
        minutes_last_10_total=in_last_10.ifelse(pairs.past_minutes, 0.0).sum(),
        minutes_previous_team_game=(pairs.games_ago == 0).ifelse(pairs.past_minutes, None).max(),
    )


def _reported(rows: ir.Table, injuries: ir.Table) -> ir.Table:
    """The rows with is_reported_out and is_reported_back."""
    reports = injuries.select("player_id", "season_year", "game_date", "status")
    days = rows.select("game_date", "season_year").distinct()
    published = latest_report(days, reports.drop("player_id", "status"), on=("season_year",))
    published = published.select(
        "game_date",
        is_published=ibis.coalesce(days_before(published.game_date, published.report_date) <= _SILENT_DAYS, False),
    )
    rows = latest_report(rows, reports, on=("player_id", "season_year"))
    rows = rows.pipe(add_columns, published, "game_date")
    holds = ibis.coalesce(days_before(rows.report_date, rows.last_game_date) >= 0, False)
    return rows.mutate(
        is_reported_out=rows.is_published.ifelse(holds & (rows.report_status == "out"), None),
        is_reported_back=rows.is_published.ifelse(holds & (rows.report_status == "available"), None),
    )


def build(
    games: ir.Table,
    injuries: ir.Table,
    player_boxscores: ir.Table,
    player_game_summary: ir.Table,
    upcoming_team_game_context: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day and player of a team's wide roster; results of the day itself are in has_appeared only."""
    slate = on_days(team_games(games), days).filter(lambda t: t.status != "postponed")
    slate = slate.select("game_date", "game_id", "season_year", "team_id", "opponent_team_id", frame=slate.season_year)
    rows = as_of(_seen(slate, player_game_summary), form(player_game_summary), on=("player_id", "frame"))
    rows = _reported(rows.filter(rows.last_team_id == rows.team_id), injuries)
    market = upcoming_team_game_context.select(
        "game_date",
        "team_id",
        "spread",
        "market_margin_surprise",
        "market_margin_surprise_recent",
        "implied_points_surprise",
        "implied_points_surprise_recent",
        team_rest_days="rest_days",
        team_games_played_season="games_played_season",
    )
    appeared = player_boxscores.select("game_id", "team_id", "player_id", is_in_box_score=True)
    played = player_boxscores.select("game_id", "team_id").distinct().mutate(has_box_score=True)
    rows = (
        rows.pipe(add_columns, market, "game_date", "team_id")
        .pipe(add_columns, appeared, "game_id", "team_id", "player_id")
        .pipe(add_columns, played, "game_id", "team_id")
    )
    return rows.mutate(
        days_since_last_game=days_before(rows.game_date, rows.last_game_date),
        expected_minutes=ibis.coalesce(rows.expected_minutes, NEWCOMER_MINUTES),
        points_per_minute=rows[rate("points")],
        usage_per_minute=rows[rate("usage_plays")],
        team_games_last_10=ibis.least(rows.team_games_known, 10),
        has_appeared=rows.has_box_score.ifelse(ibis.coalesce(rows.is_in_box_score, False), None),
    ).select(*UPCOMING_ROSTER.column_names)
