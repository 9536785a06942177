"""similarity: the mean of the player's own earlier games most like tonight's.

Likeness of a past game, 0 to 100, from what was known before that game: opponent's defence tier 40 (adjacent tier 20),
rest 30 (adjacent bucket 15), venue 15, form 15 (other form 5). What is unknown adds nothing. Games of 70 or more
count, the 20 most alike, weighted by likeness; fewer than 5 and the system is silent.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.models.systems.common import answer, history_confidence
from nba_assets.transforms.as_of import as_of, earlier_games, last_n, previous_game_date, rest_days, season_frames
from nba_assets.transforms.joins import add_columns

SYSTEM_ID = "similarity"
MINIMUM_LIKENESS = 70
MAXIMUM_GAMES = 20
MINIMUM_GAMES = 5
_DEFENSE_WINDOW = 15
_HOT_POINTS = 3.0


def _tier(defensive_rating: ir.FloatingValue, league: ir.FloatingValue) -> ir.IntegerValue:
    """0 strong, 1 average, 2 weak: 2 points per 100 off the league's mean at the time; NULL if unknown."""
    return ibis.cases(
        (defensive_rating < league - 2, 0), (defensive_rating > league + 2, 2), (defensive_rating.notnull(), 1)
    )


def _form(recent: ir.FloatingValue, season: ir.FloatingValue) -> ir.IntegerValue:
    """-1 cold, 0 level, 1 hot: the last 5 against the season; NULL if unknown."""
    change = recent - season
    return ibis.cases((change >= _HOT_POINTS, 1), (change <= -_HOT_POINTS, -1), (change.notnull(), 0))


def _rest_bucket(rest: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.least(ibis.coalesce(rest, 3), 3)


def _past_games(player_games: ir.Table, team_defense: ir.Table, market: Market) -> ir.Table:
    """Each earlier game with what was known before it."""
    name = market.statistic
    defense = team_defense.select(
        "season_year",
        "game_date",
        "game_id",
        team=team_defense.team_id,
        rating=team_defense.defensive_rating.mean().over(last_n(("team_id", "season_year"), _DEFENSE_WINDOW)),
    )
    own = player_games.mutate(
        _before_5=player_games[name].mean().over(last_n(("player_id", "season_year"), 5)),
        _before_season=player_games[name].mean().over(last_n(("player_id", "season_year"), None)),
    )
    state = own.select("player_id", "season_year", "game_date", "game_id", "_before_5", "_before_season").view()
    games = player_games.select(
        "player_id",
        "season_year",
        "game_date",
        "game_id",
        "is_home",
        team=player_games.opponent_team_id,
        actual=player_games[name],
        rest=rest_days(player_games.game_date, previous_game_date(player_games, ("player_id", "season_year"))),
    )
    games = as_of(games, state, on=("player_id", "season_year")).drop("last_game_date")
    games = as_of(games, defense, on=("team", "season_year")).drop("last_game_date")
    league = games.rating.mean().over(ibis.window(group_by="game_date"))
    return games.select(
        "player_id",
        "season_year",
        "game_date",
        "game_id",
        "is_home",
        "actual",
        tier=_tier(games.rating, league),
        rest_bucket=_rest_bucket(games.rest),
        form=_form(games._before_5, games._before_season),
    )


def predict(features: ir.Table, market: Market, player_games: ir.Table, team_defense: ir.Table) -> ir.Table:
    """One row per feature row. player_games, team_defense: game summaries of this and the previous season."""
    name = market.statistic
    past = season_frames(_past_games(player_games, team_defense, market))
    league = features.opponent_defensive_rating_last_15.mean().over(ibis.window(group_by="game_date"))
    tonight = features.mutate(
        frame=features.season_year,
        tonight_tier=_tier(features.opponent_defensive_rating_last_15, league),
        tonight_rest=_rest_bucket(features.rest_days),
        tonight_form=_form(features[f"{name}_avg_last_5"], features[f"{name}_avg_season"]),
    ).select("game_date", "player_id", "frame", "is_home", "tonight_tier", "tonight_rest", "tonight_form")
    pairs = earlier_games(tonight, past, on=("player_id", "frame"))
    likeness = (
        ibis.coalesce(40 - 20 * (pairs.tonight_tier - pairs.past_tier).abs(), 0)
        + ibis.greatest(30 - 15 * (pairs.tonight_rest - pairs.past_rest_bucket).abs(), 0)
        + (pairs.is_home == pairs.past_is_home).ifelse(15, 0)
        + ibis.cases((pairs.tonight_form == pairs.past_form, 15), (pairs.tonight_form != pairs.past_form, 5), else_=0)
    )
    alike = pairs.mutate(likeness=likeness).filter(ibis._.likeness >= MINIMUM_LIKENESS)
    order = ibis.window(
        group_by=("game_date", "player_id"),
        order_by=[ibis.desc("likeness"), ibis.desc("past_game_date"), "past_game_id"],
    )
    alike = alike.mutate(rank=ibis.row_number().over(order)).filter(ibis._.rank < MAXIMUM_GAMES)
    found = alike.group_by("game_date", "player_id").agg(
        similar_games=alike.count(),
        similar_mean=(alike.likeness * alike.past_actual).sum() / alike.likeness.sum(),
    )
    rows = features.pipe(add_columns, found, "game_date", "player_id")
    similar = ibis.coalesce(rows.similar_games, 0)
    silence = ibis.cases(
        (rows.games_used == 0, "no earlier game"),
        (similar < MINIMUM_GAMES, f"fewer than {MINIMUM_GAMES} similar games"),
        else_=ibis.null("string"),
    )
    confidence = history_confidence(rows, market) + 0.1 * similar / MAXIMUM_GAMES
    return answer(rows, market, SYSTEM_ID, rows.similar_mean, confidence, silence)
