"""The alarm on results that are too good to be true: how good public data can be, and which slices are beyond it."""

from __future__ import annotations

from nba_assets.evaluation.slices import Slice

FEWEST = 40
"""Results that a slice must have to be asked."""
SMALLEST_ERROR_RATIO = 0.85
"""Error over players' own spread below which the answer was seen. A forecast that knew each player's median of the
season, and nothing else, would be at 1; the ensemble of five real seasons is at 0.94 to 1.04 in every market,
information set and minutes band."""
LARGEST_GAIN = {"points": 0.15, "rebounds": 0.15, "assists": 0.20, "threes": 0.25}
"""Market -> improvement over the last-10 mean's error beyond which the answer was seen, as a share of that error.

With public data the limit for points seems near 0.08 before the game and near 0.10 with the line-up known. Where counts
are near zero a median is nearer than any mean: in five real seasons the last-10 median alone gains 0.06 on assists and
0.11 on threes of players with fewer than 12 minutes."""
LARGEST_GAIN_ELSEWHERE = 0.15
LARGEST_HIT_SHARE = 0.60
"""Share of bets won beyond which the results, or the lines, are suspect; 0.524 is break-even at the usual -110."""
FEWEST_BETS = 500


def too_good(one: Slice) -> str | None:
    """Why the slice is suspected of having seen the answer; None if it is not, or has too few rows to tell.

    Error and improvement are suspect only if the end of their 95 % interval that speaks for them is.
    """
    return "; ".join(_reasons(one)) or None


def _reasons(one: Slice) -> list[str]:
    reasons = []
    errors, spread = one.measures["own_error"], one.spread
    if spread and errors.count >= FEWEST and errors.interval and errors.interval[1] < SMALLEST_ERROR_RATIO * spread:
        ratio = (errors.mean or 0.0) / spread
        reasons.append(
            f"the error is {ratio:.0%} of players' own spread ({spread:.2f}), below {SMALLEST_ERROR_RATIO:.0%}"
        )
    versus = one.versus("last_10")
    limit = LARGEST_GAIN.get(one.market, LARGEST_GAIN_ELSEWHERE)
    sure = versus.gain_interval[0] if versus and versus.gain_interval else 0.0
    if versus and versus.known >= FEWEST and sure > limit * versus.baseline_error:
        reasons.append(f"the error is {versus.gain_pct:.0%} below the last-10 mean's, beyond {limit:.0%}")
    hits = one.hits
    if hits.count >= FEWEST_BETS and hits.mean is not None and hits.mean > LARGEST_HIT_SHARE:
        reasons.append(f"{hits.mean:.1%} of {hits.count:,} bets won, beyond {LARGEST_HIT_SHARE:.0%}")
    return reasons
