"""Records of nba_raw: what the sources deliver, one row per fact, with the contract each row must meet."""

from __future__ import annotations

from dataclasses import replace

from nba_assets.tables.record import Column, Rule, Table

C = Column


def date_column(meaning: str = "US Eastern calendar date of the game; the partition key") -> Column:
    """game_date, which every table has."""
    return C("game_date", "date", meaning, "date", required=True)


GAME_ID = C("game_id", "string", "NBA.com's 10-character game id", required=True)
SEASON_YEAR = C("season_year", "int64", "Year in which the season began: 2021 for 2021-22", "year", required=True)
PLAYER_ID = C("player_id", "int64", "NBA.com's player id", required=True)
PLAYER_NAME = C("player_name", "string", "Name as the source writes it")
PLAYER_LOOKUP = C("player_lookup", "string", "Lower-case ASCII name without punctuation, for joining other sources")
NAMED = (replace(PLAYER_NAME, required=True), replace(PLAYER_LOOKUP, required=True))
"""Of sources that know every player."""
TEAM_ID = C("team_id", "int64", "NBA.com's id of the player's or team's own team", required=True)
OPPONENT = C("opponent_team_id", "int64", "NBA.com's id of the other team", required=True)
IS_HOME = C("is_home", "boolean", "Whether the team plays at home", required=True)
SOURCE = C("source", "string", "Which source delivered the row", required=True)

_GAME_ID_RULES = (
    Rule("game_id has 10 characters", "length(game_id) = 10"),
    # Compared as text: an id that is no number breaks the rule, and does not stop the others from being judged.
    Rule("season_year matches the game_id", "substr(concat('0', season_year), -2) = substr(game_id, 4, 2)"),
)

GAMES = Table(
    dataset="nba_raw",
    name="games",
    grain="one row per game",
    description="The schedule and, once a game is played, its result.",
    key=("game_id",),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        C("home_team_id", "int64", "NBA.com's id of the home team", required=True),
        C("away_team_id", "int64", "NBA.com's id of the visiting team", required=True),
        C("home_team_abbreviation", "string", "Three-letter code of the home team", required=True),
        C("away_team_abbreviation", "string", "Three-letter code of the visiting team", required=True),
        C("tipoff_utc", "timestamp", "Scheduled start in UTC; NULL where no source states it", "UTC time"),
        C("status", "string", "scheduled, final or postponed", required=True),
        C("home_points", "int64", "Points of the home team; NULL until final", "points"),
        C("away_points", "int64", "Points of the visiting team; NULL until final", "points"),
        SOURCE,
    ),
    rules=(
        *_GAME_ID_RULES,
        Rule("a team does not play itself", "home_team_id <> away_team_id"),
        Rule("status is known", "status IN ('scheduled', 'final', 'postponed')"),
        Rule(
            "a final game has a result without a tie",
            "status <> 'final' OR (home_points IS NOT NULL AND away_points IS NOT NULL AND home_points <> away_points)",
        ),
        Rule(
            "a game that is not final has no points",
            "status = 'final' OR (home_points IS NULL AND away_points IS NULL)",
        ),
        Rule("points are between 0 and 250", "home_points BETWEEN 0 AND 250 AND away_points BETWEEN 0 AND 250"),
    ),
)

BOX_COUNTS = (
    C("field_goals_made", "int64", "Field goals made", "count"),
    C("field_goals_attempted", "int64", "Field goals attempted", "count"),
    C("three_pointers_made", "int64", "Three-point field goals made", "count"),
    C("three_pointers_attempted", "int64", "Three-point field goals attempted", "count"),
    C("free_throws_made", "int64", "Free throws made", "count"),
    C("free_throws_attempted", "int64", "Free throws attempted", "count"),
    C("offensive_rebounds", "int64", "Offensive rebounds", "count"),
    C("defensive_rebounds", "int64", "Defensive rebounds", "count"),
    C("rebounds", "int64", "Rebounds", "count"),
    C("assists", "int64", "Assists", "count"),
    C("steals", "int64", "Steals", "count"),
    C("blocks", "int64", "Blocks", "count"),
    C("turnovers", "int64", "Turnovers", "count"),
    C("personal_fouls", "int64", "Personal fouls", "count"),
    C("points", "int64", "Points scored", "points"),
)

PLAYER_BOXSCORES = Table(
    dataset="nba_raw",
    name="player_boxscores",
    grain="one row per game and player who appeared",
    description="Box scores of the players who appeared in a game.",
    key=("game_id", "player_id"),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        PLAYER_ID,
        *NAMED,
        TEAM_ID,
        OPPONENT,
        IS_HOME,
        C("minutes", "float64", "Minutes played, seconds as a fraction", "minutes"),
        *(replace(column, required=True) for column in BOX_COUNTS),
        C("plus_minus", "int64", "Point difference while on the floor", "points"),
        SOURCE,
    ),
    rules=(
        *_GAME_ID_RULES,
        Rule("the opponent is another team", "team_id <> opponent_team_id"),
        Rule("minutes are between 0 and 75", "minutes BETWEEN 0 AND 75"),
        Rule("counts are not negative", " AND ".join(f"{c.name} >= 0" for c in BOX_COUNTS)),
        Rule("no more makes than attempts", "field_goals_made <= field_goals_attempted"),
        Rule("no more three-point makes than attempts", "three_pointers_made <= three_pointers_attempted"),
        Rule("no more free throws made than attempted", "free_throws_made <= free_throws_attempted"),
        Rule(
            "three-pointers are field goals",
            "three_pointers_made <= field_goals_made AND three_pointers_attempted <= field_goals_attempted",
        ),
        Rule(
            "points add up",
            "points = 2 * (field_goals_made - three_pointers_made) + 3 * three_pointers_made + free_throws_made",
        ),
        Rule("rebounds add up", "rebounds = offensive_rebounds + defensive_rebounds"),
    ),
)

SHOTS = Table(
    dataset="nba_raw",
    name="shots",
    grain="one row per field goal attempt",
    description="Every field goal attempt with its place and outcome. A game without rows is missing, not shotless.",
    key=("game_id", "shot_number"),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        C("shot_number", "int64", "Order of the attempt within the game, from 1", "count", required=True),
        SEASON_YEAR,
        PLAYER_ID,
        TEAM_ID,
        C("period", "int64", "Period; 5 and above are overtimes", "count", required=True),
        C("seconds_remaining", "int64", "Seconds left in the period", "seconds"),
        C("is_three", "boolean", "Whether the attempt was a three-pointer, by the source's shot type", required=True),
        C("is_made", "boolean", "Whether the attempt went in", required=True),
        C("shot_distance_feet", "float64", "Distance from the hoop, whole feet at NBA.com", "feet", required=True),
        C("loc_x", "float64", "Place across the court, from the hoop's centre", "tenths of a foot"),
        C("loc_y", "float64", "Place along the court, grows towards half court", "tenths of a foot"),
        SOURCE,
    ),
    rules=(
        *_GAME_ID_RULES,
        Rule("period is between 1 and 10", "period BETWEEN 1 AND 10"),
        Rule("seconds remaining are between 0 and 720", "seconds_remaining BETWEEN 0 AND 720"),
        Rule("distance is between 0 and 94 feet", "shot_distance_feet BETWEEN 0 AND 94"),
    ),
)

GAME_LINES = Table(
    dataset="nba_raw",
    name="game_lines",
    grain="one row per game and bookmaker",
    description="Bookmakers' spread, total and moneyline of a game: the last ones stamped before tip-off.",
    key=("game_id", "bookmaker"),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        C("bookmaker", "string", "Bookmaker, or consensus where the source names none", required=True),
        C("home_spread", "float64", "Spread of the home team; negative means the home team is favoured", "points"),
        C("total", "float64", "Total points line", "points"),
        C("opening_home_spread", "float64", "First spread published", "points"),
        C("opening_total", "float64", "First total published", "points"),
        C("home_moneyline", "float64", "American odds of a home win", "American odds"),
        C("away_moneyline", "float64", "American odds of an away win", "American odds"),
        C(
            "snapshot_utc",
            "timestamp",
            "When the line was read; NULL where the source gives closing lines without a time",
            "UTC time",
        ),
        SOURCE,
    ),
    rules=(
        *_GAME_ID_RULES,
        Rule("spread is between -60 and 60", "home_spread BETWEEN -60 AND 60"),
        Rule("total is between 120 and 320", "total BETWEEN 120 AND 320"),
    ),
)

PLAYER_PROPS = Table(
    dataset="nba_raw",
    name="player_props",
    grain="one row per game, player, market, bookmaker and side",
    description="Bookmakers' player lines.",
    key=("game_id", "player_id", "market", "bookmaker", "side"),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        PLAYER_ID,
        PLAYER_NAME,
        PLAYER_LOOKUP,
        C("market", "string", "points, rebounds, assists or threes", required=True),
        C("bookmaker", "string", "Bookmaker", required=True),
        C("side", "string", "over or under", required=True),
        C("line", "float64", "Line of the market", "the market's own", required=True),
        C("price_american", "float64", "American odds of the side", "American odds"),
        C(
            "snapshot_utc",
            "timestamp",
            "When the line was read; NULL where the source gives pre-game lines without a time",
            "UTC time",
        ),
        C("tipoff_utc", "timestamp", "Start of the game as the bookmaker states it", "UTC time"),
        SOURCE,
    ),
    rules=(
        *_GAME_ID_RULES,
        Rule("market is known", "market IN ('points', 'rebounds', 'assists', 'threes')"),
        Rule("side is over or under", "side IN ('over', 'under')"),
        Rule("line is between 0 and 100", "line BETWEEN 0 AND 100"),
        Rule("price is American odds", "price_american <= -100 OR price_american >= 100"),
    ),
)

INJURIES = Table(
    dataset="nba_raw",
    name="injuries",
    grain="one row per report date and player",
    description="Injury reports: a player's status as of a date. It holds until the player's next row.",
    key=("game_date", "player_id"),
    kind="source",
    columns=(
        date_column("US Eastern calendar date of the report; the partition key"),
        SEASON_YEAR,
        PLAYER_ID,
        PLAYER_NAME,
        PLAYER_LOOKUP,
        C("team_id", "int64", "NBA.com's id of the player's team"),
        C("status", "string", "out or available", required=True),
        C("reason", "string", "The source's own words"),
        SOURCE,
    ),
    rules=(Rule("status is out or available", "status IN ('out', 'available')"),),
)

ACTIVE_PLAYERS = Table(
    dataset="nba_raw",
    name="active_players",
    grain="one row per game and player on a team's active list at tip-off",
    description=(
        "Who may play: the teams' active lists, known about half an hour before tip-off. A source that has box scores "
        "only states who appeared."
    ),
    key=("game_id", "player_id"),
    kind="source",
    columns=(
        date_column(),
        GAME_ID,
        SEASON_YEAR,
        PLAYER_ID,
        *NAMED,
        TEAM_ID,
        C("is_starter", "boolean", "Whether the player starts; NULL where the source does not say"),
        SOURCE,
    ),
    rules=_GAME_ID_RULES,
)

RAW_TABLES = (GAMES, PLAYER_BOXSCORES, SHOTS, GAME_LINES, PLAYER_PROPS, INJURIES, ACTIVE_PLAYERS)
