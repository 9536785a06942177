"""The market's view of a team against its usual: what tonight's lines know that the games before do not, such as who is
missing.

Lines are held against strengths that earlier lines say, not results, so that only news remains.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.transforms.as_of import as_of, before_game, ewma, numbered, season_frames
from nba_assets.transforms.joins import add_columns

_HOME_MARGIN = 2.4
"""Points by which lines favour the home side of two equal teams; half of it is each side's."""
_USUAL, _RECENT = 20, 3
"""Half-lives in games of a team's usual and of its recent strength."""
_BY = ("team_id", "frame")


def _neutral(lined: ir.Table) -> ir.Table:
    """Margin and points that the lines expect of each side as on a neutral floor, and points expected against it."""
    edge = lined.is_home.ifelse(_HOME_MARGIN, -_HOME_MARGIN)
    return lined.select(
        "game_date",
        "game_id",
        "season_year",
        "team_id",
        "opponent_team_id",
        margin=-lined.spread - edge,
        scored=lined.total / 2 - lined.spread / 2 - edge / 2,
        allowed=lined.total / 2 + lined.spread / 2 + edge / 2,
    )


def _usual(history: ir.Table) -> ir.Table:
    """A team's usual margin and points allowed as its lines say, whoever they were against; after each game."""
    return history.mutate(
        usual_margin=ewma(history, history.margin, _BY, _USUAL),
        usual_allowed=ewma(history, history.allowed, _BY, _USUAL),
    )


def _strengths(history: ir.Table) -> ir.Table:
    """After each game of a team, its strength with regard to whom it met: margin plus the opponent's usual margin, and
    points beyond what the opponent usually allows."""
    before = history.select(
        "frame",
        "game_id",
        **before_game(history, ("usual_margin", "usual_allowed"), _BY),
        opponent_team_id=history.team_id,
    )
    met = history.drop("usual_margin", "usual_allowed").pipe(
        add_columns, before, "frame", "game_id", "opponent_team_id"
    )
    margin, scored = met.margin + met.usual_margin, met.scored - met.usual_allowed
    return met.select(
        *_BY,
        "game_date",
        "game_id",
        **{f"margin_{h}": ewma(met, margin, _BY, h) for h in (_USUAL, _RECENT)},
        **{f"scored_{h}": ewma(met, scored, _BY, h) for h in (_USUAL, _RECENT)},
    )


def surprises(tonight: ir.Table, earlier: ir.Table) -> ir.Table:
    """One row per game day and team: game_date, team_id and four differences in points, positive for more than usual.

    tonight, earlier: one row per game and team with game_date, game_id, season_year, team_id, opponent_team_id,
        is_home, spread and total; earlier holds this and the previous season.
    `market_margin_surprise`: the market's margin less the difference of the two teams' strengths; `_recent` by recent
        strengths. `implied_points_surprise`: the points that the lines expect, beyond what the market usually expects
        against this opponent, less the same in the team's games before. NULL without a line tonight or lines before.
    """
    history = _usual(numbered(season_frames(_neutral(earlier)).filter(ibis._.margin.notnull()), _BY))
    strengths = _strengths(history)
    allowed = history.select(*_BY, "game_date", "game_id", "usual_allowed")
    targets = _neutral(tonight).select(
        "game_date", "team_id", "opponent_team_id", "margin", "scored", frame="season_year"
    )
    own = as_of(targets, strengths, on=_BY).drop("game_id", "last_game_date")
    other = targets.select("game_date", "frame", team_id="opponent_team_id")
    other = as_of(as_of(other, strengths, on=_BY).drop("game_id", "last_game_date"), allowed, on=_BY)
    other = other.select(
        "game_date",
        "usual_allowed",
        **{f"opponent_margin_{h}": other[f"margin_{h}"] for h in (_USUAL, _RECENT)},
        opponent_team_id="team_id",
    )
    both = own.pipe(add_columns, other, "game_date", "opponent_team_id")

    def margin(half_life: int) -> ir.Value:
        return both.margin - (both[f"margin_{half_life}"] - both[f"opponent_margin_{half_life}"])

    def implied(half_life: int) -> ir.Value:
        return both.scored - both.usual_allowed - both[f"scored_{half_life}"]

    return both.select(
        "game_date",
        "team_id",
        market_margin_surprise=margin(_USUAL),
        market_margin_surprise_recent=margin(_RECENT),
        implied_points_surprise=implied(_USUAL),
        implied_points_surprise_recent=implied(_RECENT),
    )
