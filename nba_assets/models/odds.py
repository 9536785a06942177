"""Prices and probabilities: American odds, the bookmaker's margin, expected value, and what is recommended.

Everything takes numbers or arrays that broadcast against each other and gives arrays; NaN in is NaN out. The same
conversions as expressions over tables are in `transforms/odds.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ASSUMED_PRICE_AMERICAN = -110.0
"""Price of both sides of a line that is quoted without any: the usual one, break-even at 52.4 %."""
MINIMUM_PROBABILITY = 0.55
"""A side is recommended from this probability on."""
MINIMUM_EXPECTED_VALUE = 0.02
"""And from this expected value per unit staked on: what a probability one percentage point too high is worth near even
money."""


def decimal_odds(price_american: ArrayLike) -> Floats:
    """What a winning unit returns, stake included: -110 -> 1.909, +150 -> 2.5. NaN between -100 and 100, no odds."""
    price = np.asarray(price_american, dtype="float64")
    size = np.where(np.abs(price) >= 100, np.abs(price), np.nan)
    return np.asarray(1 + np.where(price > 0, size / 100, 100 / size))


def implied_probability(price_american: ArrayLike) -> Floats:
    """Share of bets that must win at this price to come out even, pushes left out: 52.4 % at -110, 40 % at +150.

    It is the bookmaker's probability with his margin in it, and so the break-even probability of who takes the price.
    """
    return 1 / decimal_odds(price_american)


def fair_probabilities(
    over_price_american: ArrayLike, under_price_american: ArrayLike, method: Literal["shin", "proportional"] = "shin"
) -> tuple[Floats, Floats]:
    """Probabilities of over and under, given that it is no push, once a bookmaker's margin is removed; they sum to 1.

    Both prices must be one bookmaker's, at one line; where either is unknown, so are the probabilities.

    shin: the margin is split evenly, (1 + over - under) / 2 of the implied probabilities. For two outcomes this is
        Shin's method (Shin 1993; their equality: Clarke, Kovalchik and Ingram 2017, doi:10.11648/j.ajss.20170506.12).
        The default, since bookmakers are known to keep relatively more of a long shot (favourite-longshot bias), and
        closed: the power method takes a root search for a difference of 0.2 points at -150/+120.
    proportional: each implied probability over their sum; leaves that bias in.

    Raises:
        ValueError: there is no such method.
    """
    over, under = np.broadcast_arrays(
        implied_probability(over_price_american), implied_probability(under_price_american)
    )
    if method == "shin":
        fair = (1 + over - under) / 2
    elif method == "proportional":
        fair = over / (over + under)
    else:
        raise ValueError(f"The margin is removed by shin or proportional, not by {method!r}.")
    return fair, 1 - fair


def expected_value(price_american: ArrayLike, win_probability: ArrayLike, push_probability: ArrayLike = 0.0) -> Floats:
    """Mean profit per unit staked: win * (decimal odds - 1) - loss, where a push returns the stake.

    win_probability, push_probability: of all bets, so that what remains of 1 is lost.
    """
    win, push = np.asarray(win_probability, dtype="float64"), np.asarray(push_probability, dtype="float64")
    return np.asarray(win * decimal_odds(price_american) - (1 - push))


@dataclass(frozen=True)
class Advice:
    """What is recommended, all of one shape.

    recommendation: OVER, UNDER, PASS or NO_LINE.
    expected_value: per unit staked, of the recommended side; for PASS of the better one. NaN without a line or a
        probability.
    price_american: the price that it is worked out at. has_price: whether a bookmaker quotes it; False where it is
        assumed, and where there is no expected value.
    """

    recommendation: NDArray[np.str_]
    expected_value: Floats
    price_american: Floats
    has_price: NDArray[np.bool_]


def recommend(
    line: ArrayLike,
    over_probability: ArrayLike,
    over_price_american: ArrayLike,
    under_price_american: ArrayLike,
    push_probability: ArrayLike = 0.0,
    minimum_probability: float = MINIMUM_PROBABILITY,
    minimum_expected_value: float = MINIMUM_EXPECTED_VALUE,
) -> Advice:
    """OVER or UNDER where both the probability and the expected value of the side reach their minimum, else PASS.

    line: NaN without one. over_probability: given that it is no push. Prices: the best at this line. Where neither side
    has one, both are assumed to be -110; a side without a price beside one that has cannot be bet.
    push_probability: scales the expected value and never turns its sign.

    Raises:
        ValueError: minimum_probability is not above one half, so that both sides could be recommended.
    """
    if not minimum_probability > 0.5:
        raise ValueError(f"The minimum probability is {minimum_probability}; it must be above 0.5.")
    line, over, over_price, under_price, push = np.broadcast_arrays(
        *(
            np.asarray(given, dtype="float64")
            for given in (line, over_probability, over_price_american, under_price_american, push_probability)
        )
    )
    over = np.where(np.isnan(line), np.nan, over)
    is_unpriced = np.isnan(over_price) & np.isnan(under_price)
    over_price, under_price = (np.where(is_unpriced, ASSUMED_PRICE_AMERICAN, p) for p in (over_price, under_price))
    of_over = expected_value(over_price, over * (1 - push), push)
    of_under = expected_value(under_price, (1 - over) * (1 - push), push)
    # Either side is held against the minimum itself: 1 - 0.55 is not exactly 0.45.
    is_over_bet = (over >= minimum_probability) & (of_over >= minimum_expected_value)
    is_under_bet = (1 - over >= minimum_probability) & (of_under >= minimum_expected_value)
    recommendation = np.select([np.isnan(line), is_over_bet, is_under_bet], ["NO_LINE", "OVER", "UNDER"], "PASS")
    is_over = is_over_bet | (~is_under_bet & (np.isnan(of_under) | (of_over >= of_under)))
    value = np.where(is_over, of_over, of_under)
    is_known = ~np.isnan(value)
    price = np.where(is_known, np.where(is_over, over_price, under_price), np.nan)
    return Advice(recommendation, value, price, is_known & ~is_unpriced)
