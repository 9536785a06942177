"""The simulated season as rows of the raw tables: names, ids and types, and what is not known yet on `today`.

No chance and no basketball in here; a table's columns come from its record in `tables/raw.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from nba_assets.sources.simulated.boxscores import BoxScores
from nba_assets.sources.simulated.injuries import REASONS, injury_rows
from nba_assets.sources.simulated.league import TEAM_ABBREVIATIONS, TEAM_IDS
from nba_assets.sources.simulated.lines import BOOKMAKERS, season_game_lines
from nba_assets.sources.simulated.numerics import Days, Ints
from nba_assets.sources.simulated.props import MARKETS, season_player_props
from nba_assets.sources.simulated.season import Season
from nba_assets.sources.simulated.shots import season_shots
from nba_assets.tables.arrow import arrow_schema
from nba_assets.tables.raw import BOX_COUNTS, RAW_TABLES
from nba_assets.tables.record import Table

SOURCE_NAME = "simulated"
RECORDS: Mapping[str, Table] = {record.name: record for record in RAW_TABLES}
_NEVER = np.datetime64("9999-12-31", "D")
_MORNING = np.timedelta64(16, "h")
"""Late morning in the east, as UTC."""

Columns = dict[str, object]


def season_table(season: Season, table: str, today: date | None) -> pa.Table:
    """All rows of a raw table in a season, in order of date, as they are known on `today`."""
    record = RECORDS[table]
    moment = _NEVER if today is None else np.datetime64(today, "D")
    columns = _BUILDERS[table](season, moment)
    length = len(columns["game_date"])  # type: ignore[arg-type]
    columns["season_year"] = np.full(length, season.league.season_year, dtype=np.int64)
    columns["source"] = pa.repeat(SOURCE_NAME, length)
    schema = arrow_schema(record)
    return pa.table([_as_array(columns[field.name], field.type) for field in schema], schema=schema)


def _as_array(values: object, arrow_type: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values.cast(arrow_type)
    return pa.array(values, type=arrow_type)


def _labels(labels: list[str], index: Ints) -> pa.Array:
    return pa.array(labels, type=pa.string()).take(pa.array(index))


def _players(season: Season, player: Ints) -> Columns:
    return {
        "player_id": season.league.players.ids[player],
        "player_name": _labels(season.player_names, player),
        "player_lookup": _labels(season.player_lookups, player),
    }


def _games_of(season: Season, game: Ints) -> Columns:
    return {"game_date": season.schedule.game_date[game], "game_id": _labels(season.schedule.game_ids, game)}


def _is_final(season: Season, game: Ints, today: np.datetime64) -> Ints:
    """Positions of the entries whose game has been played before `today`."""
    return np.flatnonzero(season.schedule.game_date[game] < today)


def _games(season: Season, today: np.datetime64) -> Columns:
    schedule = season.schedule
    count = len(schedule.day)
    scheduled = schedule.game_date >= today
    # Results need the whole season simulated, so a schedule alone is had without them.
    points = np.zeros(2 * count, dtype=np.int64) if scheduled.all() else season.box_scores.team_points
    return {
        **_games_of(season, np.arange(count)),
        "home_team_id": TEAM_IDS[schedule.home],
        "away_team_id": TEAM_IDS[schedule.away],
        "home_team_abbreviation": _labels(TEAM_ABBREVIATIONS, schedule.home),
        "away_team_abbreviation": _labels(TEAM_ABBREVIATIONS, schedule.away),
        "tipoff_utc": schedule.tipoff_utc,
        "status": _labels(["final", "scheduled"], scheduled.astype(np.int64)),
        "home_points": pa.array(points[:count], mask=scheduled),
        "away_points": pa.array(points[count:], mask=scheduled),
    }


def _appearances(season: Season) -> tuple[Ints, Ints]:
    """Row and roster spot of everyone who appears, in order of game."""
    nights, box = season.nights, season.box_scores
    row, spot = np.nonzero(box.minutes > 0)
    order = np.lexsort((spot, ~nights.is_home[row], nights.game[row]))
    return row[order], spot[order]


def _active_players(season: Season, today: np.datetime64) -> Columns:
    """Who appears, for today's games as well: lists are out before tip-off, and a league of dates has no hours."""
    nights = season.nights
    row, spot = _appearances(season)
    known = np.flatnonzero(season.schedule.game_date[nights.game[row]] <= today)
    row, spot = row[known], spot[known]
    return {
        **_games_of(season, nights.game[row]),
        **_players(season, nights.players[row, spot]),
        "team_id": TEAM_IDS[nights.team[row]],
        "is_starter": pa.nulls(len(row)),
    }


def _player_boxscores(season: Season, today: np.datetime64) -> Columns:
    nights, box = season.nights, season.box_scores
    row, spot = _appearances(season)
    final = _is_final(season, nights.game[row], today)
    row, spot = row[final], spot[final]
    return {
        **_games_of(season, nights.game[row]),
        **_players(season, nights.players[row, spot]),
        "team_id": TEAM_IDS[nights.team[row]],
        "opponent_team_id": TEAM_IDS[nights.opponent[row]],
        "is_home": nights.is_home[row],
        "minutes": box.minutes[row, spot],
        **_counts(box, row, spot),
    }


def _counts(box: BoxScores, row: Ints, spot: Ints) -> Columns:
    return {name: box.counts[name][row, spot] for name in (*(column.name for column in BOX_COUNTS), "plus_minus")}


def _shots(season: Season, today: np.datetime64) -> Columns:
    shots = season_shots(season.seed, season.league.season_year, season.nights, season.box_scores)
    final = _is_final(season, shots.game, today)
    return {
        **_games_of(season, shots.game[final]),
        "shot_number": shots.number[final],
        "player_id": season.league.players.ids[shots.player[final]],
        "team_id": TEAM_IDS[shots.team[final]],
        "period": shots.period[final],
        "seconds_remaining": shots.seconds_remaining[final],
        "is_three": shots.is_three[final],
        "is_made": shots.is_made[final],
        "shot_distance_feet": shots.distance[final],
        "loc_x": shots.x[final],
        "loc_y": shots.y[final],
    }


def _game_lines(season: Season, today: np.datetime64) -> Columns:
    lines = season_game_lines(season.seed, season.schedule, season.expected)
    game, bookmaker = (axis.reshape(-1) for axis in np.indices(lines.total.shape))
    # A game that is days away has its opening line only, read in the morning of today.
    opening = (season.schedule.game_date > today)[:, None]
    morning: Days = today.astype("datetime64[us]") + _MORNING
    columns = {
        "home_spread": np.where(opening, lines.opening_home_spread, lines.home_spread),
        "total": np.where(opening, lines.opening_total, lines.total),
        "opening_home_spread": lines.opening_home_spread,
        "opening_total": lines.opening_total,
        "home_moneyline": np.where(opening, lines.opening_home_moneyline, lines.home_moneyline),
        "away_moneyline": np.where(opening, lines.opening_away_moneyline, lines.away_moneyline),
        "snapshot_utc": np.where(opening, morning, lines.snapshot_utc),
    }
    return {
        **_games_of(season, game),
        "bookmaker": _labels(list(BOOKMAKERS), bookmaker),
        **{name: values.reshape(-1) for name, values in columns.items()},
    }


def _player_props(season: Season, today: np.datetime64) -> Columns:
    props = season_player_props(season.seed, season.schedule, season.nights, season.expected)
    known = np.flatnonzero(season.schedule.game_date[props.game] <= today)
    entry = np.repeat(known, 2)
    is_under = np.arange(len(entry)) % 2
    game = props.game[entry]
    return {
        **_games_of(season, game),
        **_players(season, props.player[entry]),
        "market": _labels([market.name for market in MARKETS], props.market[entry]),
        "bookmaker": _labels(list(BOOKMAKERS), props.bookmaker[entry]),
        "side": _labels(["over", "under"], is_under),
        "line": props.line[entry],
        "price_american": np.where(is_under == 1, props.under_price[entry], props.over_price[entry]),
        "snapshot_utc": props.snapshot_utc[entry],
        "tipoff_utc": season.schedule.tipoff_utc[game],
    }


def _injuries(season: Season, today: np.datetime64) -> Columns:
    rows = injury_rows(season.absences, season.schedule)
    known = np.flatnonzero(rows.game_date <= today)
    team = rows.team_id[known]
    return {
        "game_date": rows.game_date[known],
        **_players(season, rows.player[known]),
        "team_id": pa.array(team, mask=team == 0),
        "status": _labels(["available", "out"], rows.is_out[known].astype(np.int64)),
        "reason": _labels(list(REASONS), rows.reason[known]),
    }


_BUILDERS: Mapping[str, Callable[[Season, np.datetime64], Columns]] = {
    "games": _games,
    "player_boxscores": _player_boxscores,
    "shots": _shots,
    "game_lines": _game_lines,
    "player_props": _player_props,
    "injuries": _injuries,
    "active_players": _active_players,
}
