"""player_prop_predictions: the systems put together with a model, a spread and lines, or without any of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import registry
from nba_assets.models.predictions import combine
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets_tests.factories import ATL, BOS, game_id, rows
from nba_assets_tests.models.answers import POINTS, features
from nba_assets_tests.models.learning import tiny_booster

DAY = date(2022, 2, 5)
NOW = datetime(2022, 2, 5, 12)
SPREAD = {"spread_intercept": 25.0, "spread_slope": 0.0}
NO_MODEL = {
    "model_id": None,
    "file_sha256": None,
    "spread_intercept": None,
    "spread_slope": None,
    "reason": "too few rows",
}


def feature_rows(*players: int) -> pd.DataFrame:
    given = [
        {
            "game_date": DAY,
            "player_id": player,
            "player_name": f"Player {player}",
            "player_lookup": f"player{player}",
            "information_set": "pregame",
            "feature_quality_score": 0.5,
        }
        for player in players
    ]
    return features(given).to_pandas()


def model_rows(**given: Any) -> pd.DataFrame:
    record = {"game_date": DAY, "training_cutoff": date(2022, 2, 1), **given}
    return rows("prop_model", [record]).to_pandas()


def said(player: int, value: float | None, system: str = "moving_average") -> dict[str, Any]:
    return {
        "game_date": DAY,
        "player_id": player,
        "market": "points",
        "system_id": system,
        "predicted_value": value,
        "confidence_score": None if value is None else 0.5,
        "reason": "no earlier game" if value is None else None,
    }


def line_rows(lines: dict[int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "game_date": pd.Series([DAY] * len(lines), dtype=object),
            "player_id": pd.Series(list(lines), dtype="int64"),
            "line": pd.Series(list(lines.values()), dtype="float64"),
        }
    )


def combined(
    answers: list[dict[str, Any]],
    folder: Any,
    models: pd.DataFrame | None = None,
    lines: dict[int, float] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    models = model_rows(**NO_MODEL) if models is None else models
    players = sorted({answer["player_id"] for answer in answers})
    set_based = pd.DataFrame(answers).astype({"predicted_value": "float64", "confidence_score": "float64"})
    return combine(set_based, feature_rows(*players), models, line_rows(lines or {}), POINTS, folder, NOW)


def test_the_columns_are_exactly_the_records(tmp_path):
    found, _ = combined([said(1, 20.0)], tmp_path)
    assert tuple(found.columns) == PLAYER_PROP_PREDICTIONS.column_names


def test_without_a_line_nothing_is_recommended(tmp_path):
    found, _ = combined([said(1, 20.0)], tmp_path, model_rows(**{**NO_MODEL, **SPREAD}))
    assert set(found["recommendation"]) == {"NO_LINE"}
    assert set(found["line_source"]) == {"none"}
    assert found[["line", "edge", "over_probability"]].isna().all(axis=None)
    assert found["p10"].notna().all()


def test_with_a_line_there_are_an_edge_and_a_probability(tmp_path):
    found, _ = combined([said(1, 20.0)], tmp_path, model_rows(**{**NO_MODEL, **SPREAD}), lines={1: 24.5})
    row = found[found["system_id"] == "moving_average"].iloc[0]
    assert (row.line, row.line_source, row.edge) == (24.5, "bookmaker", pytest.approx(-4.5))
    assert row.over_probability == pytest.approx(0.18406, abs=5e-6)  # (24.5 - 20) / 5 = 0.9
    assert (row.p50, row.p90) == (pytest.approx(20.0), pytest.approx(20 + 5 * 1.28155, abs=1e-4))


@pytest.mark.parametrize(
    ("forecast", "recommendation"),
    [
        (20.0, "PASS"),
        (20.62, "PASS"),
        (20.64, "OVER"),
        (19.38, "PASS"),
        (19.36, "UNDER"),
        (35.0, "OVER"),
        (0.0, "UNDER"),
    ],
)
def test_a_side_is_recommended_from_55_percent_on(tmp_path, forecast, recommendation):
    # With a deviation of 5, 55 % lies 0.1257 * 5 = 0.628 points off the line.
    models = model_rows(**{**NO_MODEL, **SPREAD})
    found, _ = combined([said(1, forecast + 0.5)], tmp_path, models, lines={1: 20.5})
    assert set(found["recommendation"]) == {recommendation}


def test_without_a_spread_a_line_gives_an_edge_but_no_recommendation(tmp_path):
    found, _ = combined([said(1, 30.0)], tmp_path, lines={1: 20.5})
    assert set(found["edge"]) == {9.5}
    assert set(found["recommendation"]) == {"PASS"}
    assert found[["p10", "p90", "over_probability"]].isna().all(axis=None)


def test_a_line_of_one_player_is_not_anothers(tmp_path):
    found, _ = combined([said(1, 20.0), said(2, 20.0)], tmp_path, lines={2: 20.5})
    assert found.groupby("player_id")["line_source"].unique().map(list).to_dict() == {1: ["none"], 2: ["bookmaker"]}


def test_without_a_model_lightgbm_is_absent_with_the_reason_and_the_rest_speak(tmp_path):
    found, silent = combined([said(1, 20.0), said(1, 24.0, "similarity")], tmp_path)
    assert sorted(found["system_id"]) == ["ensemble", "moving_average", "similarity"]
    assert silent[["system_id", "reason"]].values.tolist() == [["lightgbm", "too few rows"]]


def test_a_day_without_a_row_in_prop_model_says_so(tmp_path):
    found, silent = combined([said(1, 20.0)], tmp_path, model_rows().iloc[:0])
    assert sorted(found["system_id"]) == ["ensemble", "moving_average"]
    assert silent["reason"].tolist() == ["no row in prop_model"]


def test_every_player_and_system_is_a_row_or_a_reason(tmp_path):
    answers = [said(1, 20.0), said(1, None, "similarity"), said(2, None), said(2, None, "similarity")]
    found, silent = combined(answers, tmp_path)
    keys = pd.concat([found, silent])[["player_id", "system_id"]].values.tolist()
    systems = ("ensemble", "lightgbm", "moving_average", "similarity")
    assert sorted(map(tuple, keys)) == [(player, system) for player in (1, 2) for system in systems]
    assert silent["reason"].notna().all()
    assert not silent.duplicated(["game_date", "player_id", "market", "system_id"]).any()


@pytest.fixture
def with_model(tmp_path):
    model_id, digest = registry.save(tmp_path, "points", date(2022, 2, 1), tiny_booster())
    return model_rows(model_id=model_id, file_sha256=digest, **SPREAD)


def test_with_a_model_lightgbm_speaks_and_counts_in_the_ensemble(tmp_path, with_model):
    found, silent = combined([said(1, 10.0)], tmp_path, with_model)
    assert silent.empty
    by_system = found.set_index("system_id")
    expected = registry.load(tmp_path, with_model["model_id"][0], with_model["file_sha256"][0])
    inputs = feature_rows(1)[expected.feature_name()].astype("float64").to_numpy()
    learned = by_system.loc["lightgbm"]
    assert learned.predicted_value == pytest.approx(expected.predict(inputs)[0])
    assert learned.confidence_score == pytest.approx(0.3 + 0.4 * 0.5 + 0.2 * 0.5)
    assert 10.0 < by_system.loc["ensemble"].predicted_value < learned.predicted_value
    assert learned.model_id == with_model["model_id"][0]
    assert by_system.loc[["moving_average", "ensemble"], "model_id"].isna().all()


def test_a_model_whose_file_is_gone_is_an_error_and_not_silence(tmp_path, with_model):
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(registry.ModelFileError):
        combined([said(1, 10.0)], tmp_path, with_model)


def test_what_a_row_carries_is_its_own_players(tmp_path):
    found, _ = combined([said(1, 20.0), said(2, 10.0)], tmp_path)
    assert (found["player_name"] == "Player " + found["player_id"].astype(str)).all()
    assert set(found["game_id"]) == {game_id()}
    assert (set(found["team_id"]), set(found["opponent_team_id"])) == ({ATL}, {BOS})
    assert set(found["feature_quality_score"]) == {0.5}
    assert (found["created_at"] == NOW).all()


def test_a_day_without_players_gives_no_rows_and_no_silence(tmp_path):
    no_answers = pd.DataFrame([said(1, 20.0)]).iloc[:0]
    found, silent = combine(
        no_answers, feature_rows(1).iloc[:0], model_rows().iloc[:0], line_rows({}), POINTS, tmp_path, NOW
    )
    assert found.empty
    assert silent.empty
    assert tuple(found.columns) == PLAYER_PROP_PREDICTIONS.column_names


def test_no_forecast_of_a_row_is_missing_or_infinite(tmp_path, with_model):
    found, _ = combined([said(1, 0.0), said(2, 60.0)], tmp_path, with_model, lines={1: 5.5, 2: 20.0})
    numbers = ["predicted_value", "confidence_score", "p10", "p25", "p50", "p75", "p90", "over_probability", "edge"]
    assert np.isfinite(found[numbers].to_numpy(dtype="float64")).all()
    assert found["confidence_score"].between(0, 1).all()
