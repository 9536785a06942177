"""Records of who plays beside whom: the wide roster, each player's chance to play, and what his team-mates leave him.

upcoming_roster is of nba_analytics, the other two are of nba_precompute.
"""

from __future__ import annotations

from nba_assets.markets import STATISTICS
from nba_assets.tables.analytics import UPCOMING_TEAM_GAME_CONTEXT
from nba_assets.tables.precompute import LAST_GAME_DATE
from nba_assets.tables.raw import GAME_ID, OPPONENT, PLAYER_ID, SEASON_YEAR, TEAM_ID, date_column
from nba_assets.tables.record import PREVIOUS_SEASON, SAME_DAY, THIS_SEASON, THREE_PREVIOUS_SEASONS, Column, Table

C = Column

INFORMATION_SET = C(
    "information_set",
    "string",
    "What the row may know. pregame: the projected roster, before tip-off; lineup: who of the rotation is on the "
    "active list as well, but no result",
    required=True,
)
EXPECTED_MINUTES = C(
    "expected_minutes",
    "float64",
    "Minutes if he plays: 0.45 of the mean with half-life 2 games and 0.55 of that with 12; 8 if no game is known",
    "minutes",
    required=True,
)

ROTATION_MINUTES = (10, 20)
"""Who is expected to play more than the last of them plays unless he cannot. Whether somebody below the first appears
is decided by how the game goes, and tells of it: 9 to 32 % do in games that end within 8 points, 70 to 82 % in those
won by 20 (2019-20 to 2022-23, up to two games missed)."""

_MARKET_VIEW = tuple(
    UPCOMING_TEAM_GAME_CONTEXT.column(name)
    for name in (
        "spread",
        "market_margin_surprise",
        "market_margin_surprise_recent",
        "implied_points_surprise",
        "implied_points_surprise_recent",
    )
)

_SILENCE = "NULL if nobody was reported in the 60 days up to D, so that no report says nothing"

UPCOMING_ROSTER = Table(
    dataset="nba_analytics",
    name="upcoming_roster",
    grain="one row per game day and player seen in his team's last 15 games and last seen with it",
    description=(
        "Everybody who might play for a team, those reported out included, with what is known of his chance to play "
        "before tip-off."
    ),
    key=("game_date", "player_id"),
    columns=(
        date_column(),
        PLAYER_ID,
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        OPPONENT,
        LAST_GAME_DATE,
        C(
            "games_missed",
            "int64",
            "Team games since the player's last with it: 0 if he played the latest",
            "games",
            required=True,
        ),
        C("appearances_last_5", "int64", "Of the team's last 5 games, those he played in", "games", required=True),
        C("appearances_last_10", "int64", "Of the team's last 10 games, those he played in", "games", required=True),
        C(
            "team_games_last_10",
            "int64",
            "Games that this window of the team's holds: fewer than 10 only where the data begin",
            "games",
            required=True,
        ),
        C("minutes_last_10_total", "float64", "Minutes in the team's last 10 games; 0 if in none", "minutes"),
        C("minutes_previous_team_game", "float64", "Minutes in the team's latest game; NULL if not in it", "minutes"),
        C("minutes_ewma_2", "float64", "Mean of his games, weights halving every 2", "minutes"),
        C("minutes_ewma_12", "float64", "Mean of his games, weights halving every 12", "minutes"),
        C("days_since_last_game", "int64", "Days from his last game to D", "days", required=True),
        C("team_rest_days", "int64", "rest_days of the team; NULL before its first game of the season", "days"),
        C("team_games_played_season", "int64", "Games of this season that the team has played", "games"),
        C("games_played_season", "int64", "Games of this season before D", "games", required=True),
        EXPECTED_MINUTES,
        C("points_per_minute", "float64", "Points over minutes, weights halving every 40 games", "per minute"),
        C("usage_per_minute", "float64", "Team plays ended per minute, weights as there", "per minute"),
        *_MARKET_VIEW,
        C("is_reported_out", "boolean", f"Whether the latest report since his last game says out; {_SILENCE}"),
        C("is_reported_back", "boolean", f"Whether it says available; {_SILENCE}"),
        C(
            "has_appeared",
            "boolean",
            "Whether the player is in his team's box score (hindsight: only to train on); NULL until there is one",
        ),
    ),
    reads={
        "games": SAME_DAY,
        "injuries": THIS_SEASON,
        "player_boxscores": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
        "upcoming_team_game_context": SAME_DAY,
    },
    formula="Rates per minute are pooled and drawn towards the league's by 60 minutes of it.",
)

PLAYER_AVAILABILITY = Table(
    dataset="nba_precompute",
    name="player_availability",
    grain="one row per game day and player of upcoming_roster",
    description="How likely each player of upcoming_roster is to play, by a model trained on days before its cut-off.",
    key=("game_date", "player_id"),
    kind="lightgbm",
    columns=(
        date_column(),
        PLAYER_ID,
        GAME_ID,
        TEAM_ID,
        C("active_probability", "float64", "Probability that he appears, before tip-off", "0..1", required=True),
        C(
            "model_id",
            "string",
            "The model used; NULL if none could be trained: then the share of the last 10 games that he played in",
        ),
        C("training_cutoff", "date", "The model was trained on days before this one", "date", required=True),
        C("training_last_day", "date", "Last day among the training rows; always before the cut-off", "date"),
        C("file_sha256", "string", "Hash of the model file, checked before each use"),
        C("training_fingerprint", "string", "Hash of the training rows, parameters and library release", required=True),
    ),
    reads={"upcoming_roster": THREE_PREVIOUS_SEASONS},
    formula=(
        "LightGBM on the roster's columns, and what earlier ones and the others on it say (models/attendance.py), of "
        "this season and the three before it, retrained with 1 October, 1 December and 1 February as cut-offs."
    ),
)

_SUMS = (
    ("teammates_minutes", "Team-mates' expected minutes", "minutes"),
    ("same_role_teammates_minutes", "The same, each counted by how much he plays like this player", "minutes"),
    ("teammates_usage_plays", "Team plays that team-mates end in their expected minutes", "plays"),
    *(
        (f"teammates_{name}", f"Team-mates' {name.replace('_', ' ')} in their expected minutes", "per game")
        for name in STATISTICS
    ),
)
TEAMMATES_SUMS: tuple[str, ...] = tuple(name for name, _, _ in _SUMS)
"""Sums over team-mates that are also held against the player's own past games."""

_SIMILAR = tuple(
    C(
        f"{name}_with_similar_lineup_{width}",
        "float64",
        f"Mean of his games among the team's last 40, {how} by how much who played is who plays tonight; NULL "
        "without any",
        unit,
    )
    for name, unit in (("minutes", "minutes"), *((name, "per game") for name in STATISTICS))
    for width, how in (("narrow", "weighted steeply"), ("wide", "weighted gently"))
)

PLAYER_LINEUP_CONTEXT = Table(
    dataset="nba_precompute",
    name="player_lineup_context",
    grain="one row per game day, player and information set: pregame if he is projected, lineup if he is listed",
    description=(
        "Who plays beside a player, what they take and leave, and how he did when it was much the same line-up. "
        "pregame counts team-mates by their chance to play. lineup counts those who are expected to play 20 minutes or "
        "more if they are on the active list, those expected to play 10 or fewer by their chance all the same, and "
        "others by both: whether the end of the bench appears is known only when the game is decided."
    ),
    key=("game_date", "player_id", "information_set"),
    columns=(
        date_column(),
        PLAYER_ID,
        INFORMATION_SET,
        GAME_ID,
        SEASON_YEAR,
        TEAM_ID,
        LAST_GAME_DATE,
        C("active_probability", "float64", "As in player_availability; NULL in lineup, where it is known", "0..1"),
        EXPECTED_MINUTES,
        *_SIMILAR,
        C(
            "minutes_if_active",
            "float64",
            "Minutes if he plays, with a view to who else does: a fixed mix of recent means and similar line-ups",
            "minutes",
            required=True,
        ),
        C(
            "projected_minutes",
            "float64",
            "minutes_if_active, with those of the line-up brought to 240, himself being there",
            "minutes",
            required=True,
        ),
        *(
            C(
                f"projected_{name}_share",
                "float64",
                f"Share of the line-up's {name.replace('_', ' ')}, by minutes_if_active and rates per minute",
                "0..1",
                required=True,
            )
            for name in ("usage", *STATISTICS)
        ),
        *(
            C(
                f"projected_{name}",
                "float64",
                f"projected_{name}_share of "
                + ("implied_points, or without a line " if name == "points" else "")
                + "the team's mean over its last 15 games; NULL before the team's first",
                "per game",
            )
            for name in STATISTICS
        ),
        *(C(name, "float64", meaning, unit, required=True) for name, meaning, unit in _SUMS),
        C(
            "teammates_ahead",
            "float64",
            "Team-mates who play more than he does by minutes_if_active, each counted as far as he is there",
            "players",
            required=True,
        ),
        *(
            C(
                f"{name}_change",
                "float64",
                f"{name} less the mean in his own games, half-life 6, of those who appeared; NULL without a game",
                unit,
            )
            for name, _, unit in _SUMS
        ),
    ),
    reads={
        "upcoming_player_game_context": SAME_DAY,
        "upcoming_team_game_context": SAME_DAY,
        "upcoming_roster": SAME_DAY,
        "player_availability": SAME_DAY,
        "player_game_summary": PREVIOUS_SEASON.strictly_before,
        "team_offense_game_summary": PREVIOUS_SEASON.strictly_before,
    },
    formula="See transforms/precompute/similar_lineups.py and transforms/precompute/teammates.py.",
)

LINEUP_TABLES = (UPCOMING_ROSTER, PLAYER_AVAILABILITY, PLAYER_LINEUP_CONTEXT)
