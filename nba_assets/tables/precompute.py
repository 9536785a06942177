"""Records of nba_precompute: form, zones and load as of a day, computed from days before it only."""

from __future__ import annotations

from nba_assets.markets import ALLOWANCES, STATISTICS
from nba_assets.tables.analytics import IS_BACK_TO_BACK, REST_DAYS, UPCOMING_PLAYER_GAME_CONTEXT
from nba_assets.tables.raw import (
    GAME_ID,
    IS_HOME,
    OPPONENT,
    PLAYER_ID,
    PLAYER_LOOKUP,
    SEASON_YEAR,
    TEAM_ID,
    date_column,
)
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, THIS_SEASON, Column, Table

C = Column

LAST_GAME_DATE = C(
    "last_game_date", "date", "Latest game that the row is computed from; always before game_date", "date"
)
QUALITY_TIER = C(
    "quality_tier",
    "string",
    "high: 10 games of this season behind the row; medium: 5 to 9; low: 1 to 4; previous_season: none yet this season, "
    "the previous one informs the row; no_history: nothing is known",
    required=True,
)
QUALITY_REASONS = C("quality_reasons", "string", "What is missing and why, separated by '; '; NULL if nothing is")

TEAM_DEFENSE_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="team_defense_zone_analysis",
    grain="one row per game day and team, all 30 teams",
    description="How a team defends each zone over its last 15 games, against the league.",
    key=("game_date", "team_id"),
    columns=(
        date_column(),
        TEAM_ID,
        SEASON_YEAR,
        LAST_GAME_DATE,
        C("games_used", "int64", "Games in the window, 15 at most, previous season included", "games", required=True),
        C("games_played_season", "int64", "Games of this season before D", "games", required=True),
        C("games_with_shot_zones", "int64", "Games in the window whose shots are known", "games", required=True),
        *(
            column
            for zone in ("paint", "mid_range", "three_point")
            for column in (
                C(f"{zone}_pct_allowed_last_15", "float64", "Makes over attempts allowed in the zone", "0..1"),
                C(
                    f"{zone}_attempts_allowed_avg_last_15",
                    "float64",
                    "Attempts allowed in the zone per game",
                    "per game",
                ),
                C(
                    f"{zone}_allowed_vs_league_pct",
                    "float64",
                    "Percentage allowed minus the league's; positive is a weak defence",
                    "-1..1",
                ),
            )
        ),
        C("defensive_rating_last_15", "float64", "Points allowed per 100 possessions, mean of games", "points per 100"),
        C("opponent_pace_last_15", "float64", "Opponents' pace, mean of games", "possessions per 48 minutes"),
        C(
            "league_pace_last_15",
            "float64",
            "Mean of opponent_pace_last_15 over all teams",
            "possessions per 48 minutes",
        ),
        C("points_allowed_avg_last_15", "float64", "Points allowed, mean of games", "points"),
        *(
            column
            for statistic in ALLOWANCES
            for column in (
                C(
                    f"{statistic}_allowed_avg_last_15",
                    "float64",
                    f"Opponents' {statistic.replace('_', ' ')}, mean of games",
                    "per game",
                ),
                C(
                    f"league_{statistic}_allowed_avg_last_15",
                    "float64",
                    f"Mean of {statistic}_allowed_avg_last_15 over all teams",
                    "per game",
                ),
            )
        ),
        C("strongest_zone", "string", "Zone with the lowest percentage allowed against the league"),
        C("weakest_zone", "string", "Zone with the highest percentage allowed against the league"),
        QUALITY_TIER,
    ),
    reads={"games": SAME_DAY, "team_defense_game_summary": PREVIOUS_SEASON.strictly_before},
    formula="Pooled makes over attempts in the window; the league is the pool of all teams' windows on the same day.",
)

_ZONE_RATES = tuple(
    column
    for zone in ("paint", "mid_range", "three_point")
    for column in (
        C(f"{zone}_rate_last_10", "float64", "Share of attempts taken in the zone", "0..1"),
        C(f"{zone}_pct_last_10", "float64", "Makes over attempts in the zone; NULL without an attempt", "0..1"),
        C(f"{zone}_attempts_avg_last_10", "float64", "Attempts in the zone per game", "per game"),
    )
)

PLAYER_SHOT_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="player_shot_zone_analysis",
    grain="one row per game day and player with 10 or more earlier games that season",
    description="Where a player shoots from and how well, over his last 10 and 20 games. Not only tonight's players.",
    key=("game_date", "player_id"),
    columns=(
        date_column(),
        PLAYER_ID,
        PLAYER_LOOKUP,
        SEASON_YEAR,
        LAST_GAME_DATE,
        C("games_played_season", "int64", "Games of this season before D", "games", required=True),
        C(
            "games_with_shot_zones",
            "int64",
            "Games in the 10-game window whose shots are known",
            "games",
            required=True,
        ),
        *_ZONE_RATES,
        C("paint_rate_last_20", "float64", "Share of attempts in the paint over 20 games; NULL under 15 games", "0..1"),
        C("paint_pct_last_20", "float64", "Paint makes over attempts over 20 games; NULL under 15 games", "0..1"),
        C(
            "primary_scoring_zone",
            "string",
            "paint or perimeter from a rate of 0.40, mid_range from 0.35, else balanced; NULL if unknown",
        ),
        C(
            "quality_tier",
            "string",
            "By games with known shots among the last 10: high 10, medium 5 to 9, low 1 to 4, no_history none",
            required=True,
        ),
        QUALITY_REASONS,
    ),
    reads={"games": SAME_DAY, "player_game_summary": THIS_SEASON.strictly_before},
    formula="Sums over the window's games with known shots, all three zones from the same games.",
)

PLAYER_COMPOSITE_FACTORS = Table(
    dataset="nba_precompute",
    name="player_composite_factors",
    grain="one row per game day and expected player",
    description="Adjustments in points for fatigue, match-up of zones, pace and usage freed by absent team-mates.",
    key=("game_date", "player_id"),
    columns=(
        date_column(),
        PLAYER_ID,
        GAME_ID,
        TEAM_ID,
        OPPONENT,
        LAST_GAME_DATE,
        C("games_used", "int64", "Games of the last 10, previous season included", "games", required=True),
        C("fatigue_score", "float64", "0 exhausted to 100 fresh; NULL without history", "0..100"),
        C("fatigue_adjustment", "float64", "(fatigue_score - 100) / 20", "points"),
        C(
            "shot_zone_mismatch_score",
            "float64",
            "Opponent's weakness in the player's main zone, -10 to 10; NULL if unknown",
            "points",
        ),
        C("pace_differential", "float64", "Opponent's pace minus the league's", "possessions per 48 minutes"),
        C("pace_score", "float64", "pace_differential / 2, -3 to 3", "points"),
        C(
            "projected_usage_rate",
            "float64",
            "Usage over the last 10 games, grown by the share that absent team-mates leave",
            "0..1",
        ),
        C("usage_spike_score", "float64", "0.3 points per percentage point of usage gained, -3 to 3", "points"),
        C("total_composite_adjustment", "float64", "Sum of the adjustments that are known; NULL if none is", "points"),
        C("factors_available", "int64", "How many of the four factors are known", "count", required=True),
        QUALITY_TIER,
        QUALITY_REASONS,
    ),
    reads={
        "upcoming_player_game_context": SAME_DAY,
        "player_shot_zone_analysis": SAME_DAY,
        "team_defense_zone_analysis": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
    },
    formula="See transforms/precompute/player_composite_factors.py: each factor in a function of its own.",
)

_FORM = tuple(
    column
    for statistic in STATISTICS
    for column in (
        C(f"{statistic}_avg_last_5", "float64", "Mean of the last 5 games, previous season included", "per game"),
        C(f"{statistic}_avg_last_10", "float64", "Mean of the last 10 games, previous season included", "per game"),
        C(f"{statistic}_avg_season", "float64", "Mean of this season's games; NULL before the first", "per game"),
        C(
            f"{statistic}_avg_previous_season",
            "float64",
            "Mean of the previous season's games; NULL without any",
            "per game",
        ),
        C(
            f"{statistic}_std_last_10",
            "float64",
            "Sample standard deviation of the last 10 games; NULL under 2",
            "per game",
        ),
    )
)

_HALF = "weights halving every {} of his games, previous season included"
RECENT_FORM = (
    *(
        C(f"{name}_ewma_{half_life}", "float64", f"Mean, {_HALF.format(half_life)}", "per game")
        for name in STATISTICS
        for half_life in (4, 15)
    ),
    *(
        C(f"minutes_ewma_{half_life}", "float64", f"Mean, {_HALF.format(half_life)}", "minutes")
        for half_life in (2, 5, 12)
    ),
    *(
        C(f"{name}_ewma_10", "float64", f"Mean, {_HALF.format(10)}", "per game")
        for name in ("usage_plays", "field_goals_attempted", "free_throws_attempted", "three_pointers_attempted")
    ),
    *(
        C(
            f"{name}_per_minute_ewma_{half_life}",
            "float64",
            f"Sum over minutes, {_HALF.format(half_life)}, drawn towards the league's rate by 60 minutes of it",
            "per minute",
        )
        for name in (*STATISTICS, "usage_plays", "field_goals_attempted", "three_pointers_attempted")
        for half_life in (8, 40)
    ),
    *(
        C(
            f"{kind}_pct_regressed",
            "float64",
            f"Makes over attempts of this and the previous season, with {attempts} attempts at {league} added",
            "0..1",
        )
        for kind, attempts, league in (
            ("three_point", 150, "the league's 0.36"),
            ("two_point", 100, "the league's 0.53"),
            ("free_throw", 60, "the league's 0.77"),
        )
    ),
)
"""A player's form as transforms/player_form.py works it out."""

_LOAD = tuple(
    UPCOMING_PLAYER_GAME_CONTEXT.column(name)
    for name in (
        "games_in_last_7_days",
        "games_in_last_14_days",
        "minutes_in_last_7_days",
        "minutes_in_last_14_days",
        "back_to_backs_in_last_14_days",
        "games_played_season",
        "games_played_previous_season",
        "missing_usage_share",
    )
)

PLAYER_DAILY_CACHE = Table(
    dataset="nba_precompute",
    name="player_daily_cache",
    grain="one row per game day and expected player",
    description="Everything about a player's form, load and team that the systems ask for on a day.",
    key=("game_date", "player_id"),
    columns=(
        date_column(),
        PLAYER_ID,
        PLAYER_LOOKUP,
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        LAST_GAME_DATE,
        C("games_used", "int64", "Games in the 10-game window, previous season included", "games", required=True),
        *_FORM,
        *RECENT_FORM,
        C("minutes_avg_last_5", "float64", "Mean of the last 5 games", "minutes"),
        C("minutes_avg_last_10", "float64", "Mean of the last 10 games", "minutes"),
        C("minutes_avg_season", "float64", "Mean of this season's games; NULL before the first", "minutes"),
        C(
            "minutes_std_last_10",
            "float64",
            "Sample standard deviation of the last 10 games; NULL under 2",
            "minutes",
        ),
        C("field_goals_attempted_avg_last_10", "float64", "Mean of the last 10 games", "per game"),
        C("usage_rate_last_10", "float64", "Mean of the last 10 games", "0..1"),
        C("true_shooting_pct_last_10", "float64", "Pooled over the last 10 games", "0..1"),
        C(
            "free_throw_points_share_last_10",
            "float64",
            "Free throws made over points, last 10 games; NULL without points",
            "0..1",
        ),
        REST_DAYS,
        IS_BACK_TO_BACK,
        *_LOAD,
        C("team_pace_last_10", "float64", "Mean of the team's last 10 games", "possessions per 48 minutes"),
        C("team_offensive_rating_last_10", "float64", "Mean of the team's last 10 games", "points per 100"),
        C("paint_rate_last_10", "float64", "Share of attempts in the paint", "0..1"),
        C("mid_range_rate_last_10", "float64", "Share of attempts from mid-range", "0..1"),
        C("three_point_rate_last_10", "float64", "Share of attempts from three", "0..1"),
        C("primary_scoring_zone", "string", "As in player_shot_zone_analysis; NULL if unknown"),
        QUALITY_TIER,
        QUALITY_REASONS,
    ),
    reads={
        "upcoming_player_game_context": SAME_DAY,
        "player_shot_zone_analysis": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
        "team_offense_game_summary": PREVIOUS_SEASON.strictly_before,
    },
    formula="Means of the latest games strictly before the day.",
)

PRECOMPUTE_TABLES = (
    TEAM_DEFENSE_ZONE_ANALYSIS,
    PLAYER_SHOT_ZONE_ANALYSIS,
    PLAYER_COMPOSITE_FACTORS,
    PLAYER_DAILY_CACHE,
)
