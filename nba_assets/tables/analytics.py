"""Records of nba_analytics: game summaries, and what is known of a day's games before they start."""

from __future__ import annotations

from nba_assets.markets import ALLOWANCES
from nba_assets.tables.raw import (
    BOX_COUNTS,
    GAME_ID,
    IS_HOME,
    OPPONENT,
    PLAYER_ID,
    PLAYER_LOOKUP,
    PLAYER_NAME,
    SEASON_YEAR,
    TEAM_ID,
    date_column,
)
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, THIS_SEASON, Column, Table

C = Column

ZONE_COUNTS = (
    C("paint_attempts", "int64", "Field goal attempts within 8 feet; NULL if the shots are unknown", "count"),
    C("paint_makes", "int64", "Field goals made within 8 feet; NULL if the shots are unknown", "count"),
    C("mid_range_attempts", "int64", "Two-point attempts beyond 8 feet; NULL if the shots are unknown", "count"),
    C("mid_range_makes", "int64", "Two-point makes beyond 8 feet; NULL if the shots are unknown", "count"),
)
HAS_SHOT_ZONES = C(
    "has_shot_zones", "boolean", "Whether the shots are known and agree with the box score's attempts", required=True
)
EFFECTIVE_FG = C("effective_field_goal_pct", "float64", "(FGM + 0.5 * 3PM) / FGA; NULL without an attempt", "0..1")
TRUE_SHOOTING = C("true_shooting_pct", "float64", "PTS / (2 * (FGA + 0.44 * FTA)); NULL without an attempt", "0..1")
REST_DAYS = C(
    "rest_days",
    "int64",
    "Days between the previous game of this season and today, minus one: 0 is a back-to-back; NULL before the first",
    "days",
)
IS_BACK_TO_BACK = C("is_back_to_back", "boolean", "Whether the previous game was yesterday", required=True)

PLAYER_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="player_game_summary",
    grain="one row per game and player who appeared",
    description="A player's game: box score, shots by zone, efficiency, usage, and the result against the line.",
    key=("game_id", "player_id"),
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        PLAYER_ID,
        PLAYER_NAME,
        PLAYER_LOOKUP,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        C("is_win", "boolean", "Whether the player's team won; NULL until the game is final"),
        C("minutes", "float64", "Minutes played, seconds as a fraction", "minutes"),
        *BOX_COUNTS,
        C("plus_minus", "int64", "Point difference while on the floor", "points"),
        *ZONE_COUNTS,
        HAS_SHOT_ZONES,
        EFFECTIVE_FG,
        TRUE_SHOOTING,
        C("plays_used", "float64", "FGA + 0.44 * FTA + TOV: team plays that the player ended", "plays"),
        C("usage_rate", "float64", "Share of the team's plays used while on the floor; NULL without minutes", "0..1"),
        C(
            "points_line",
            "float64",
            "Points line of the first bookmaker in alphabetical order; NULL without one",
            "points",
        ),
        C("points_result", "string", "OVER, UNDER or PUSH against points_line; NULL without a line"),
    ),
    reads={"player_boxscores": SAME_DAY, "shots": SAME_DAY, "games": SAME_DAY, "player_props": SAME_DAY},
    formula="Usage rate and true shooting as in Basketball-Reference's glossary; zones by distance and shot type.",
)

TEAM_OFFENSE_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="team_offense_game_summary",
    grain="one row per game and team",
    description="What a team did in a game: possessions, offensive rating, pace, shooting by zone.",
    key=("game_id", "team_id"),
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        C("is_win", "boolean", "Whether the team won; NULL if the opponent is missing"),
        C(
            "overtime_periods",
            "int64",
            "Overtimes played, from the team's minutes: 240 plus 25 per overtime; NULL if some are unknown",
            "count",
        ),
        *BOX_COUNTS,
        C("opponent_points", "int64", "Points of the other team", "points"),
        *ZONE_COUNTS,
        HAS_SHOT_ZONES,
        EFFECTIVE_FG,
        TRUE_SHOOTING,
        C("possessions", "float64", "FGA + 0.44 * FTA + TOV - OREB", "possessions"),
        C("offensive_rating", "float64", "Points per 100 possessions", "points per 100"),
        C("pace", "float64", "Possessions per 48 minutes, overtime scaled away", "possessions per 48 minutes"),
    ),
    reads={"player_game_summary": SAME_DAY},
    formula="Possessions after Oliver, Basketball on Paper (2004), with 0.44 for free throws.",
)

TEAM_DEFENSE_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="team_defense_game_summary",
    grain="one row per game and team",
    description="What a team's opponent did in a game, by zone: the other side of team_offense_game_summary.",
    key=("game_id", "team_id"),
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        C("points_allowed", "int64", "Points of the other team", "points"),
        *(
            C(f"{name}_allowed", "int64", f"The other team's {name.replace('_', ' ')}", "count")
            for name in dict.fromkeys(
                (
                    "field_goals_made",
                    "field_goals_attempted",
                    "three_pointers_made",
                    "three_pointers_attempted",
                    "free_throws_attempted",
                    "rebounds",
                    "assists",
                    "paint_attempts",
                    "paint_makes",
                    "mid_range_attempts",
                    "mid_range_makes",
                    *ALLOWANCES,
                )
            )
        ),
        HAS_SHOT_ZONES,
        C("turnovers_forced", "int64", "The other team's turnovers", "count"),
        C("steals", "int64", "Own steals", "count"),
        C("blocks", "int64", "Own blocks", "count"),
        C("defensive_rebounds", "int64", "Own defensive rebounds", "count"),
        C("defensive_rating", "float64", "Points allowed per 100 of the opponent's possessions", "points per 100"),
        C("opponent_pace", "float64", "The opponent's possessions per 48 minutes", "possessions per 48 minutes"),
    ),
    reads={"team_offense_game_summary": SAME_DAY},
    formula="The opponent's row of team_offense_game_summary, seen from the other side.",
)

UPCOMING_TEAM_GAME_CONTEXT = Table(
    dataset="nba_analytics",
    name="upcoming_team_game_context",
    grain="one row per game day and team that plays",
    description="What is known of a team before tip-off: rest, form, travel, lines.",
    key=("game_date", "team_id"),
    columns=(
        date_column(),
        TEAM_ID,
        GAME_ID,
        SEASON_YEAR,
        OPPONENT,
        IS_HOME,
        C("tipoff_utc", "timestamp", "Scheduled start in UTC; NULL where unknown", "UTC time"),
        C("last_game_date", "date", "The team's previous game of this season; NULL before the first", "date"),
        REST_DAYS,
        C("opponent_rest_days", "int64", "The opponent's rest_days", "days"),
        IS_BACK_TO_BACK,
        C("games_in_last_7_days", "int64", "Games played from D-7 to D-1", "games", required=True),
        C("games_in_last_14_days", "int64", "Games played from D-14 to D-1", "games", required=True),
        C("games_played_season", "int64", "Games of this season played before D", "games", required=True),
        C("win_pct_season", "float64", "Share of this season's games won; NULL before the first", "0..1"),
        C("win_streak", "int64", "Games won in a row up to D-1", "games", required=True),
        C("loss_streak", "int64", "Games lost in a row up to D-1", "games", required=True),
        C("last_game_margin", "int64", "Point difference of the previous game; NULL before the first", "points"),
        C(
            "travel_miles",
            "float64",
            "Great-circle distance from the arena of the previous game; NULL before the first",
            "miles",
        ),
        C("spread", "float64", "Median spread of the team over bookmakers; negative means favoured", "points"),
        C("total", "float64", "Median total over bookmakers", "points"),
        C(
            "implied_points",
            "float64",
            "total / 2 - spread / 2: the points that the lines expect of the team",
            "points",
        ),
        *(
            C(
                f"{name}{suffix}",
                "float64",
                f"{meaning} in its {games}; NULL without a line tonight or before",
                "points",
            )
            for name, meaning in (
                (
                    "market_margin_surprise",
                    "Margin that the lines expect on a neutral floor, less the two teams' difference in strength as "
                    "lines said it",
                ),
                (
                    "implied_points_surprise",
                    "Points that the lines expect beyond what they usually do against the opponent, less the same",
                ),
            )
            for suffix, games in (
                ("", "earlier games, half-life 20 games"),
                ("_recent", "latest games, half-life 3 games"),
            )
        ),
    ),
    reads={"games": PREVIOUS_SEASON, "game_lines": PREVIOUS_SEASON},
    formula=(
        "Rest days are days between games minus one; lines are those stamped before tip-off. Surprises: see "
        "transforms/analytics/market_strength.py."
    ),
)

UPCOMING_PLAYER_GAME_CONTEXT = Table(
    dataset="nba_analytics",
    name="upcoming_player_game_context",
    grain="one row per game day and expected player",
    description=(
        "Who is expected to play, with rest and load. Projected from the team's recent games and the injury reports; "
        "once there is an active list, players who are on it without being projected are added and marked."
    ),
    key=("game_date", "player_id"),
    columns=(
        date_column(),
        PLAYER_ID,
        PLAYER_NAME,
        PLAYER_LOOKUP,
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        C(
            "roster_source",
            "string",
            "projected: expected before there is an active list; active_list: known only because he is on it",
            required=True,
        ),
        C(
            "is_active",
            "boolean",
            "Whether the player is on his team's active list; NULL until there is one",
        ),
        C(
            "context_source",
            "string",
            "current_season, previous_season or none: which season's games the player's context rests on",
            required=True,
        ),
        C("injury_status", "string", "Latest report up to D: out or available; NULL if never reported this season"),
        C(
            "last_game_date",
            "date",
            "The player's previous game, this season or the one before; NULL for a first game",
            "date",
        ),
        REST_DAYS,
        IS_BACK_TO_BACK,
        C("games_in_last_7_days", "int64", "Games played from D-7 to D-1", "games", required=True),
        C("games_in_last_14_days", "int64", "Games played from D-14 to D-1", "games", required=True),
        C("minutes_in_last_7_days", "float64", "Minutes played from D-7 to D-1", "minutes", required=True),
        C("minutes_in_last_14_days", "float64", "Minutes played from D-14 to D-1", "minutes", required=True),
        C(
            "back_to_backs_in_last_14_days",
            "int64",
            "Games played from D-14 to D-1 on the day after a game",
            "games",
            required=True,
        ),
        C("games_played_season", "int64", "Games of this season before D", "games", required=True),
        C("games_played_previous_season", "int64", "Games of the previous season", "games", required=True),
        C(
            "teammates_out",
            "int64",
            "Players of the team's last 10 games who are reported out",
            "players",
            required=True,
        ),
        C(
            "missing_usage_share",
            "float64",
            "Share of the team's plays in its last 10 games used by the players now out; NULL before the team's first",
            "0..1",
        ),
    ),
    reads={
        "games": SAME_DAY,
        "injuries": THIS_SEASON,
        "active_players": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
    },
    formula="Projected: seen in his team's last 10 games, last seen with that team, and not reported out.",
)

ANALYTICS_TABLES = (
    PLAYER_GAME_SUMMARY,
    TEAM_OFFENSE_GAME_SUMMARY,
    TEAM_DEFENSE_GAME_SUMMARY,
    UPCOMING_PLAYER_GAME_CONTEXT,
    UPCOMING_TEAM_GAME_CONTEXT,
)
