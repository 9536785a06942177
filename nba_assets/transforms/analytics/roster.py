"""Who was seen in a team's latest games: what the projected roster, the wide roster and the line-ups start from."""

from __future__ import annotations

import ibis.expr.types as ir

from nba_assets.transforms.as_of import as_of, numbered, season_frames

_BY = ("team_id", "frame")


def recent_appearances(slate: ir.Table, history: ir.Table, games: int, *columns: str) -> ir.Table:
    """Every appearance for a team in its last so many games before each day that it plays.

    slate: one row per day and team, with `frame`, the season looking back. history: player_game_summary.
    Adds to the slate's columns: player_id, past_game_id, games_ago (0 is the team's latest game), team_games_known
        (games of this and the previous season behind it) and the history's `columns` as `past_*`.
    """
    frames = season_frames(history)
    team_games = numbered(frames.distinct(on=(*_BY, "game_id")).select(*_BY, "game_id", "game_date"), _BY)
    numbers = team_games.view().select(_team="team_id", _frame="frame", _game="game_id", _number="game_number")
    seen = frames.join(
        numbers, [frames.team_id == numbers._team, frames.frame == numbers._frame, frames.game_id == numbers._game]
    ).select(
        "player_id",
        "_number",
        _past_team="team_id",
        _past_frame="frame",
        past_game_id="game_id",
        **{f"past_{c}": c for c in columns},
    )
    latest = as_of(
        slate, team_games.select(*_BY, "game_date", "game_id", team_games_known="game_number"), on=_BY
    ).select(*slate.columns, "team_games_known")
    pairs = latest.join(
        seen,
        [
            latest.team_id == seen._past_team,
            latest.frame == seen._past_frame,
            seen._number <= latest.team_games_known,
            seen._number > latest.team_games_known - games,
        ],
    )
    return pairs.select(
        *latest.columns,
        "player_id",
        "past_game_id",
        *(f"past_{c}" for c in columns),
        games_ago=pairs.team_games_known - pairs._number,
    )
