"""How a player did when much the same line-up played: his past games weighted by who played in them.

The distance of a past game from tonight is that of the two line-ups in minutes: of each candidate's expected minutes,
the part in which being there differs, and the part of the game that was played by nobody who is a candidate tonight.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import STATISTICS
from nba_assets.transforms.analytics.roster import recent_appearances

_GAMES = 40
_HALF_LIFE = 20
_WIDTHS = {"narrow": 0.08, "wide": 0.25}
"""Distances over which a game's weight falls to 1/e. Both, because few games are near and many are far."""
_TEAM_MINUTES = 240
_TONIGHT = ("information_set", "game_date", "team_id")


def with_similar_lineups(candidates: ir.Table, player_game_summary: ir.Table) -> ir.Table:
    """One row per information_set, game_date and player_id with a game among the team's last 40:
    `{statistic}_with_similar_lineup_{width}` of minutes and the markets' statistics.

    candidates: one row per information_set, game_date, team_id and player_id, with frame, weight (the probability that
        he plays tonight) and expected_minutes.
    """
    slate = candidates.select("game_date", "team_id", "frame").distinct()
    past = recent_appearances(slate, player_game_summary, _GAMES, "minutes", *STATISTICS)
    team = ibis.window(group_by=("game_date", "team_id", "past_game_id"))
    past = past.mutate(team_minutes=past.past_minutes.sum().over(team)).drop("frame")
    lineups = candidates.group_by(*_TONIGHT).agg(lineup_minutes=(candidates.weight * candidates.expected_minutes).sum())
    seen = candidates.select(*_TONIGHT, "player_id", "weight", "expected_minutes")
    seen = seen.join(past, ["game_date", "team_id", "player_id"])
    # m |w - a| over all candidates is m w where a is 0; where it is 1, m (1 - w) stands in the place of m w.
    games = seen.group_by(*_TONIGHT, "past_game_id").agg(
        exchanged=(seen.expected_minutes * (1 - 2 * seen.weight)).sum(),
        known_share=seen.past_minutes.sum() / seen.team_minutes.max().nullif(0),
    )
    games = games.join(lineups, list(_TONIGHT))
    games = games.select(
        *_TONIGHT,
        "past_game_id",
        distance=(games.lineup_minutes + games.exchanged) / _TEAM_MINUTES + 1 - ibis.coalesce(games.known_share, 0.0),
    )
    own = seen.join(games, [*_TONIGHT, "past_game_id"])
    fading = ibis.literal(0.5) ** (own.games_ago / _HALF_LIFE)
    own = own.mutate(**{width: (-own.distance / tau).exp() * fading for width, tau in _WIDTHS.items()})
    return own.group_by("information_set", "game_date", "player_id").agg(
        **{
            f"{name}_with_similar_lineup_{width}": (own[width] * own[f"past_{name}"]).sum()
            / own[f"past_{name}"].notnull().ifelse(own[width], None).sum()
            for name in ("minutes", *STATISTICS)
            for width in _WIDTHS
        }
    )
