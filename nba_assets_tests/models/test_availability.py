"""player_availability: what the model of who plays learns, what it may see, and when it is not trained again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nba_assets.days import DayRange
from nba_assets.models import availability
from nba_assets.tables import TABLES
from nba_assets_tests.factories import rows

CUTOFF = date(2022, 2, 1)
TONIGHT = date(2022, 2, 10)
PLAYERS = 60


def roster(days: int = 60, last_day: date = CUTOFF - timedelta(days=1), seed: int = 4) -> pd.DataFrame:
    """Rows of upcoming_roster: those reported out never play, the others as often as they did of late."""
    rng = np.random.default_rng(seed)
    records = []
    for n in range(days):
        for player in range(PLAYERS):
            played, is_out = int(rng.integers(1, 11)), bool(rng.random() < 0.2)
            records.append(
                {
                    "game_date": last_day - timedelta(days=n),
                    "player_id": player,
                    "appearances_last_10": played,
                    "team_games_last_10": 10,
                    "is_reported_out": is_out,
                    "is_reported_back": False,
                    "has_appeared": bool(not is_out and rng.random() < played / 10),
                }
            )
    return rows("upcoming_roster", records).to_pandas()


def tonight(day: date = TONIGHT, **given: object) -> pd.DataFrame:
    """Players 1 to 10, each having played that many of the last ten games."""
    record = {"game_date": day, "team_games_last_10": 10, "is_reported_out": False, "is_reported_back": False, **given}
    return rows(
        "upcoming_roster", [{**record, "player_id": n, "appearances_last_10": n} for n in range(1, 11)]
    ).to_pandas()


def serve(night: pd.DataFrame, history: pd.DataFrame, folder: Path, known=()) -> pd.DataFrame:
    """What is served for the days of `night`, of which it is not known who appeared."""
    days = DayRange(night.game_date.min(), night.game_date.max()) if len(night) else DayRange(TONIGHT, TONIGHT)
    return availability.serve(pd.concat([history, night], ignore_index=True), days, folder, known)


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(availability.lgb, "train", refuse)


def known(served: pd.DataFrame) -> list[dict]:
    return served[list(availability.MODEL_COLUMNS)].drop_duplicates().to_dict("records")


def test_rows_are_those_of_the_record(tmp_path):
    made = serve(tonight(), roster(), tmp_path)
    assert tuple(made.columns) == TABLES["player_availability"].column_names
    assert made.player_id.tolist() == list(range(1, 11))
    assert set(made.training_cutoff) == {CUTOFF}
    assert set(made.training_last_day) == {CUTOFF - timedelta(days=1)}


def test_the_model_learns_reports_and_habits_and_serves_days_without_reports(tmp_path, monkeypatch):
    monkeypatch.setattr(availability, "ROUNDS", 100)
    history = roster()
    healthy = serve(tonight(), history, tmp_path).active_probability
    out = serve(tonight(is_reported_out=True), history, tmp_path).active_probability
    silent = serve(tonight(is_reported_out=None, is_reported_back=None), history, tmp_path)
    assert out.max() < 0.1
    assert healthy.iloc[-1] > 0.85
    assert healthy.iloc[1] < 0.45
    assert ((silent.active_probability > out) & (silent.active_probability < healthy + 0.02)).all()


def test_with_too_few_rows_it_is_how_often_he_played_and_not_at_all_if_out(tmp_path):
    few = roster(days=availability.MINIMUM_ROWS // PLAYERS)
    made = serve(tonight(), few, tmp_path)
    assert made.active_probability.tolist() == pytest.approx([n / 10 for n in range(1, 11)])
    assert made.model_id.isna().all()
    assert list(tmp_path.iterdir()) == []
    assert serve(tonight(is_reported_out=True), few, tmp_path).active_probability.eq(0).all()


def test_where_the_data_begin_it_is_the_share_of_the_games_there_were(tmp_path):
    row = tonight(team_games_last_10=4).iloc[[1]]
    assert serve(row, roster(days=1), tmp_path).active_probability.tolist() == [0.5]


def test_the_same_rows_in_another_order_give_the_same_file(tmp_path):
    history = roster()
    first = serve(tonight(), history, tmp_path)
    second = serve(tonight(), history.sample(frac=1, random_state=1), tmp_path)
    pd.testing.assert_frame_equal(first, second)
    assert [file.stem for file in tmp_path.iterdir()] == [first.model_id.iloc[0]]
    assert first.model_id.iloc[0].startswith("availability-2022-02-01-")


def test_rows_from_the_cutoff_on_and_of_the_fourth_season_before_are_not_seen(tmp_path):
    night, cutoff = date(2024, 2, 10), date(2024, 2, 1)
    history = roster(last_day=cutoff - timedelta(days=1))
    before = serve(tonight(night), history, tmp_path)
    # The last days before the season of 2020-21 began.
    older = roster(days=5, last_day=date(2020, 11, 30), seed=10)
    unknown = roster(days=2, last_day=cutoff - timedelta(days=80)).assign(has_appeared=None)
    after = serve(tonight(night), pd.concat([older, unknown, history]), tmp_path)
    pd.testing.assert_frame_equal(before, after)
    later = roster(days=5, last_day=night - timedelta(days=1), seed=9)
    with_later = serve(tonight(night), pd.concat([history, later]), tmp_path)
    model = list(availability.MODEL_COLUMNS)
    pd.testing.assert_frame_equal(before[model], with_later[model])
    oldest = roster(days=5, last_day=date(2020, 12, 5), seed=10)
    other = serve(tonight(night), pd.concat([oldest, history]), tmp_path)
    assert other.model_id.iloc[0] != before.model_id.iloc[0]


def test_a_row_is_told_of_who_appeared_since_the_cutoff_and_not_of_its_own_day(tmp_path):
    def served(missed: int, appears_tonight: bool) -> float:
        """Of player 9, whom the model never saw play, and who has missed so many of five second nights since."""
        since = roster(days=5, last_day=TONIGHT - timedelta(days=1)).assign(team_rest_days=0)
        since["has_appeared"] = since.game_date < TONIGHT - timedelta(days=missed)
        night = tonight(team_rest_days=0, has_appeared=appears_tonight)
        return serve(night, pd.concat([habitual, since]), tmp_path).active_probability.iloc[8]

    habitual = roster().assign(team_rest_days=0)
    habitual["has_appeared"] = habitual.player_id % 3 > 0
    assert served(5, False) < served(0, False) - 0.2
    assert served(5, True) == served(5, False)


def test_a_row_before_the_cutoff_makes_another_model(tmp_path):
    history = roster()
    changed = history.assign(has_appeared=history.has_appeared ^ (history.index == 7))
    ids = {serve(tonight(), rows_, tmp_path).model_id.iloc[0] for rows_ in (history, changed)}
    assert len(ids) == 2


def test_a_known_model_is_not_trained_again(tmp_path, request):
    made = serve(tonight(), roster(), tmp_path)
    request.getfixturevalue("no_training")
    again = serve(tonight(), roster(), tmp_path, known(made))
    pd.testing.assert_frame_equal(made, again)


@pytest.mark.usefixtures("no_training")
def test_the_absence_of_a_model_is_known_too(tmp_path):
    few = roster(days=2)
    made = serve(tonight(), few, tmp_path)
    pd.testing.assert_frame_equal(serve(tonight(), few, tmp_path, known(made)), made)


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_text("tampered")])
def test_a_model_whose_file_is_lost_or_changed_is_trained_again(tmp_path, damage):
    made = serve(tonight(), roster(), tmp_path)
    damage(tmp_path / f"{made.model_id.iloc[0]}.txt")
    pd.testing.assert_frame_equal(serve(tonight(), roster(), tmp_path, known(made)), made)


def test_each_day_is_served_by_the_model_of_its_cutoff(tmp_path):
    history, eve = roster(days=120, last_day=date(2022, 1, 30)), tonight(date(2022, 1, 31))
    made = serve(pd.concat([eve, tonight(CUTOFF)]), history, tmp_path)
    assert made.groupby("game_date").training_cutoff.first().to_dict() == {
        date(2022, 1, 31): date(2021, 12, 1),
        CUTOFF: CUTOFF,
    }
    alone = serve(tonight(CUTOFF), pd.concat([history, eve]), tmp_path)
    pd.testing.assert_frame_equal(made[made.game_date == CUTOFF].reset_index(drop=True), alone)


def test_without_a_game_there_are_no_rows(tmp_path):
    made = serve(tonight().iloc[:0], roster(days=1), tmp_path)
    assert made.empty
    assert tuple(made.columns) == TABLES["player_availability"].column_names
