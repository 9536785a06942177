"""Are models and forecasts as good as they should be, and not better: freshness, calibration, features that drift."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from nba_assets.checks.look import Look
from nba_assets.checks.values import varying_columns
from nba_assets.checks.verdict import Verdict, failed, listed, passed
from nba_assets.days import DayRange
from nba_assets.tables import TABLES
from nba_assets.tables.predictions import FEATURES
from nba_assets.transforms.as_of import last_n
from nba_assets.warehouse.protocol import DayProfile

TRAILING_DAYS = 30
MINIMUM_GRADED = 500
INTERVAL_80_PCT = (0.74, 0.90)
"""Where the share of results between p10 and p90 must lie, over the trailing days."""
OLDEST_CUTOFF_DAYS = 31
STALEST_TRAINING_DAYS = 10
TOO_GOOD_RATIO = 0.75
"""A forecast error below this share of the players' own day-to-day spread has seen the answer."""
DRIFT_Z = 8.0
MINIMUM_TRAILING_GAME_DAYS = 10


def model_freshness(look: Look) -> dict[date, Verdict]:
    """A model serves the day, its cut-off is at most a month old, and it was trained up to the games before that."""
    models = look.lists_by_day(look.rows)
    early = look.opening_days
    verdicts = {}
    for day in look.days:
        texts = []
        for row in models.get(day, []):
            if row["model_id"] is None:
                texts.append(f"{row['market']}: no model ({row['reason']})")
                continue
            age = (day - row["training_cutoff"]).days
            gap = (row["training_cutoff"] - row["training_last_day"]).days
            if age > OLDEST_CUTOFF_DAYS:
                texts.append(f"{row['market']}: the cut-off is {age} days old")
            # In a season's first weeks the games before the cut-off are last spring's.
            if gap > STALEST_TRAINING_DAYS and (day - timedelta(days=age)) not in early and day not in early:
                texts.append(f"{row['market']}: the last game trained on is {gap} days before the cut-off")
        if texts:
            verdicts[day] = failed(f"{'; '.join(texts)}.")
        else:
            verdicts[day] = passed("Every market has a model of this month.", models=len(models.get(day, [])))
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
            f"{r['market']}: error {r['validation_mae']:.2f}, last-10 mean {r['validation_mae_last_10']:.2f}"
            for r in shown
        )
        figures: dict[str, Any] = {f"{r['market']}_validation_mae": r["validation_mae"] for r in shown}
        if worse:
            verdicts[day] = failed(f"No better than the last-10 mean on held-out days: {text}.", **figures)
        else:
            verdicts[day] = passed(
                f"Better than the last-10 mean: {text}." if text else "No model to judge.", **figures
            )
    return verdicts


def calibration(look: Look) -> dict[date, Verdict]:
    """Of the trailing days' results, about 80 % lie between p10 and p90."""
    graded = _trailing_rows(look).filter(lambda t: t.is_in_80_interval.notnull() & (t.system_id == "ensemble"))
    by_day = look.by_day(
        graded.group_by("game_date").agg(graded=graded.count(), inside=graded.is_in_80_interval.cast("int64").sum())
    )
    verdicts = {}
    for day in look.days:
        window = [by_day[d] for d in _trailing(day) if d in by_day]
        count, inside = sum(w["graded"] for w in window), sum(w["inside"] for w in window)
        if count < MINIMUM_GRADED:
            verdicts[day] = passed(f"Not asked yet: {count} results in {TRAILING_DAYS} days.", graded=count)
            continue
        share = inside / count
        text = f"{share:.1%} of {count:,} results in {TRAILING_DAYS} days lie between p10 and p90"
        is_good = INTERVAL_80_PCT[0] <= share <= INTERVAL_80_PCT[1]
        answer = passed if is_good else failed
        verdicts[day] = answer(f"{text}.", inside_pct=round(share, 4), graded=count)
    return verdicts


def not_too_good(look: Look) -> dict[date, Verdict]:
    """The day's error is what players' own ups and downs leave; far less means that the answer was seen."""
    rows = _trailing_rows(look).filter(lambda t: t.system_id == "ensemble")
    usual = rows.mutate(usual=rows.actual_value.mean().over(last_n(("player_id", "market"), 10)))
    spread = (usual.actual_value - usual.usual).abs()
    by_day = look.by_day(
        usual.group_by("game_date").agg(graded=usual.count(), error=usual.absolute_error.mean(), spread=spread.mean())
    )
    verdicts = {}
    for day in look.days:
        found = by_day.get(day)
        if found is None or found["graded"] < 40 or not found["spread"]:
            verdicts[day] = passed("Not asked: fewer than 40 results.", graded=found["graded"] if found else 0)
            continue
        ratio = found["error"] / found["spread"]
        text = f"Mean error {found['error']:.2f}, {ratio:.0%} of players' own spread ({found['spread']:.2f})"
        figures: dict[str, Any] = {"mean_absolute_error": found["error"], "ratio": ratio, "graded": found["graded"]}
        if ratio < TOO_GOOD_RATIO:
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


def _trailing(day: date) -> list[date]:
    return [day - timedelta(days=n) for n in range(TRAILING_DAYS, -1, -1)]


def _trailing_rows(look: Look) -> Any:
    reach = DayRange(look.days.first - timedelta(days=TRAILING_DAYS), look.days.last)
    return look.session.read(look.table, reach)
