"""Are models and forecasts as good as they should be, and not better: freshness, calibration, features that drift."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np

from nba_assets.checks.look import Look
from nba_assets.checks.values import varying_columns
from nba_assets.checks.verdict import Verdict, failed, listed, passed
from nba_assets.days import DayRange, season_boundary, season_year_of
from nba_assets.models.cutoffs import cutoff_of
from nba_assets.tables import TABLES
from nba_assets.tables.features import FEATURES
from nba_assets.transforms.as_of import last_n
from nba_assets.warehouse.protocol import DayProfile

TRAILING_DAYS = 30
MINIMUM_GRADED = 500
INTERVAL_80_PCT = (0.74, 0.90)
"""Where the share of results between p10 and p90 must lie, over the trailing days."""
STALEST_TRAINING_DAYS = 10
TOO_GOOD_RATIO = 0.75
"""A forecast error below this share of the players' own day-to-day spread has seen the answer."""
MINIMUM_GRADED_ON_DAY = 40
DRIFT_Z = 8.0
MINIMUM_TRAILING_GAME_DAYS = 10
_EVALUATED_BY = ("market", "information_set")


def model_freshness(look: Look) -> dict[date, Verdict]:
    """A model serves the day, its cut-off is the calendar's latest, and it was trained up to the games before that."""
    models = look.lists_by_day(look.rows)
    verdicts = {}
    for day in look.days:
        texts = []
        for row in models.get(day, []):
            name = _name(row)
            if row["model_id"] is None:
                texts.append(f"{name}: no model ({row['reason']})")
                continue
            age = (day - row["training_cutoff"]).days
            gap = (row["training_cutoff"] - row["training_last_day"]).days
            if row["training_cutoff"] != cutoff_of(day):
                texts.append(f"{name}: the cut-off is {age} days old, not {cutoff_of(day)}")
            # Before a season's first cut-off the latest games are last spring's.
            is_first = row["training_cutoff"] <= season_boundary(season_year_of(row["training_cutoff"]))
            if gap > STALEST_TRAINING_DAYS and not is_first:
                texts.append(f"{name}: the last game trained on is {gap} days before the cut-off")
        if texts:
            verdicts[day] = failed(f"{'; '.join(texts)}.")
        else:
            verdicts[day] = passed(
                "Every market and information set has a model of the latest cut-off.", models=len(models.get(day, []))
            )
    return verdicts


def model_skill(look: Look) -> dict[date, Verdict]:
    """The model beats the last-10 mean on days that it had not seen."""
    models = look.lists_by_day(look.rows)
    verdicts = {}
    for day in look.days:
        trained = [row for row in models.get(day, []) if row["validation_mae"] is not None]
        worse = [row for row in trained if row["validation_mae"] >= row["validation_mae_last_10"]]
        shown = worse or trained
        text = "; ".join(
            f"{_name(r)}: error {r['validation_mae']:.2f}, last-10 mean {r['validation_mae_last_10']:.2f}"
            for r in shown
        )
        figures: dict[str, Any] = {
            f"{r['market']}_{r['information_set']}_validation_mae": r["validation_mae"] for r in shown
        }
        if worse:
            verdicts[day] = failed(f"No better than the last-10 mean on held-out days: {text}.", **figures)
        else:
            verdicts[day] = passed(
                f"Better than the last-10 mean: {text}." if text else "No model to judge.", **figures
            )
    return verdicts


def calibration(look: Look) -> dict[date, Verdict]:
    """Of the trailing days' results, about 80 % lie between p10 and p90, in each market and information set."""
    rows = _trailing_rows(look)
    graded = rows.filter(rows.is_in_80_interval.notnull() & (rows.system_id == "ensemble"))
    by_day = look.lists_by_day(
        graded.group_by("game_date", *_EVALUATED_BY).agg(
            graded=graded.count(), inside=graded.is_in_80_interval.cast("int64").sum()
        )
    )
    verdicts = {}
    for day in look.days:
        counts: Counter[str] = Counter()
        inside: Counter[str] = Counter()
        for row in (row for d in _trailing(day) for row in by_day.get(d, [])):
            counts[_name(row)] += row["graded"]
            inside[_name(row)] += row["inside"]
        shares = {name: inside[name] / count for name, count in sorted(counts.items()) if count >= MINIMUM_GRADED}
        if not shares:
            most = max(counts.values(), default=0)
            verdicts[day] = passed(f"Not asked yet: {most} results in {TRAILING_DAYS} days.", graded=most)
            continue
        off = {n: s for n, s in shares.items() if not INTERVAL_80_PCT[0] <= s <= INTERVAL_80_PCT[1]}
        shown = [f"{name} {share:.1%} of {counts[name]:,}" for name, share in (off or shares).items()]
        text = f"Of the results in {TRAILING_DAYS} days, between p10 and p90 lie: {'; '.join(shown)}."
        figures: dict[str, Any] = {
            f"{name.replace(' ', '_')}_inside_pct": round(share, 4) for name, share in shares.items()
        }
        answer = failed if off else passed
        verdicts[day] = answer(text, graded=sum(counts[name] for name in shares), **figures)
    return verdicts


def not_too_good(look: Look) -> dict[date, Verdict]:
    """The day's error is what players' own ups and downs leave; far less means that the answer was seen.

    Each market and information set is judged by itself.
    """
    rows = _trailing_rows(look).filter(lambda t: t.system_id == "ensemble")
    usual = rows.mutate(usual=rows.actual_value.mean().over(last_n(("player_id", *_EVALUATED_BY), 10)))
    spread = (usual.actual_value - usual.usual).abs()
    by_day = look.lists_by_day(
        usual.group_by("game_date", *_EVALUATED_BY)
        .agg(graded=usual.count(), error=usual.absolute_error.mean(), spread=spread.mean())
        .order_by("game_date", *_EVALUATED_BY)
    )
    verdicts = {}
    for day in look.days:
        found = by_day.get(day, [])
        asked = [row for row in found if row["graded"] >= MINIMUM_GRADED_ON_DAY and row["spread"]]
        if not asked:
            most = max((row["graded"] for row in found), default=0)
            verdicts[day] = passed(f"Not asked: fewer than {MINIMUM_GRADED_ON_DAY} results.", graded=most)
            continue
        figures: dict[str, Any] = {
            f"{_name(row).replace(' ', '_')}_error_ratio": round(row["error"] / row["spread"], 4) for row in asked
        }
        leaking = [row for row in asked if row["error"] / row["spread"] < TOO_GOOD_RATIO]
        texts = [
            f"{_name(row)} {row['error']:.2f}, {row['error'] / row['spread']:.0%} of players' own spread "
            f"({row['spread']:.2f})"
            for row in leaking or asked
        ]
        text = f"Mean error: {'; '.join(texts)}"
        if leaking:
            verdicts[day] = failed(f"{text}: too good to be true, suspect leakage.", **figures)
        else:
            verdicts[day] = passed(f"{text}.", **figures)
    return verdicts


def drift(look: Look) -> dict[date, Verdict]:
    """Feature means of the day are where the trailing month's were."""
    reach = DayRange(look.days.first - timedelta(days=TRAILING_DAYS), look.days.last)
    profiles = look.session.profile(TABLES[look.table.name], reach)
    columns = [c for c in varying_columns(look.table.name) if c in FEATURES]
    early = look.opening_days
    verdicts = {}
    for day in look.days:
        past = [profiles[d] for d in _trailing(day)[:-1] if d in profiles]
        today = profiles.get(day)
        if today is None or day in early or len(past) < MINIMUM_TRAILING_GAME_DAYS:
            verdicts[day] = passed(f"Not asked: {len(past)} game days in the month before.", game_days=len(past))
            continue
        found = _drifted(columns, past, today)
        if found:
            texts = [f"{r['column']} {r['mean']:.4g} (was {r['month_before']:.4g})" for r in found]
            verdicts[day] = failed(f"Unlike the month before: {listed(texts)}.", details=found, features=len(columns))
        else:
            verdicts[day] = passed(f"{len(columns)} features are as in the month before.", features=len(columns))
    return verdicts


def _drifted(columns: list[str], past: list[DayProfile], today: DayProfile) -> list[dict[str, Any]]:
    """Features whose mean of today lies far from the trailing days' means.

    A day's mean strays the further the smaller its slate: deviations are scaled by the square root of its rows.
    """
    earlier = np.array([[np.nan if p.mean[c] is None else p.mean[c] for c in columns] for p in past], dtype="float64")
    value = np.array([np.nan if today.mean[c] is None else today.mean[c] for c in columns], dtype="float64")
    known = np.isfinite(earlier).sum(axis=0) >= MINIMUM_TRAILING_GAME_DAYS
    if not known.any():
        return []
    earlier, value = earlier[:, known], value[known]
    names = [c for c, is_known in zip(columns, known, strict=True) if is_known]
    centre = np.nanmean(earlier, axis=0)
    weights = np.sqrt([[p.rows] for p in past])
    spread = np.nanstd((earlier - centre) * weights, axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, np.abs(value - centre) * np.sqrt(today.rows) / spread, 0.0)
    return [
        {
            "column": names[i],
            "mean": float(value[i]),
            "month_before": float(centre[i]),
            "standard_deviations": round(float(z[i]), 1),
        }
        for i in np.flatnonzero(z > DRIFT_Z)
    ]


def _name(row: dict[str, Any]) -> str:
    """What a row of models or of grades is about: `points pregame`."""
    return f"{row['market']} {row['information_set']}"


def _trailing(day: date) -> list[date]:
    return [day - timedelta(days=n) for n in range(TRAILING_DAYS, -1, -1)]


def _trailing_rows(look: Look) -> Any:
    reach = DayRange(look.days.first - timedelta(days=TRAILING_DAYS), look.days.last)
    return look.session.read(look.table, reach)
