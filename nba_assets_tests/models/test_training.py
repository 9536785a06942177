"""Walk-forward training: what a model may see, and that it is repeatable."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from nba_assets.days import FIRST_DAY
from nba_assets.markets import MARKETS
from nba_assets.models import matrix, training
from nba_assets.models.features import MODEL_FEATURES, linear_features
from nba_assets.models.matrix import feature_matrix
from nba_assets.models.training import training_start
from nba_assets_tests.models.learning import CUTOFF, PLAYERS, POINTS, few_rounds, train, trained, training_frame

ABSURD = 500.0


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch):
    few_rounds(monkeypatch)


def absurd(last_day: date, days: int) -> pd.DataFrame:
    """Rows in which something happened that would be noticed."""
    return training_frame(last_day, days, seed=9).assign(**{f"actual_{m.name}": ABSURD for m in MARKETS})


def in_order(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True).sort_values(["game_date", "player_id"], ignore_index=True)


@pytest.mark.parametrize(
    ("cutoff", "start"),
    [
        (date(2024, 2, 1), date(2021, 10, 1)),
        (date(2023, 10, 1), date(2021, 10, 1)),
        (date(2022, 12, 1), date(2020, 12, 1)),
        (date(2022, 2, 1), FIRST_DAY),
        (date(2019, 10, 1), FIRST_DAY),
    ],
)
def test_training_starts_two_seasons_before_the_cutoffs(cutoff, start):
    assert training_start(cutoff) == start


def test_what_was_trained_on_is_told():
    found = train(training_frame(), POINTS, CUTOFF)
    assert found.rows == 100 * PLAYERS
    assert (found.first_day, found.last_day) == (CUTOFF - timedelta(days=100), CUTOFF - timedelta(days=1))
    assert found.reason is None


def test_two_trainings_on_the_same_rows_give_the_same_model_to_the_letter():
    assert trained(training_frame()).to_text() == trained(training_frame()).to_text()


def test_rows_on_or_after_the_cutoff_change_nothing():
    before = training_frame()
    both = in_order(before, absurd(CUTOFF + timedelta(days=29), days=30))
    assert trained(both).to_text() == trained(before).to_text()
    assert train(both, POINTS, CUTOFF).last_day < CUTOFF


def test_a_row_of_the_last_day_before_the_cutoff_does_change_the_model():
    before = training_frame()
    changed = before.copy()
    changed.loc[before["game_date"] == before["game_date"].max(), "actual_points"] = 60.0
    assert trained(changed).to_text() != trained(before).to_text()


def test_rows_before_the_training_starts_change_nothing():
    cutoff = date(2024, 2, 1)
    before = training_frame(cutoff - timedelta(days=1))
    older = absurd(training_start(cutoff) - timedelta(days=1), days=60)
    assert trained(in_order(before, older), cutoff=cutoff).to_text() == trained(before, cutoff=cutoff).to_text()


def test_older_seasons_count_less():
    """Two seasons that teach opposite things: the model is nearer the later one than to a mean of both."""
    old = training_frame(date(2021, 3, 1), days=70).assign(actual_points=0.0)
    new = training_frame(days=70).assign(actual_points=16.0)
    model = trained(in_order(old, new))
    # Half way on the scale of the root would be 2; the later season weighs 1 and the earlier one 0.8.
    assert model.intercept == pytest.approx(4 / 1.8)


def test_a_market_is_trained_on_its_own_results():
    frame = training_frame()
    texts = {market.name: trained(frame, market).to_text() for market in MARKETS[:2]}
    others = frame.assign(actual_rebounds=ABSURD)
    assert trained(others, MARKETS[0]).to_text() == texts["points"]
    assert trained(others, MARKETS[1]).to_text() != texts["rebounds"]


def test_its_linear_fit_is_of_its_own_features():
    points = dict(zip(MODEL_FEATURES, trained(training_frame()).coefficients, strict=True))
    assert {name for name, coefficient in points.items() if coefficient} <= set(linear_features(MARKETS[0]))
    assert points["points_avg_season"] != 0.0
    assert points["rebounds_avg_season"] == 0.0


def test_only_the_declared_features_reach_the_model():
    frame = training_frame()
    model = trained(frame.assign(secret=frame["actual_points"]))
    assert model.to_text() == trained(frame).to_text()
    assert model.features == MODEL_FEATURES
    assert model.boosters["squares"].feature_name() == list(MODEL_FEATURES)


def test_too_few_rows_give_a_reason_and_no_model():
    found = train(training_frame(days=66), POINTS, CUTOFF)
    assert (found.model, found.rows, found.first_day, found.last_day) == (None, 66 * PLAYERS, None, None)
    assert found.reason == "1980 player-days before 2022-02-01; at least 2000 are needed"


def test_rows_after_the_cutoff_do_not_make_too_few_rows_enough():
    frame = training_frame(last_day=CUTOFF + timedelta(days=33), days=100)
    assert train(frame, POINTS, CUTOFF).model is None


def test_an_empty_frame_gives_a_reason_and_no_model():
    found = train(training_frame().iloc[:0], POINTS, CUTOFF)
    assert (found.model, found.rows) == (None, 0)


def test_a_learned_model_is_better_than_the_last_10_mean_on_days_that_it_has_not_seen():
    fresh = training_frame(last_day=CUTOFF + timedelta(days=19), days=20, seed=4)
    model = trained(training_frame())
    answers = model.predict(feature_matrix(fresh, model.features))
    baseline = (fresh["points_avg_last_10"] - fresh["actual_points"]).abs().mean()
    for answer in answers.values():
        assert np.abs(answer - fresh["actual_points"]).mean() < baseline


def test_how_many_rows_are_copied_at_once_changes_nothing(monkeypatch):
    frame = training_frame(days=90)
    model, hashes = trained(frame).to_text(), training.row_hashes(frame)
    monkeypatch.setattr(matrix, "COPIED", 7)
    assert trained(frame).to_text() == model
    assert (training.row_hashes(frame) == hashes).all()


def fingerprint_of(frame: pd.DataFrame) -> str:
    return training.fingerprint(training.row_hashes(frame), POINTS)


def test_a_changed_feature_or_result_is_another_fingerprint():
    frame = training_frame(days=2)
    changed = [frame.copy() for _ in range(4)]
    changed[0].loc[3, "actual_points"] += 1
    changed[1].loc[3, "points_avg_season"] += 1e-6
    changed[2].loc[3, "player_id"] += 100
    changed[3].loc[3, "points_avg_season"] = np.nan
    assert len({fingerprint_of(one) for one in (frame, *changed)}) == 5


def test_another_setting_or_market_is_another_fingerprint(monkeypatch):
    hashes = training.row_hashes(training_frame(days=2))
    before = [training.fingerprint(hashes, market) for market in MARKETS]
    assert len(set(before)) == len(MARKETS)
    monkeypatch.setattr(training, "SEASON_WEIGHT", 0.5)
    assert not set(before) & {training.fingerprint(hashes, market) for market in MARKETS}


def test_how_rows_are_read_changes_neither_fingerprint_nor_model():
    """A column of whole numbers is read as floats as soon as one of them is unknown, on whatever day."""
    frame = training_frame()
    read = frame.astype({"games_played_season": "float64", "is_home": object, "actual_points": "int64"})
    assert fingerprint_of(read) == fingerprint_of(frame)
    assert trained(read).to_text() == trained(frame).to_text()


def test_what_the_untrained_systems_said_is_no_part_of_a_training():
    """They are read of fewer seasons than the features are, and so are unknown or not by the days that are built."""
    frame = training_frame()
    unsaid = frame.assign(moving_average_points=np.nan, similarity_threes=np.nan)
    assert fingerprint_of(unsaid) == fingerprint_of(frame)
