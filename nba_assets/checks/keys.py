"""Is every key there that the schedule and the upstream tables lead one to expect, and why not: coverage as a verdict.

What is expected of a table, and the reasons, are in `nba_assets/coverage.py`; thresholds are here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from nba_assets.absence import ACCEPTED, EXAMPLES, Absent
from nba_assets.checks.look import Look
from nba_assets.checks.verdict import Verdict, failed
from nba_assets.coverage import DayCoverage

THRESHOLDS: dict[str, tuple[float, float]] = {
    # A bookmaker's archive may lack a game; nothing is derived from a line that is not there.
    "game_lines": (0.9, 0.9),
    # Rookies have no game behind them on opening night, and no system speaks of them.
    "player_prop_predictions": (0.8, 0.9),
}
"""Table -> lowest share of expected keys in a season's opening weeks, and after them. Others are expected whole."""


def coverage(look: Look) -> dict[date, Verdict]:
    """Enough of the expected keys are there, and the others are listed by reason."""
    early = look.opening_days
    opening, settled = THRESHOLDS.get(look.table.name, (1.0, 1.0))
    return {
        day: _verdict(look.coverage[day], opening if day in early else settled, look.row_count(day))
        for day in look.days
    }


def _verdict(found: DayCoverage, threshold: float, rows: int) -> Verdict:
    accepted = sum(absent.count for reason, absent in found.missing.items() if reason in ACCEPTED)
    expected, present = (found.expected or 0) - accepted, found.present or 0
    share = present / expected if expected else 1.0
    details = [_reason(reason, absent) for reason, absent in found.missing.items()]
    figures: dict[str, Any] = {
        "expected": expected,
        "present": present,
        "missing": expected - present,
        "coverage_pct": round(share, 4),
        "threshold_pct": threshold,
        "coverage": bar(share),
        "rows": rows,
        "set_aside": found.set_aside,
    }
    reasons = "; ".join(
        f"{reason}: {absent.count:,}" for reason, absent in found.missing.items() if reason not in ACCEPTED
    )
    text = f"{present:,} of {expected:,} expected keys are there ({share:.1%})"
    text += f"; absent by reason: {reasons}." if reasons else "."
    if share < threshold:
        return failed(text, details=details, **figures)
    return Verdict(True, text, figures=figures, details=details)


def bar(share: float) -> str:
    """A share as a small bar and a figure."""
    full = round(share * 20)
    return f"{'█' * full}{'░' * (20 - full)} {share:.1%}"


def _reason(reason: str, absent: Absent) -> dict[str, Any]:
    examples = "; ".join(", ".join(f"{n}={v}" for n, v in key.items()) for key in absent.first[:EXAMPLES])
    return {"reason": reason, "keys": absent.count, "is_gap": reason not in ACCEPTED, "examples": examples}
