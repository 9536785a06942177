"""ensemble: the mean of the systems that spoke, weighted by their confidence; lightgbm counts three times.

Its confidence is the weighted mean of theirs, more by up to 0.1 where they agree and less by up to 0.1 where not.
"""

from __future__ import annotations

import pandas as pd

SYSTEM_ID = "ensemble"
_WEIGHT = {"lightgbm": 3.0}
_DISAGREEMENT = 3.0
"""Standard deviation between systems at which agreement neither adds nor takes."""


def predict(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per (day, player, market) of the systems' answers; silent where every system was."""
    keys = ["game_date", "player_id", "market"]
    spoken = answers[answers["predicted_value"].notna()].copy()
    spoken["weight"] = spoken["confidence_score"] * spoken["system_id"].map(_WEIGHT).fillna(1.0)
    spoken["weighted"] = spoken["weight"] * spoken["predicted_value"]
    spoken["weighted_confidence"] = spoken["weight"] * spoken["confidence_score"]
    grouped = spoken.groupby(keys)
    sums = grouped[["weight", "weighted", "weighted_confidence"]].sum()
    spread = grouped["predicted_value"].std(ddof=0)
    agreement = (0.1 * (1 - spread / _DISAGREEMENT)).clip(-0.1, 0.1).where(grouped.size() > 1, 0.0)
    mixed = pd.DataFrame(
        {
            "predicted_value": sums["weighted"] / sums["weight"],
            "confidence_score": (sums["weighted_confidence"] / sums["weight"] + agreement).clip(0.0, 1.0),
        }
    ).reset_index()
    rows = answers[keys].drop_duplicates().merge(mixed, on=keys, how="left")
    rows["system_id"] = SYSTEM_ID
    rows = rows.merge(_silences(answers, keys), on=keys, how="left")
    rows["reason"] = rows["reason"].where(rows["predicted_value"].isna(), None)
    rows["model_id"] = None
    return rows


def _silences(answers: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Why nobody spoke, from the systems' own reasons; the one that most of them give comes first."""
    silent = answers[answers["predicted_value"].isna()]
    reasons = silent.groupby([*keys, "reason"]).size().rename("systems").reset_index()
    reasons = reasons.sort_values([*keys, "systems", "reason"], ascending=[True] * len(keys) + [False, True])
    return reasons.groupby(keys)["reason"].agg(lambda given: f"no system spoke: {', '.join(given)}").reset_index()
