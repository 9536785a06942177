"""Walk-forward training: what a model may see, what it is measured on, and that it is repeatable."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_assets.days import FIRST_DAY
from nba_assets.models import training
from nba_assets.models.prop_model import serve
from nba_assets.models.training import cutoff_of, train, training_start
from nba_assets.tables.predictions import FEATURES
from nba_assets_tests.models.answers import POINTS
from nba_assets_tests.models.learning import CUTOFF, PLAYERS, training_frame


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch):
    """What is tested here does not need a good model."""
    monkeypatch.setattr(training, "ROUNDS", 40)
    faster = {"num_threads": 1, "min_data_in_leaf": 50, "learning_rate": 0.2}
    monkeypatch.setattr(training, "PARAMETERS", {**training.PARAMETERS, **faster})


def model_text(frame: pd.DataFrame) -> str:
    booster = train(frame, POINTS, CUTOFF).booster
    assert booster is not None
    return booster.model_to_string(num_iteration=-1)


@given(st.dates(FIRST_DAY, date(2030, 12, 31)))
def test_the_cutoff_is_the_first_of_the_month_and_never_after_the_day(day):
    cutoff = cutoff_of(day)
    assert cutoff <= day
    assert (cutoff.day, cutoff.month, cutoff.year) == (1, day.month, day.year)


@pytest.mark.parametrize(
    ("cutoff", "start"),
    [
        (date(2022, 2, 1), date(2020, 12, 1)),
        (date(2022, 10, 1), date(2021, 10, 1)),
        (date(2022, 9, 1), date(2020, 12, 1)),
        (date(2021, 1, 1), FIRST_DAY),
        (date(2019, 11, 1), FIRST_DAY),
    ],
)
def test_training_starts_with_the_season_before_the_cutoffs(cutoff, start):
    assert training_start(cutoff) == start


def test_what_was_trained_on_is_told():
    trained = train(training_frame(), POINTS, CUTOFF)
    assert (trained.rows, trained.validation_rows) == (100 * PLAYERS, 28 * PLAYERS)
    assert (trained.first_day, trained.last_day) == (CUTOFF - timedelta(days=100), CUTOFF - timedelta(days=1))
    assert trained.reason is None
    assert trained.spread is not None
    # Noise of 5 around the season's mean: no forecast does better than 5 * sqrt(2 / pi), and 4.0 with a floor at 0.
    assert 3.6 < trained.validation_mae < 5.0


def test_the_error_of_the_last_10_mean_is_measured_on_the_same_rows():
    frame = training_frame()
    held_out = frame[frame["game_date"] >= CUTOFF - timedelta(days=28)]
    expected = (held_out["points_avg_last_10"] - held_out["actual"]).abs().mean()
    assert train(frame, POINTS, CUTOFF).validation_mae_last_10 == pytest.approx(expected)


def test_rows_on_or_after_the_cutoff_change_nothing():
    before = training_frame()
    later = training_frame(last_day=CUTOFF + timedelta(days=29), days=30, seed=9).assign(actual=500.0)
    alone, together = (train(frame, POINTS, CUTOFF) for frame in (before, pd.concat([later, before])))
    assert model_text(pd.concat([later, before])) == model_text(before)
    assert together.last_day < CUTOFF
    for name in ("rows", "validation_rows", "validation_mae", "validation_mae_last_10", "spread"):
        assert getattr(together, name) == getattr(alone, name)


def test_rows_before_the_season_before_change_nothing():
    before = training_frame()
    older = training_frame(last_day=training_start(CUTOFF) - timedelta(days=1), days=60, seed=9).assign(actual=500.0)
    assert model_text(pd.concat([older, before])) == model_text(before)


def test_the_measured_model_has_not_seen_the_rows_it_is_measured_on():
    """In the held-out days alone everyone scores 40 more, and a feature tells those days apart.

    A model that had seen them would know; the one that is measured must miss by 40, the one that serves must not.
    """
    frame = training_frame()
    is_held_out = (frame["game_date"] >= CUTOFF - timedelta(days=28)).to_numpy()
    frame.loc[is_held_out, "games_played_season"] = 70.0
    frame.loc[is_held_out, "actual"] += 40.0
    trained = train(frame, POINTS, CUTOFF)
    assert trained.validation_mae > 30
    served = training.predict(trained.booster, frame[is_held_out])
    assert np.abs(served - frame.loc[is_held_out, "actual"]).mean() < 15


def test_too_few_rows_give_a_reason_and_no_model():
    trained = train(training_frame(days=66), POINTS, CUTOFF)
    assert trained.booster is None
    assert trained.spread is None
    assert trained.rows == 66 * PLAYERS
    assert trained.reason == "1980 player-days before 2022-02-01; at least 2000 are needed"


def test_rows_after_the_cutoff_do_not_make_too_few_rows_enough():
    frame = training_frame(last_day=CUTOFF + timedelta(days=33), days=100)
    assert train(frame, POINTS, CUTOFF).booster is None


def test_with_too_few_rows_before_the_held_out_ones_there_is_a_model_but_no_measure():
    trained = train(training_frame(days=80), POINTS, CUTOFF)
    assert trained.booster is not None
    assert (trained.validation_rows, trained.validation_mae, trained.spread) == (0, None, None)


def test_an_empty_frame_gives_a_reason_and_no_model():
    trained = train(training_frame().iloc[:0], POINTS, CUTOFF)
    assert (trained.booster, trained.rows) == (None, 0)


def test_the_same_rows_in_any_order_give_the_same_model_to_the_byte():
    frame = training_frame()
    text = model_text(frame)
    assert model_text(frame.copy()) == text
    assert model_text(frame.sample(frac=1, random_state=8)) == text


def test_only_the_declared_features_reach_the_model():
    frame = training_frame()
    assert model_text(frame.assign(secret=frame["actual"])) == model_text(frame)
    assert train(frame, POINTS, CUTOFF).booster.feature_name() == list(FEATURES)


def test_forecasts_are_never_below_zero():
    frame = training_frame().assign(actual=-5.0)
    trained = train(frame, POINTS, CUTOFF)
    assert (training.predict(trained.booster, frame.head(50)) == 0).all()


def test_days_of_one_month_are_served_by_one_model_and_days_of_the_next_by_another(tmp_path):
    frame = training_frame(last_day=date(2022, 3, 3), days=140)
    rows = serve([date(2022, 3, 3), date(2022, 2, 1), date(2022, 2, 28)], frame, POINTS, tmp_path)
    assert [row["game_date"] for row in rows] == [date(2022, 2, 1), date(2022, 2, 28), date(2022, 3, 3)]
    first, same, other = (row["model_id"] for row in rows)
    assert first == same != other
    assert all(row["training_last_day"] < row["training_cutoff"] <= row["game_date"] for row in rows)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_day_that_no_model_can_serve_has_a_row_with_the_reason(tmp_path):
    (row,) = serve([date(2022, 2, 5)], training_frame(days=10), POINTS, tmp_path)
    assert (row["model_id"], row["file_sha256"]) == (None, None)
    assert "at least 2000 are needed" in row["reason"]
    assert not list(tmp_path.iterdir())
