"""similarity: the mean of the player's own earlier games most like tonight's.

Likeness of a past game, 0 to 100, from what was known before that game: opponent's defence tier 40 (adjacent tier 20),
rest 30 (adjacent bucket 15), venue 15, form 15 (other form 5). What is unknown adds nothing. Games of 70 or more
count, the 20 most alike, weighted by likeness; fewer than 5 and the system is silent. Form alone differs by market, so
that pairs of games are formed once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from nba_assets.markets import Market
from nba_assets.models.systems.common import answer
from nba_assets.tables.features import ML_FEATURE_STORE_V2
from nba_assets.transforms.as_of import as_of, earlier_games, last_n, previous_game_date, rest_days, season_frames
from nba_assets.transforms.joins import add_columns

SYSTEM_ID = "similarity"
MINIMUM_LIKENESS = 70
MAXIMUM_GAMES = 20
MINIMUM_GAMES = 5
_DEFENSE_WINDOW = 15
_FORM_LIKENESS = 15
_HOT_DEVIATIONS = 0.5
"""Hot or cold is this many of the market's deviations off the season: 3 points."""
_KEY = ML_FEATURE_STORE_V2.key


def _tier(defensive_rating: ir.FloatingValue, league: ir.FloatingValue) -> ir.IntegerValue:
    """0 strong, 1 average, 2 weak: 2 points per 100 off the league's mean at the time; NULL if unknown."""
    return ibis.cases(
        (defensive_rating < league - 2, 0), (defensive_rating > league + 2, 2), (defensive_rating.notnull(), 1)
    )


def _form(recent: ir.FloatingValue, season: ir.FloatingValue, market: Market) -> ir.IntegerValue:
    """-1 cold, 0 level, 1 hot: the last 5 against the season; NULL if unknown."""
    change, hot = recent - season, _HOT_DEVIATIONS * market.deviation
    return ibis.cases((change >= hot, 1), (change <= -hot, -1), (change.notnull(), 0))


def _rest_bucket(rest: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.least(ibis.coalesce(rest, 3), 3)


def _past_games(player_games: ir.Table, team_defense: ir.Table, markets: Sequence[Market]) -> ir.Table:
    """Each earlier game with what was known before it; `<market>_actual` and `<market>_form` for each market."""
    identity = ("player_id", "season_year", "game_date", "game_id")
    defense = team_defense.select(
        "season_year",
        "game_date",
        "game_id",
        team=team_defense.team_id,
        rating=team_defense.defensive_rating.mean().over(last_n(("team_id", "season_year"), _DEFENSE_WINDOW)),
    )
    last_5, so_far = (last_n(("player_id", "season_year"), games) for games in (5, None))
    state = player_games.select(
        *identity,
        **{f"{m.name}_last_5": player_games[m.statistic].mean().over(last_5) for m in markets},
        **{f"{m.name}_season": player_games[m.statistic].mean().over(so_far) for m in markets},
    ).view()
    games = player_games.select(
        *identity,
        "is_home",
        team=player_games.opponent_team_id,
        rest=rest_days(player_games.game_date, previous_game_date(player_games, ("player_id", "season_year"))),
        **{f"{m.name}_actual": player_games[m.statistic] for m in markets},
    )
    games = as_of(games, state, on=("player_id", "season_year")).drop("last_game_date")
    games = as_of(games, defense, on=("team", "season_year")).drop("last_game_date")
    league = games.rating.mean().over(ibis.window(group_by="game_date"))
    return games.select(
        *identity,
        "is_home",
        tier=_tier(games.rating, league),
        rest_bucket=_rest_bucket(games.rest),
        **{f"{m.name}_actual": games[f"{m.name}_actual"] for m in markets},
        **{f"{m.name}_form": _form(games[f"{m.name}_last_5"], games[f"{m.name}_season"], m) for m in markets},
    )


def _tonight(features: ir.Table, markets: Sequence[Market]) -> ir.Table:
    """What likeness is judged by of each feature row."""
    # The league as the row's own information set shows it: who appeared must not tell on what is said before tip-off.
    league = features.opponent_defensive_rating_last_15.mean().over(
        ibis.window(group_by=("game_date", "information_set"))
    )
    return features.select(
        *_KEY,
        "is_home",
        frame=features.season_year,
        tonight_tier=_tier(features.opponent_defensive_rating_last_15, league),
        tonight_rest=_rest_bucket(features.rest_days),
        **{
            f"tonight_{m.name}_form": _form(
                features[f"{m.statistic}_avg_last_5"], features[f"{m.statistic}_avg_season"], m
            )
            for m in markets
        },
    )


def similar_games(
    features: ir.Table, markets: Sequence[Market], player_games: ir.Table, team_defense: ir.Table
) -> ir.Table:
    """The similar games of each feature row that has any: `<market>_games`, their number, and `<market>_mean`.

    player_games, team_defense: game summaries of this and the previous season.
    """
    past = season_frames(_past_games(player_games, team_defense, markets))
    pairs = earlier_games(_tonight(features, markets), past, on=("player_id", "frame"))
    in_common = (
        ibis.coalesce(40 - 20 * (pairs.tonight_tier - pairs.past_tier).abs(), 0)
        + ibis.greatest(30 - 15 * (pairs.tonight_rest - pairs.past_rest_bucket).abs(), 0)
        + (pairs.is_home == pairs.past_is_home).ifelse(15, 0)
    )
    pairs = pairs.mutate(in_common=in_common).filter(ibis._.in_common >= MINIMUM_LIKENESS - _FORM_LIKENESS)
    pairs = pairs.mutate(**{f"{m.name}_likeness": _likeness(pairs, m) for m in markets})
    ranks = {
        f"{m.name}_rank": ibis.row_number().over(
            ibis.window(
                group_by=_KEY,
                order_by=[ibis.desc(f"{m.name}_likeness"), ibis.desc("past_game_date"), "past_game_id"],
            )
        )
        for m in markets
    }
    pairs = pairs.mutate(**ranks)
    found: dict[str, ir.Value] = {}
    for market in markets:
        likeness = pairs[f"{market.name}_likeness"]
        is_similar = (likeness >= MINIMUM_LIKENESS) & (pairs[f"{market.name}_rank"] < MAXIMUM_GAMES)
        weighted = likeness * pairs[f"past_{market.name}_actual"]
        found[f"{market.name}_games"] = is_similar.cast("int64").sum()
        found[f"{market.name}_mean"] = weighted.sum(where=is_similar) / likeness.sum(where=is_similar)
    return pairs.group_by(*_KEY).agg(**found)


def _likeness(pairs: ir.Table, market: Market) -> ir.IntegerValue:
    tonight, past = pairs[f"tonight_{market.name}_form"], pairs[f"past_{market.name}_form"]
    return pairs.in_common + ibis.cases((tonight == past, _FORM_LIKENESS), (tonight != past, 5), else_=0)


def predict(features: ir.Table, market: Market, similar: ir.Table) -> ir.Table:
    """One row per feature row. similar: `similar_games` of the same features."""
    found = similar.select(*_KEY, similar_games=f"{market.name}_games", similar_mean=f"{market.name}_mean")
    rows = features.pipe(add_columns, found, *_KEY)
    games = ibis.coalesce(rows.similar_games, 0)
    silence = ibis.cases(
        (rows.games_used == 0, "no earlier game"),
        (games < MINIMUM_GAMES, f"fewer than {MINIMUM_GAMES} similar games"),
        else_=ibis.null("string"),
    )
    return answer(rows, rows.similar_mean, silence)
