"""Which features a market's linear fit sees: its own statistic's and those of none, in the store's order."""

from __future__ import annotations

import pytest

from nba_assets.markets import MARKETS
from nba_assets.models import features
from nba_assets.models.features import linear_features
from nba_assets.tables.features import FEATURES

EVERY = pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)


@EVERY
def test_all_features_of_the_markets_own_statistic_are_seen(market):
    own = {name for name in FEATURES if name.startswith((f"{market.statistic}_", f"opponent_{market.statistic}_"))}
    assert f"{market.statistic}_avg_last_10" in own
    assert own <= set(linear_features(market))


@EVERY
def test_no_feature_of_another_markets_statistic_is_seen(market):
    others = {other.statistic for other in MARKETS} - {market.statistic}
    beginnings = tuple(f"{prefix}{statistic}_" for statistic in others for prefix in ("", "opponent_", "league_"))
    theirs = {name for name in FEATURES if name.startswith(beginnings)}
    assert len(theirs) >= 5 * len(others)
    assert not theirs & set(linear_features(market))


@EVERY
def test_features_of_no_statistic_are_seen_in_every_market(market):
    common = {"minutes_avg_last_10", "projected_minutes", "rest_days", "is_home", "spread", "games_played_season"}
    assert common <= set(linear_features(market))


@EVERY
def test_they_are_in_the_stores_order_once_each(market):
    seen = linear_features(market)
    assert list(seen) == [name for name in FEATURES if name in seen]


def test_every_feature_is_seen_in_some_market_or_named_as_not_learned():
    seen = set().union(*(linear_features(market) for market in MARKETS))
    assert seen | features._NOT_LEARNED == set(FEATURES)
    assert not seen & features._NOT_LEARNED
