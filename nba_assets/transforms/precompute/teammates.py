"""What a player's team-mates take: sums over those who play beside him, tonight and in his own past games."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import STATISTICS
from nba_assets.tables.lineups import TEAMMATES_SUMS
from nba_assets.transforms.as_of import before_game, ewma, numbered
from nba_assets.transforms.player_form import NEWCOMER_MINUTES, PER_MINUTE, rate

_ROLE = {"rebounds": 0.073, "assists": 0.048, "three_pointers_attempted": 0.065}
"""Statistic -> standard deviation of its steady rate per minute over players' games of 2019-20 to 2021-22. Two players
are alike if their rates lie within one of them."""
RATES = (*STATISTICS, "usage_plays", "three_pointers_attempted")
"""Statistics whose steady rates a line-up is told from."""
_HALF_LIFE = 6
_BY = ("player_id", "frame")


def known(rows: ir.Table) -> dict[str, ir.Value]:
    """Expected minutes and steady rates, those of a newcomer where no game is known."""
    rates = {rate(name): ibis.coalesce(rows[rate(name)], PER_MINUTE[name]) for name in RATES}
    return {"expected_minutes": ibis.coalesce(rows.expected_minutes, NEWCOMER_MINUTES), **rates}


def teammates(players: ir.Table, by: tuple[str, ...], **more: ibis.expr.types.Deferred) -> ir.Table:
    """One row per `by` and player: the sums of `TEAMMATES_SUMS` over the others of the same `by`, each by his weight.

    players: the columns `by`, player_id, weight and those of `known`. more: further aggregates over pairs, in which
        the player's columns bear their names and a team-mate's `other_*`.
    """
    others = players.select(**{f"other_{c}": players[c] for c in players.columns}).filter(ibis._.other_weight > 0)
    pairs = players.join(
        others, [*(players[c] == others[f"other_{c}"] for c in by), players.player_id != others.other_player_id]
    )
    apart = [((pairs[rate(s)] - pairs[f"other_{rate(s)}"]) / deviation) ** 2 for s, deviation in _ROLE.items()]
    minutes = pairs.other_weight * pairs.other_expected_minutes
    likeness = (-0.5 * sum(apart[1:], apart[0])).exp()
    sums = {
        "teammates_minutes": minutes.sum(),
        "same_role_teammates_minutes": (minutes * likeness).sum(),
        **{f"teammates_{s}": (minutes * pairs[f"other_{rate(s)}"]).sum() for s in ("usage_plays", *STATISTICS)},
    }
    found = pairs.group_by(*by, "player_id").agg(**sums, **more)
    alone = players.select(*by, "player_id").left_join(found, [*by, "player_id"])
    return alone.select(*by, "player_id", **{name: ibis.coalesce(alone[name], 0.0) for name in (*sums, *more)})


def usual_teammates(form: ir.Table) -> ir.Table:
    """After each game of a player, per looking-back season: means of the sums in his own games, as `usual_*`.

    Team-mates there are those who appeared, with the minutes and rates that were known of them before the game.
    """
    before = form.select(
        *_BY,
        "game_id",
        "game_date",
        team_id="last_team_id",
        weight=ibis.literal(1.0),
        **before_game(form, ("expected_minutes", *(rate(name) for name in RATES)), _BY),
    )
    players = before.mutate(**known(before))
    games = teammates(players.drop("game_date"), ("frame", "game_id", "team_id"))
    dated = numbered(games.join(players.select(*_BY, "game_id", "game_date"), [*_BY, "game_id"]), _BY)
    return dated.select(
        *_BY,
        "game_date",
        "game_id",
        **{f"usual_{name}": ewma(dated, dated[name], _BY, _HALF_LIFE) for name in TEAMMATES_SUMS},
    )
