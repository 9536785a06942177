"""The line chosen among the bookmakers' quotes, and the prices at it: one test per rule, and the real sample."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest

from nba_assets.days import DayRange
from nba_assets.models.odds import decimal_odds, fair_probabilities, implied_probability
from nba_assets.sources.archive import ArchiveSource
from nba_assets.tables import TABLES
from nba_assets.tables.arrow import arrow_schema
from nba_assets.transforms import odds
from nba_assets.transforms.predictions.lines import KEY, consensus_lines
from nba_assets.warehouse.contract import in_utc
from nba_assets_tests.factories import DAY, put, rows, scheduled

TIPOFF = datetime(2022, 1, 16, 0, 30)
GAME = scheduled(DAY, 1, 1610612737, 1610612738, tipoff_utc=TIPOFF)


def quote(
    bookmaker: str, line: float, over: float | None = -110, under: float | None = -110, **more: Any
) -> list[dict]:
    """Both sides of a bookmaker's line."""
    given = {"bookmaker": bookmaker, "line": line, **more}
    return [{**given, "side": "over", "price_american": over}, {**given, "side": "under", "price_american": under}]


def one_sided(side: str, bookmaker: str, line: float, price: float = -110, **more: Any) -> list[dict]:
    return [{"bookmaker": bookmaker, "line": line, "side": side, "price_american": price, **more}]


def lines(*quotes: list[dict]) -> pd.DataFrame:
    connection = ibis.duckdb.connect()
    props = put(connection, "player_props", rows("player_props", [side for one in quotes for side in one]))
    games = put(connection, "games", rows("games", [GAME]))
    found = connection.execute(consensus_lines(props, games)).sort_values(list(KEY), ignore_index=True)
    connection.disconnect()
    return found


def line(*quotes: list[dict]) -> pd.Series:
    found = lines(*quotes)
    assert len(found) == 1, found
    return found.iloc[0]


def test_without_quotes_there_are_no_lines():
    assert lines().empty


def test_a_players_market_is_one_row_and_no_other_players_or_markets():
    found = lines(quote("a", 20.5), quote("a", 9.5, market="rebounds"), quote("a", 7.5, player_id=2))
    assert found[["player_id", "market", "line"]].values.tolist() == [
        [1, "points", 20.5],
        [1, "rebounds", 9.5],
        [2, "points", 7.5],
    ]


def test_the_line_is_the_one_that_most_bookmakers_quote():
    found = line(quote("a", 20.5), quote("b", 20.5), quote("c", 22.5))
    assert (found.line, found.bookmakers, found.bookmakers_at_line) == (20.5, 3, 2)


def test_among_equally_quoted_lines_the_one_nearest_the_median_is_taken():
    pairs = [quote("a", 20.5), quote("b", 20.5), quote("c", 21.5), quote("d", 21.5), quote("e", 23.5), quote("f", 24.5)]
    assert line(*pairs).line == 21.5


def test_between_two_bookmakers_the_lower_line_is_taken_and_not_a_line_that_nobody_quotes():
    found = line(quote("a", 21.5), quote("b", 20.5))
    assert (found.line, found.bookmakers, found.bookmakers_at_line) == (20.5, 2, 1)


def test_prices_at_another_line_are_not_counted():
    found = line(quote("a", 20.5, -115, -105), quote("b", 21.5, 140, 140))
    assert (found.over_price_american, found.under_price_american) == (-115, -105)


def test_prices_are_the_best_at_the_line_of_each_side():
    found = line(quote("a", 20.5, -120, 100), quote("b", 20.5, -105, -115), quote("c", 20.5, 102, -125))
    assert (found.over_price_american, found.under_price_american) == (102, 100)


def test_fair_probability_is_worked_out_per_bookmaker_and_averaged():
    prices = [(-120, 100), (-105, -115), (110, -130)]
    found = line(*(quote(str(n), 20.5, over, under) for n, (over, under) in enumerate(prices)))
    expected = [fair_probabilities(over, under)[0] for over, under in prices]
    assert found.fair_over_probability == pytest.approx(sum(expected) / 3)


def test_one_sided_quotes_at_the_line_count_for_the_price_but_not_for_the_fair_probability():
    found = line(quote("a", 20.5, -120, 100), one_sided("over", "b", 20.5, 105))
    assert found.over_price_american == 105
    assert found.fair_over_probability == pytest.approx(fair_probabilities(-120, 100)[0])


@pytest.mark.parametrize(("side", "other"), [("over", "under"), ("under", "over")])
def test_a_line_quoted_on_one_side_only_has_no_fair_probability_and_no_price_of_the_other(side, other):
    found = line(one_sided(side, "a", 20.5, -130))
    assert (found.line, found[f"{side}_price_american"]) == (20.5, -130)
    assert found[[f"{other}_price_american", "fair_over_probability"]].isna().all()


def test_over_and_under_of_different_bookmakers_make_no_fair_probability():
    found = line(one_sided("over", "a", 20.5), one_sided("under", "b", 20.5))
    assert (found.over_price_american, found.under_price_american) == (-110, -110)
    assert pd.isna(found.fair_over_probability)


def test_a_bookmaker_whose_sides_have_different_lines_quotes_two_one_sided_lines():
    found = line(one_sided("over", "a", 20.5), one_sided("under", "a", 21.5))
    assert (found.line, found.bookmakers, found.bookmakers_at_line) == (20.5, 1, 1)
    assert found[["under_price_american", "fair_over_probability"]].isna().all()


def test_a_line_on_both_sides_comes_before_alternate_lines_on_one():
    alternates = (one_sided("over", bookmaker, 15.5, -300) for bookmaker in "abc")
    found = line(quote("a", 20.5), *alternates)
    assert (found.line, found.over_price_american, found.bookmakers) == (20.5, -110, 3)


def test_lines_without_a_price_are_lines():
    found = line(quote("a", 20.5, None, None), quote("b", 20.5, None, -120))
    assert (found.line, found.bookmakers_at_line, found.under_price_american) == (20.5, 2, -120)
    assert found[["over_price_american", "fair_over_probability"]].isna().all()


def test_whole_lines_are_lines_like_any_other():
    found = line(quote("a", 20.0, -150, 120))
    assert (found.line, found.over_price_american) == (20.0, -150)
    # Given that it is no push: the stake comes back then, whatever the price.
    assert found.fair_over_probability == pytest.approx(fair_probabilities(-150, 120)[0])


def test_a_line_stamped_at_or_after_tip_off_is_left_out():
    late = [quote("a", 25.5, snapshot_utc=TIPOFF), quote("b", 25.5, snapshot_utc=TIPOFF + timedelta(minutes=1))]
    assert lines(*late).empty
    assert line(*late, quote("c", 20.5, snapshot_utc=TIPOFF - timedelta(minutes=1))).line == 20.5


def test_the_last_snapshot_before_tip_off_of_each_bookmaker_counts():
    found = line(
        quote("a", 18.5, snapshot_utc=TIPOFF - timedelta(hours=9)),
        quote("a", 20.5, -125, 105, snapshot_utc=TIPOFF - timedelta(hours=1)),
        quote("a", 25.5, snapshot_utc=TIPOFF + timedelta(minutes=5)),
        quote("b", 20.5, -110, -110, snapshot_utc=TIPOFF - timedelta(hours=5)),
    )
    assert (found.line, found.bookmakers, found.bookmakers_at_line) == (20.5, 2, 2)
    assert (found.over_price_american, found.under_price_american) == (-110, 105)


def test_a_side_that_is_not_in_the_last_snapshot_was_withdrawn():
    found = line(
        quote("a", 20.5, -110, 130, snapshot_utc=TIPOFF - timedelta(hours=9)),
        one_sided("over", "a", 20.5, -140, snapshot_utc=TIPOFF - timedelta(hours=1)),
    )
    assert found.over_price_american == -140
    assert found[["under_price_american", "fair_over_probability"]].isna().all()


def test_expressions_over_tables_are_the_functions_over_arrays():
    prices = [-10000.0, -137, -110, -100, -99, 0, 99, 100, 150, 10000, None]
    pairs = ibis.memtable(
        [(over, under) for over in prices for under in prices], schema={"over": "float64", "under": "float64"}
    )
    found = ibis.duckdb.connect().execute(
        pairs.mutate(
            decimal=odds.decimal_odds(pairs.over),
            implied=odds.implied_probability(pairs.over),
            fair=odds.fair_over_probability(pairs.over, pairs.under),
        )
    )
    assert found.decimal.to_numpy() == pytest.approx(decimal_odds(found.over), nan_ok=True)
    assert found.implied.to_numpy() == pytest.approx(implied_probability(found.over), nan_ok=True)
    assert found.fair.to_numpy() == pytest.approx(fair_probabilities(found.over, found.under)[0], nan_ok=True)


@pytest.mark.archive
def test_every_quoted_market_of_the_real_sample_gets_one_line_that_a_bookmaker_quotes(archive_folder):
    days = DayRange(date(2024, 10, 22), date(2024, 10, 31))
    delivered = in_utc(ArchiveSource(archive_folder).fetch("player_props", days))
    delivered = delivered.filter(delivered["player_id"].is_valid()).cast(arrow_schema(TABLES["player_props"]))
    connection = ibis.duckdb.connect()
    props = put(connection, "player_props", delivered)
    found = connection.execute(consensus_lines(props, put(connection, "games", rows("games"))))
    quoted = connection.execute(props.select(*KEY, "line", "bookmaker").distinct())
    connection.disconnect()

    assert len(found) > 1600
    assert not found.duplicated(list(KEY)).any()
    assert len(found) == len(quoted[list(KEY)].drop_duplicates())
    assert len(found.merge(quoted[[*KEY, "line"]].drop_duplicates(), on=[*KEY, "line"])) == len(found)
    at_line = found.merge(quoted, on=[*KEY, "line"]).groupby(list(KEY)).bookmaker.nunique()
    assert (found.set_index(list(KEY)).bookmakers_at_line.sort_index() == at_line.sort_index()).all()
    # Both books are pick'em apps: -137 on either side, and so an even chance.
    both = found.over_price_american.notna() & found.under_price_american.notna()
    assert both.mean() > 0.99
    assert set(found[both].over_price_american) | set(found[both].under_price_american) == {-137}
    assert (found.fair_over_probability.dropna() == 0.5).all()
    assert found.fair_over_probability.notna().equals(both)
