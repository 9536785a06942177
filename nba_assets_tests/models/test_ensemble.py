"""ensemble: the weighted mean by hand, its bounds, its silence."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.models.systems import ensemble

DAY = date(2022, 1, 15)


def answers(
    *spoken: tuple[str, float | None, float | None], player_id: int = 1, market: str = "points"
) -> pd.DataFrame:
    """Answers about one player: (system, forecast, confidence); None is silence."""
    return pd.DataFrame(
        {
            "game_date": DAY,
            "player_id": player_id,
            "market": market,
            "system_id": [system for system, _, _ in spoken],
            "predicted_value": pd.Series([value for _, value, _ in spoken], dtype="float64"),
            "confidence_score": pd.Series([confidence for _, _, confidence in spoken], dtype="float64"),
            "reason": [None if value is not None else "no earlier game" for _, value, _ in spoken],
        }
    )


def mixed(*spoken: tuple[str, float | None, float | None]) -> pd.Series:
    rows = ensemble.predict(answers(*spoken))
    assert len(rows) == 1
    return rows.iloc[0]


def test_systems_count_by_their_confidence_and_lightgbm_three_times():
    row = mixed(("moving_average", 20.0, 0.5), ("zone_matchup", 24.0, 0.5), ("lightgbm", 22.0, 0.8))
    assert row.predicted_value == pytest.approx((0.5 * 20 + 0.5 * 24 + 2.4 * 22) / 3.4)
    spread = (8 / 3) ** 0.5
    agreement = 0.1 * (1 - spread / 3)
    assert row.confidence_score == pytest.approx((0.5 * 0.5 + 0.5 * 0.5 + 2.4 * 0.8) / 3.4 + agreement)
    assert row.system_id == "ensemble"
    assert row.reason is None


def test_full_agreement_adds_a_tenth_and_wide_disagreement_takes_one():
    agreed = mixed(("moving_average", 20.0, 0.5), ("similarity", 20.0, 0.5))
    apart = mixed(("moving_average", 0.0, 0.5), ("similarity", 60.0, 0.5))
    assert agreed.confidence_score == pytest.approx(0.6)
    assert apart.confidence_score == pytest.approx(0.4)


def test_one_system_alone_is_the_ensemble_and_agreement_with_itself_is_worth_nothing():
    row = mixed(("moving_average", 17.0, 0.5), ("similarity", None, None))
    assert (row.predicted_value, row.confidence_score) == (pytest.approx(17.0), pytest.approx(0.5))


def test_it_is_silent_with_a_reason_only_if_every_system_is():
    row = mixed(("moving_average", None, None), ("lightgbm", None, None))
    assert pd.isna(row.predicted_value)
    assert pd.isna(row.confidence_score)
    assert row.reason.startswith("no system spoke: ")


def test_players_and_markets_are_mixed_apart():
    rows = ensemble.predict(
        pd.concat(
            [
                answers(("moving_average", 10.0, 0.5)),
                answers(("moving_average", 30.0, 0.5), player_id=2),
                answers(("moving_average", 4.0, 0.5), market="rebounds"),
                answers(("moving_average", None, None), player_id=3),
            ]
        )
    ).set_index(["player_id", "market"])["predicted_value"]
    assert rows[1, "points"] == pytest.approx(10.0)
    assert rows[2, "points"] == pytest.approx(30.0)
    assert rows[1, "rebounds"] == pytest.approx(4.0)
    assert pd.isna(rows[3, "points"])


def test_no_answers_give_no_rows():
    assert ensemble.predict(answers()).empty


SPOKEN = st.one_of(st.none(), st.tuples(st.floats(0, 80), st.floats(0.2, 1.0)))


@given(st.tuples(SPOKEN, SPOKEN, SPOKEN, SPOKEN))
def test_it_stays_between_its_members_and_its_confidence_between_0_and_1(said):
    systems = ("moving_average", "zone_matchup", "similarity", "lightgbm")
    row = mixed(*((system, *(one or (None, None))) for system, one in zip(systems, said, strict=True)))
    values = [one[0] for one in said if one]
    if not values:
        assert pd.isna(row.predicted_value)
        return
    assert min(values) - 1e-9 <= row.predicted_value <= max(values) + 1e-9
    assert 0 <= row.confidence_score <= 1
