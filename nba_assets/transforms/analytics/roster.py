"""Who was seen in a team's latest games: what the projected roster, the wide roster and the line-ups start from."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.transforms.as_of import as_of, numbered, season_frames
from nba_assets.transforms.joins import add_columns, joined

_BY = ("team_id", "frame")


def recent_appearances(slate: ir.Table, history: ir.Table, games: int, *columns: str) -> ir.Table:
    """Every appearance for a team in its last so many games before each day that it plays.

    slate: one row per day and team, with `frame`, the season looking back. history: player_game_summary.
    Adds to the slate's columns: player_id, past_game_id, games_ago (0 is the team's latest game), team_games_known
        (games of this and the previous season behind it) and the history's `columns` as `past_*`.
    """
    frames = season_frames(history)
    team_games = numbered(frames.distinct(on=(*_BY, "game_id")).select(*_BY, "game_id", "game_date"), _BY)
    latest = as_of(
        slate, team_games.select(*_BY, "game_date", "game_id", team_games_known="game_number"), on=_BY
    ).select(*slate.columns, "team_games_known")
    # Game by game, so that all is joined on equal keys: engines join ranges of numbers pair by pair.
    ago = ibis.memtable([(n,) for n in range(games)], schema={"games_ago": "int64"})
    wanted = latest.cross_join(ago).mutate(_number=ibis._.team_games_known - ibis._.games_ago)
    numbers = team_games.select(*_BY, past_game_id="game_id", _number="game_number")
    past = add_columns(wanted, numbers, *_BY, "_number", how="inner")
    known = {f"past_{c}": frames[c] for c in columns}
    pairs = joined(
        past,
        frames.select(*_BY, "player_id", "game_id", **known),
        ["player_id", *known],
        lambda game, player: [*(game[c] == player[c] for c in _BY), game.past_game_id == player.game_id],
        how="inner",
    )
    return pairs.select(*latest.columns, "player_id", "past_game_id", *known, "games_ago")
