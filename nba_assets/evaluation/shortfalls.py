"""What the figures of the model page show to fall short, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nba_assets.evaluation.alarm import FEWEST, too_good
from nba_assets.evaluation.contents import Contents
from nba_assets.evaluation.moments import Interval
from nba_assets.evaluation.slices import BASELINES, TARGET_INSIDE, WHOLE, Slice, in_order

LARGEST_MISS = 0.03
"""How far the share of results between p10 and p90 may be from TARGET_INSIDE before it is called a shortfall."""
BASELINE_NAMES = {"last_10": "last-10 mean", "blend": "blend"}


def shortfalls(contents: Contents) -> list[str]:
    """What the figures show to fall short, the gravest first; each a sentence."""
    slices = [*contents.whole.slices, *contents.by_season, *contents.by_month, *contents.by_minutes]
    suspect = [f"{_named(one)} is too good to be true: {reason}." for one in slices if (reason := too_good(one))]
    return [
        *suspect,
        *_no_better(headline(contents.whole.slices)),
        *_beaten(contents.shared.slices),
        *(text for each in (contents.whole.slices, contents.by_minutes, contents.by_month) for text in _missed(each)),
        *_without_model(contents.models),
        *_unlined(headline(contents.whole.slices)),
    ]


def headline(slices: Sequence[Slice]) -> list[Slice]:
    """Those of the system that is to be acted on: of each market and information set the ensemble, if it spoke."""
    systems: dict[tuple[str, str], list[str]] = {}
    for one in slices:
        systems.setdefault((one.market, one.information_set), []).append(one.system_id)
    return [one for one in slices if one.system_id == in_order(systems[one.market, one.information_set])[0]]


def _cell(one: Slice) -> str:
    return f"{one.market}, {one.information_set} ({one.system_id})"


def _named(one: Slice) -> str:
    return _cell(one) + ("" if one.part == WHOLE else f", {one.part}")


def group_of(row: Mapping[str, Any]) -> str:
    """What a row of prop_model serves: its market, and the information set where models differ by it."""
    return ", ".join(str(row[name]) for name in ("market", "information_set") if row.get(name))


def _no_better(slices: list[Slice]) -> list[str]:
    found = []
    for one in slices:
        for name in BASELINES:
            versus = one.versus(name)
            if versus and (versus.gain_interval is None or versus.gain_interval[0] <= 0):
                gain = _with_interval(versus.gain, versus.gain_interval)
                found.append(f"{_named(one)} is not surely better than the {BASELINE_NAMES[name]}: gain {gain}.")
    return found


def _beaten(slices: Sequence[Slice]) -> list[str]:
    found = []
    for one in headline(slices):
        cell = (one.market, one.information_set)
        best = min((s for s in slices if (s.market, s.information_set) == cell), key=lambda s: s.error)
        if best.error < one.error:
            found.append(
                f"{_named(one)} has an error of {one.error:.3f}, {best.system_id} {best.error:.3f} on the same rows."
            )
    return found


def _missed(slices: Sequence[Slice]) -> list[str]:
    """Where coverage misses by more than LARGEST_MISS, and not by chance: the interval leaves the target out.

    A sentence for each market and information set; parts with fewer than FEWEST results are not asked.
    """
    asked = [one for one in headline(slices) if one.inside.count >= FEWEST]
    found: dict[str, list[str]] = {}
    for one in asked:
        share, interval = one.inside.mean, one.inside.share_interval
        if share is None or interval is None or abs(share - TARGET_INSIDE) <= LARGEST_MISS:
            continue
        if not interval[0] <= TARGET_INSIDE <= interval[1]:
            part = "" if one.part == WHOLE else f"{one.part} "
            found.setdefault(_cell(one), []).append(f"{part}{share:.1%}")
    return [
        f"{cell}: the {TARGET_INSIDE:.0%} range is off by more than {100 * LARGEST_MISS:g} points, {len(parts)} of "
        f"{sum(_cell(one) == cell for one in asked)} times: {', '.join(parts)}."
        for cell, parts in found.items()
    ]


def _without_model(models: Iterable[Mapping[str, Any]]) -> list[str]:
    lacking: dict[str, list[str]] = {}
    for row in models:
        if row["model_id"] is None:
            lacking.setdefault(group_of(row), []).append(f"{row['game_date']:%Y-%m}")
    return [f"{group}: days without a model in {', '.join(dict.fromkeys(m))}." for group, m in lacking.items()]


def _unlined(slices: list[Slice]) -> list[str]:
    return [
        f"{_named(one)}: no forecast has a line that was no push; nothing is known of betting on it."
        for one in slices
        if not one.lined
    ]


def _with_interval(mean: float, interval: Interval | None) -> str:
    return f"{mean:+.3f}" + ("" if interval is None else f" ({interval[0]:+.3f} to {interval[1]:+.3f})")
