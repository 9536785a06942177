"""Box scores and shots as stats.nba.com delivers them, mapped to the raw tables' columns, for files and answers."""

from __future__ import annotations

SEASON_YEAR = "CAST(substr(season, 1, 4) AS BIGINT)"
LOOKUP = "regexp_replace(lower(strip_accents({name})), '[^a-z0-9]', '', 'g')"
_BOX = {
    "field_goals_made": "fgm",
    "field_goals_attempted": "fga",
    "three_pointers_made": "fg3m",
    "three_pointers_attempted": "fg3a",
    "free_throws_made": "ftm",
    "free_throws_attempted": "fta",
    "offensive_rebounds": "oreb",
    "defensive_rebounds": "dreb",
    "rebounds": "reb",
    "assists": "ast",
    "steals": "stl",
    "blocks": "blk",
    "turnovers": "tov",
    "personal_fouls": "pf",
    "points": "pts",
}

# table -> raw column -> SQL over stats.nba.com's columns in lower case.
STATS_MAPPINGS: dict[str, dict[str, str]] = {
    "player_boxscores": {
        "game_date": "game_date",
        "game_id": "game_id",
        "season_year": SEASON_YEAR,
        "player_id": "player_id",
        "player_name": "player_name",
        "player_lookup": LOOKUP.format(name="player_name"),
        "team_id": "team_id",
        "opponent_team_id": "opponent_team_id",
        "is_home": "is_home",
        "minutes": "coalesce(min_exact, min)",
        **_BOX,
        "plus_minus": "plus_minus",
    },
    "shots": {
        "game_date": "game_date",
        "game_id": "game_id",
        # The files carry no attempt number; this order is total up to identical attempts, which are interchangeable.
        "shot_number": (
            "row_number() OVER (PARTITION BY game_id ORDER BY period, minutes_remaining DESC, seconds_remaining DESC, "
            "player_id, loc_x, loc_y, shot_made_flag, shot_type)"
        ),
        "season_year": SEASON_YEAR,
        "player_id": "player_id",
        "team_id": "team_id",
        "period": "period",
        "seconds_remaining": "60 * minutes_remaining + seconds_remaining",
        "is_three": "shot_type LIKE '3PT%'",
        "is_made": "shot_made_flag = 1",
        "shot_distance_feet": "shot_distance",
        "loc_x": "loc_x",
        "loc_y": "loc_y",
    },
}
