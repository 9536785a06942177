"""nba_precompute.player_composite_factors: fatigue, zone match-up, pace and usage as adjustments in points.

Each factor is a function of its own. An unknown factor is NULL and is not counted; it is never replaced by a default.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.days import DayRange
from nba_assets.tables.precompute import PLAYER_COMPOSITE_FACTORS
from nba_assets.transforms.as_of import as_of, last_n, on_days, season_frames
from nba_assets.transforms.joins import add_columns
from nba_assets.transforms.quality import history_reasons, reasons, tier
from nba_assets.transforms.shot_zones import primary_zone, shares, window_sums

_ZONE_OF = {"paint": "paint", "perimeter": "three_point", "mid_range": "mid_range"}


def clamp(value: ir.FloatingValue, low: float, high: float) -> ir.FloatingValue:
    """The value within bounds; NULL stays NULL."""
    return ibis.cases((value < low, low), (value > high, high), (value.notnull(), value))


def fatigue_score(rows: ir.Table) -> ir.FloatingValue:
    """0 exhausted to 100 fresh, from rest, load and back-to-backs; NULL for a player without history."""
    minutes_per_game = rows.minutes_in_last_7_days / rows.games_in_last_7_days.nullif(0)
    penalties = (
        rows.is_back_to_back.ifelse(15, 0)
        - (ibis.coalesce(rows.rest_days, 0) >= 2).ifelse(5, 0)
        + (rows.games_in_last_7_days >= 4).ifelse(10, 0)
        + (rows.minutes_in_last_7_days > 240).ifelse(10, 0)
        + (ibis.coalesce(minutes_per_game, 0.0) > 35).ifelse(8, 0)
        + ibis.cases(
            (rows.back_to_backs_in_last_14_days >= 2, 12), (rows.back_to_backs_in_last_14_days == 1, 5), else_=0
        )
    )
    return (rows.context_source != "none").ifelse(
        clamp((100 - penalties).cast("float64"), 0.0, 100.0), ibis.null("float64")
    )


def shot_zone_mismatch_score(rows: ir.Table) -> ir.FloatingValue:
    """Opponent's weakness (percentage points over the league) in the player's main zone, weighted by his share of
    attempts there up to one half, and by 1.2 beyond 5; a balanced player meets the mean of the zones."""

    def weighted(zone: str) -> ir.FloatingValue:
        return 100 * rows[f"{zone}_allowed_vs_league_pct"] * clamp(rows[f"{zone}_rate"] / 0.5, 0.0, 1.0)

    balanced = (weighted("paint") + weighted("mid_range") + weighted("three_point")) / 3
    score = ibis.cases(
        *((rows.primary_scoring_zone == label, weighted(zone)) for label, zone in _ZONE_OF.items()),
        (rows.primary_scoring_zone == "balanced", balanced),
    )
    return clamp((score.abs() > 5).ifelse(1.2 * score, score), -10.0, 10.0)


def pace_score(rows: ir.Table) -> ir.FloatingValue:
    """Half the possessions per 48 minutes by which the opponent's games are faster than the league's."""
    return clamp(rows.pace_differential / 2, -3.0, 3.0)


def projected_usage_rate(rows: ir.Table) -> ir.FloatingValue:
    """Usage over the last 10 games, grown pro rata by the share of plays that absent team-mates leave."""
    # Not ibis.least: in DuckDB it passes over NULL, and an unknown usage would become the bound.
    left = clamp(ibis.coalesce(rows.missing_usage_share, 0.0), 0.0, 0.75)
    return clamp(rows.usage_rate_last_10 / (1 - left), 0.0, 1.0)


def usage_spike_score(rows: ir.Table) -> ir.FloatingValue:
    """0.3 points per percentage point of usage gained."""
    return clamp(0.3 * 100 * (rows.projected_usage_rate - rows.usage_rate_last_10), -3.0, 3.0)


def _form(player_game_summary: ir.Table) -> ir.Table:
    history = season_frames(player_game_summary)
    window = last_n(("player_id", "frame"), 10)
    return history.select(
        "player_id",
        "frame",
        "game_date",
        "game_id",
        games_used=history.count().over(window),
        usage_rate_last_10=history.usage_rate.mean().over(window),
        **window_sums(history, window, "last_10"),
    )


def recent_zone_rates(rows: ir.Table) -> dict[str, ir.Value]:
    """`<zone>_rate` and primary_scoring_zone: from player_shot_zone_analysis where it has the player (`analysed_*`),
    else from the last 10 games of this and the previous season."""
    recent = shares(rows, "last_10")
    rates = {
        f"{zone}_rate": ibis.coalesce(rows[f"analysed_{zone}_rate"], recent[f"{zone}_rate_last_10"])
        for zone in ("paint", "mid_range", "three_point")
    }
    zone = primary_zone(rates["paint_rate"], rates["mid_range_rate"], rates["three_point_rate"])
    return {**rates, "primary_scoring_zone": ibis.coalesce(rows.analysed_zone, zone)}


def analysed_zones(player_shot_zone_analysis: ir.Table) -> ir.Table:
    """The columns of player_shot_zone_analysis that `recent_zone_rates` looks for."""
    return player_shot_zone_analysis.select(
        "game_date",
        "player_id",
        analysed_zone="primary_scoring_zone",
        **{f"analysed_{zone}_rate": f"{zone}_rate_last_10" for zone in ("paint", "mid_range", "three_point")},
    )


def build(
    upcoming_player_game_context: ir.Table,
    player_shot_zone_analysis: ir.Table,
    team_defense_zone_analysis: ir.Table,
    player_game_summary: ir.Table,
    days: DayRange,
) -> ir.Table:
    """One row per day and expected player."""
    expected = on_days(upcoming_player_game_context, days).drop("last_game_date").mutate(frame=ibis._.season_year)
    rows = as_of(expected, _form(player_game_summary), on=("player_id", "frame"))
    defense = team_defense_zone_analysis.select(
        "game_date",
        "opponent_pace_last_15",
        "league_pace_last_15",
        "paint_allowed_vs_league_pct",
        "mid_range_allowed_vs_league_pct",
        "three_point_allowed_vs_league_pct",
        opponent_team_id="team_id",
    )
    rows = rows.pipe(add_columns, analysed_zones(player_shot_zone_analysis), "game_date", "player_id").pipe(
        add_columns, defense, "game_date", "opponent_team_id"
    )
    rows = rows.mutate(
        games_used=ibis.coalesce(rows.games_used, 0),
        pace_differential=rows.opponent_pace_last_15 - rows.league_pace_last_15,
        projected_usage_rate=projected_usage_rate(rows),
        fatigue_score=fatigue_score(rows),
        **recent_zone_rates(rows),
    )
    rows = rows.mutate(
        fatigue_adjustment=(rows.fatigue_score - 100) / 20,
        shot_zone_mismatch_score=shot_zone_mismatch_score(rows),
        pace_score=pace_score(rows),
        usage_spike_score=usage_spike_score(rows),
        quality_tier=tier(rows.games_played_season, rows.games_played_previous_season),
    )
    factors = (rows.fatigue_adjustment, rows.shot_zone_mismatch_score, rows.pace_score, rows.usage_spike_score)
    available = sum((f.notnull().cast("int64") for f in factors), start=ibis.literal(0))
    total = sum((ibis.coalesce(f, 0.0) for f in factors), start=ibis.literal(0.0))
    return rows.mutate(
        factors_available=available,
        total_composite_adjustment=(available > 0).ifelse(total, ibis.null("float64")),
        quality_reasons=reasons(
            *history_reasons(rows.games_played_season, rows.games_played_previous_season),
            (
                rows.shot_zone_mismatch_score.isnull() & rows.paint_rate.isnull() & (rows.games_used > 0),
                "player's shot zones unknown",
            ),
            (rows.paint_allowed_vs_league_pct.isnull(), "opponent's zone defence unknown"),
            (rows.pace_differential.isnull(), "opponent's pace unknown"),
        ),
    ).select(*PLAYER_COMPOSITE_FACTORS.column_names)
