"""player_prop_predictions: the systems' answers put together with models, calibrations and lines, or without them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nba_assets.models import calibration, distribution, registry, together
from nba_assets.models.calibration import Calibration
from nba_assets.models.predictions import combine
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import ENSEMBLE, LIGHTGBM, NETWORK, SYSTEMS, TRAINED, UNTRAINED
from nba_assets.tables.features import FEATURES
from nba_assets.tables.predictions import PLAYER_PROP_PREDICTIONS
from nba_assets_tests.factories import ATL, BOS, game_id, rows
from nba_assets_tests.models.answers import features
from nba_assets_tests.models.learning import POINTS, calibration_features, counts, few_rounds, small_model

DAY = date(2022, 2, 5)
NOW = datetime(2022, 2, 5, 12)
QUANTILES = [f"p{level}" for level in distribution.QUANTILES]
NO_MODEL = {"model_id": None, "file_sha256": None, "reason": "too few rows"}


def feature_rows(*players: int, information_sets: tuple[str, ...] = ("pregame",)) -> pd.DataFrame:
    given = [
        {
            "game_date": DAY,
            "player_id": player,
            "player_name": f"Player {player}",
            "player_lookup": f"player{player}",
            "information_set": information_set,
            "feature_quality_score": 0.5,
            "projected_minutes": 30.0,
        }
        for player in players
        for information_set in information_sets
    ]
    return features(given).to_pandas()


def model_rows(learned: Calibration | None = None, **given: Any) -> pd.DataFrame:
    record = {
        "game_date": DAY,
        "training_cutoff": date(2022, 2, 1),
        "calibration": (learned or Calibration()).to_json(),
    }
    return rows("prop_model", [{**record, **NO_MODEL, **given}]).to_pandas()


def said(player: int, information_set: str = "pregame", **values: float | None) -> dict[str, Any]:
    """What the untrained systems say of a player: those not named are silent."""
    answers = {system: values.get(system) for system in UNTRAINED}
    reasons = {f"{s}_reason": "no earlier game" if value is None else None for s, value in answers.items()}
    return {"game_date": DAY, "player_id": player, "information_set": information_set, **answers, **reasons}


def line_rows(lines: dict[int, float], **prices: float) -> pd.DataFrame:
    named = ("bookmakers", "over_price_american", "under_price_american", "fair_over_probability")
    return pd.DataFrame(
        {
            "game_date": pd.Series([DAY] * len(lines), dtype=object),
            "player_id": pd.Series(list(lines), dtype="int64"),
            "line": pd.Series(list(lines.values()), dtype="float64"),
            **{name: pd.Series([prices.get(name, np.nan)] * len(lines), dtype="float64") for name in named},
        }
    )


def frames(
    given: pd.DataFrame, untrained: pd.DataFrame, models: pd.DataFrame, lines: pd.DataFrame, folder: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    with ThreadPoolExecutor(1) as pool:
        of_network = together.of_markets(given, models, folder, pool)[POINTS.name]
    found, silent = combine(given, untrained, models, lines, of_network, POINTS, folder, NOW)
    return found.to_pandas(date_as_object=True), silent.to_pandas()


def combined(
    answers: list[dict[str, Any]],
    folder: Path,
    models: pd.DataFrame | None = None,
    lines: dict[int, float] | None = None,
    **prices: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    given = feature_rows(
        *sorted({answer["player_id"] for answer in answers}),
        information_sets=tuple(dict.fromkeys(answer["information_set"] for answer in answers)),
    )
    untrained = rows("untrained_forecasts", answers).to_pandas()
    models = model_rows() if models is None else models
    return frames(given, untrained, models, line_rows(lines or {}, **prices), folder)


def of_system(found: pd.DataFrame, system: str) -> pd.Series:
    (row,) = (row for _, row in found[found["system_id"] == system].iterrows())
    return row


@pytest.fixture(scope="module")
def learned() -> Calibration:
    """Learned from forecasts of which the moving average is the best and the trained are as good as each other, as
    prop_model keeps it."""
    rng = np.random.default_rng(1)
    count = 3_000
    mean = rng.uniform(1, 30, count)
    missed = {name: np.maximum(mean + rng.normal(0, 3, count), 0) for name in ("squares", "absolute")}
    values = {system: np.maximum(mean + rng.normal(0, 3, count), 0) for system in (*UNTRAINED, NETWORK)}
    values["moving_average"] = mean
    fitted = calibration.fit(calibration_features(rng, count), counts(rng, mean), missed, values, POINTS)
    return Calibration.from_json(fitted.to_json())


@pytest.fixture
def with_model(tmp_path, learned, monkeypatch) -> pd.DataFrame:
    few_rounds(monkeypatch)
    model_id, digest = registry.save(tmp_path, "points-pregame-2022-02-01", small_model().to_text())
    return model_rows(learned, model_id=model_id, file_sha256=digest, reason=None)


def test_the_columns_are_exactly_the_records(tmp_path):
    found, silent = combined([said(1, moving_average=20.0)], tmp_path)
    assert tuple(found.columns) == PLAYER_PROP_PREDICTIONS.column_names
    assert list(silent.columns) == [*PLAYER_PROP_PREDICTIONS.key, "reason"]


def test_what_the_untrained_systems_said_is_what_is_predicted(tmp_path, learned):
    found, _ = combined([said(1, moving_average=20.0, similarity=17.5)], tmp_path, model_rows(learned))
    assert of_system(found, "moving_average").predicted_value == 20.0
    assert of_system(found, "similarity").predicted_value == 17.5


def test_with_a_model_the_trained_speak_and_are_the_ensemble(tmp_path, with_model, learned):
    found, silent = combined([said(1, moving_average=25.0)], tmp_path, with_model)
    assert sorted(silent["system_id"]) == ["similarity", "zone_matchup"]
    text = registry.load(tmp_path, with_model["model_id"][0], with_model["file_sha256"][0])
    model = TrainedModel.from_text(text)
    of_trees, of_network = (
        model.trees(feature_rows(1)),
        together.say({"points": model.network}, feature_rows(1))["points"],
    )
    expected = learned.trees(of_trees)[0]
    assert of_system(found, LIGHTGBM).predicted_value == pytest.approx(expected)
    assert of_system(found, NETWORK).predicted_value == pytest.approx(of_network[0])
    mixed = learned.weights[LIGHTGBM] * expected + learned.weights[NETWORK] * of_network[0]
    assert min(learned.weights.values()) > 0.3
    assert of_system(found, ENSEMBLE).predicted_value == pytest.approx(mixed)
    assert {of_system(found, s).model_id for s in (LIGHTGBM, ENSEMBLE)} == {with_model["model_id"][0]}
    assert of_system(found, "moving_average").model_id is None


def test_the_ensemble_is_weighted_as_its_days_model_learned(tmp_path):
    weighted = Calibration(weights={"moving_average": 0.75, "similarity": 0.25})
    found, _ = combined([said(1, moving_average=20.0, similarity=16.0)], tmp_path, model_rows(weighted))
    assert of_system(found, ENSEMBLE).predicted_value == pytest.approx(19.0)


def test_quantiles_rise_and_lie_around_the_forecast(tmp_path, learned):
    found, _ = combined([said(1, moving_average=20.0), said(2, moving_average=2.0)], tmp_path, model_rows(learned))
    quantiles = found[QUANTILES].to_numpy(dtype="float64")
    assert (np.diff(quantiles, axis=1) > 0).all()
    assert (quantiles >= 0).all()
    assert ((found["p10"] < found["predicted_value"]) & (found["predicted_value"] < found["p90"])).all()
    assert found["root_spread"].gt(0).all()


def test_confidence_is_the_probability_to_be_within_the_markets_deviation(tmp_path, learned):
    row = of_system(combined([said(1, moving_average=20.0)], tmp_path, model_rows(learned))[0], "moving_average")
    cumulative = learned.distribution.cumulative_at(np.array([20.0]), np.array([row.root_spread]))[0]
    # 14 to 26 points.
    assert row.confidence_score == pytest.approx(cumulative[26] - cumulative[13])
    assert 0.5 < row.confidence_score < 1


def test_a_system_that_errs_more_has_a_wider_range_around_the_same_forecast(tmp_path, learned):
    assert learned.widths["zone_matchup"] > learned.widths["moving_average"]
    found, _ = combined([said(1, moving_average=20.0, zone_matchup=20.0)], tmp_path, model_rows(learned))
    better, worse = (of_system(found, system) for system in ("moving_average", "zone_matchup"))
    assert worse.p90 - worse.p10 > better.p90 - better.p10
    assert worse.confidence_score < better.confidence_score


def test_without_a_line_nothing_is_recommended(tmp_path, learned):
    found, _ = combined([said(1, moving_average=20.0)], tmp_path, model_rows(learned))
    assert set(found["recommendation"]) == {"NO_LINE"}
    assert set(found["line_source"]) == {"none"}
    unknown = ["line", "edge", "over_probability", "expected_value", "price_american", "has_price"]
    assert found[unknown].isna().all(axis=None)
    assert found["p10"].notna().all()


def test_with_a_line_there_are_an_edge_and_a_probability(tmp_path, learned):
    found, _ = combined([said(1, moving_average=20.0)], tmp_path, model_rows(learned), lines={1: 24.5})
    row = of_system(found, "moving_average")
    assert (row.line, row.line_source, row.edge) == (24.5, "bookmaker", pytest.approx(-4.5))
    cumulative = learned.distribution.cumulative_at(np.array([20.0]), np.array([row.root_spread]))[0]
    assert row.over_probability == pytest.approx(1 - cumulative[24])
    assert row.recommendation == "UNDER"


def test_a_probability_of_a_whole_line_leaves_the_push_out(tmp_path, learned):
    found, _ = combined([said(1, moving_average=20.0)], tmp_path, model_rows(learned), lines={1: 21.0})
    row = of_system(found, "moving_average")
    cumulative = learned.distribution.cumulative_at(np.array([20.0]), np.array([row.root_spread]))[0]
    push = cumulative[21] - cumulative[20]
    assert push > 0.03
    assert row.over_probability == pytest.approx((1 - cumulative[21]) / (1 - push))


@pytest.mark.parametrize(("forecast", "recommendation"), [(14.0, "UNDER"), (21.0, "PASS"), (27.0, "OVER")])
def test_the_likelier_side_is_recommended_if_it_is_likely_enough(tmp_path, learned, forecast, recommendation):
    models = model_rows(learned)
    found, _ = combined([said(1, moving_average=forecast)], tmp_path, models, lines={1: 20.5})
    row = of_system(found, "moving_average")
    assert row.recommendation == recommendation
    assert (row.price_american, row.has_price) == (-110.0, False)
    likelier = max(row.over_probability, 1 - row.over_probability)
    assert (row.expected_value >= 0.02 and likelier >= 0.55) == (recommendation != "PASS")


def test_a_price_that_does_not_pay_is_passed(tmp_path, learned):
    prices = {"over_price_american": -400.0, "under_price_american": 300.0}
    found, _ = combined([said(1, moving_average=23.0)], tmp_path, model_rows(learned), {1: 20.5}, **prices)
    row = of_system(found, "moving_average")
    assert row.over_probability > 0.55
    assert row.recommendation == "PASS"


def test_the_prices_and_the_markets_own_probability_are_kept(tmp_path, learned):
    prices = {"over_price_american": 105.0, "under_price_american": -125.0, "fair_over_probability": 0.46}
    found, _ = combined(
        [said(1, moving_average=27.0)], tmp_path, model_rows(learned), {1: 20.5}, bookmakers=3, **prices
    )
    row = of_system(found, "moving_average")
    assert {name: row[name] for name in (*prices, "bookmakers")} == {**prices, "bookmakers": 3}
    assert (row.recommendation, row.price_american, row.has_price) == ("OVER", 105.0, True)
    assert row.expected_value == pytest.approx(row.over_probability * 2.05 - 1)


def test_without_a_distribution_a_line_gives_an_edge_but_no_recommendation(tmp_path):
    found, _ = combined([said(1, moving_average=30.0)], tmp_path, lines={1: 20.5})
    assert set(found["edge"]) == {9.5}
    assert set(found["recommendation"]) == {"PASS"}
    assert found[[*QUANTILES, "over_probability", "confidence_score", "root_spread"]].isna().all(axis=None)


def test_a_line_of_one_player_is_not_anothers(tmp_path):
    found, _ = combined([said(1, moving_average=20.0), said(2, moving_average=20.0)], tmp_path, lines={2: 20.5})
    assert found.groupby("player_id")["line_source"].unique().map(list).to_dict() == {1: ["none"], 2: ["bookmaker"]}


def test_without_a_model_the_trained_systems_are_absent_with_the_reason_and_the_rest_speak(tmp_path):
    found, silent = combined([said(1, moving_average=20.0, zone_matchup=21.0, similarity=24.0)], tmp_path)
    assert sorted(found["system_id"]) == ["ensemble", "moving_average", "similarity", "zone_matchup"]
    assert silent[["system_id", "reason"]].values.tolist() == [[system, "too few rows"] for system in TRAINED]


def test_a_day_without_a_row_in_prop_model_says_so(tmp_path):
    found, silent = combined([said(1, moving_average=20.0)], tmp_path, model_rows().iloc[:0])
    assert sorted(found["system_id"]) == ["ensemble", "moving_average"]
    assert silent.set_index("system_id")["reason"]["lightgbm"] == "no row in prop_model"


def test_a_player_whom_nobody_forecasts_is_listed_with_every_reason(tmp_path):
    found, silent = combined([said(1)], tmp_path)
    assert found.empty
    reasons = silent.set_index("system_id")["reason"]
    assert reasons["ensemble"] == "no system spoke: no earlier game, too few rows"
    assert reasons["similarity"] == "no earlier game"


def test_a_player_without_a_row_in_untrained_forecasts_is_said_to_have_none(tmp_path):
    untrained = rows("untrained_forecasts", [said(1, moving_average=20.0)]).to_pandas()
    found, silent = frames(feature_rows(1, 2), untrained, model_rows(), line_rows({}), tmp_path)
    assert set(found["player_id"]) == {1}
    reasons = silent[silent["player_id"] == 2].set_index("system_id")["reason"]
    assert {reasons[system] for system in UNTRAINED} == {"no row in untrained_forecasts"}


def test_every_player_and_system_is_a_row_or_a_reason(tmp_path, with_model):
    found, silent = combined([said(1, moving_average=20.0), said(2)], tmp_path, with_model)
    keys = pd.concat([found, silent])[["player_id", "system_id"]].values.tolist()
    assert sorted(map(tuple, keys)) == [(player, system) for player in (1, 2) for system in sorted(SYSTEMS)]
    assert silent["reason"].notna().all()
    assert not silent.duplicated(list(PLAYER_PROP_PREDICTIONS.key)).any()


def test_untrained_forecasts_that_say_two_things_of_a_row_are_refused(tmp_path):
    untrained = rows("untrained_forecasts", [said(1, moving_average=20.0)] * 2).to_pandas()
    with pytest.raises(pd.errors.MergeError):
        frames(feature_rows(1), untrained, model_rows(), line_rows({}), tmp_path)


def test_each_information_set_has_its_own_model_calibration_and_answers(tmp_path, learned, monkeypatch):
    few_rounds(monkeypatch)
    models = []
    for seed, name in enumerate(("pregame", "lineup")):
        model_id, digest = registry.save(tmp_path, f"points-{name}-2022-02-01", small_model(seed=seed).to_text())
        weights = Calibration(weights={"moving_average": 1.0} if name == "pregame" else {LIGHTGBM: 1.0})
        models.append(model_rows(weights, model_id=model_id, file_sha256=digest, information_set=name, reason=None))
    answers = [said(1, moving_average=20.0), said(1, "lineup", moving_average=22.0)]
    found, _ = combined(answers, tmp_path, pd.concat(models), lines={1: 20.5})
    assert not found.duplicated(list(PLAYER_PROP_PREDICTIONS.key)).any()
    by = found.set_index(["system_id", "information_set"])
    assert by["predicted_value"]["moving_average"].to_dict() == {"pregame": 20.0, "lineup": 22.0}
    assert by["predicted_value"][ENSEMBLE, "pregame"] == 20.0
    assert by["predicted_value"][ENSEMBLE, "lineup"] == by["predicted_value"][LIGHTGBM, "lineup"]
    assert by["predicted_value"][LIGHTGBM].nunique() == 2
    assert by["model_id"][LIGHTGBM].str.contains("lineup").to_dict() == {"pregame": False, "lineup": True}
    assert set(by["line"]) == {20.5}


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_text("{}")])
def test_a_model_whose_file_is_gone_or_changed_is_an_error_and_not_silence(tmp_path, with_model, damage):
    for file in tmp_path.iterdir():
        damage(file)
    with pytest.raises(registry.ModelFileError):
        combined([said(1, moving_average=10.0)], tmp_path, with_model)


def test_what_a_row_carries_is_its_own_players(tmp_path):
    found, _ = combined([said(1, moving_average=20.0), said(2, moving_average=10.0)], tmp_path)
    assert (found["player_name"] == "Player " + found["player_id"].astype(str)).all()
    assert found.groupby("player_id")["predicted_value"].unique().map(list).to_dict() == {1: [20.0], 2: [10.0]}
    assert set(found["game_id"]) == {game_id()}
    assert (set(found["team_id"]), set(found["opponent_team_id"])) == ({ATL}, {BOS})
    assert set(found["feature_quality_score"]) == {0.5}
    assert (found["created_at"] == NOW).all()


def test_players_are_forecast_apart_in_any_number_at_once(tmp_path, with_model, monkeypatch):
    answers = [said(player, moving_average=float(player)) for player in range(1, 8)]
    whole, _ = combined(answers, tmp_path, with_model, lines={3: 2.5})
    monkeypatch.setattr("nba_assets.models.together._CHUNK", 2)
    pd.testing.assert_frame_equal(combined(answers, tmp_path, with_model, lines={3: 2.5})[0], whole)


def test_a_day_without_players_gives_no_rows_and_no_silence(tmp_path):
    untrained = rows("untrained_forecasts", [said(1)]).to_pandas().iloc[:0]
    found, silent = frames(feature_rows(1).iloc[:0], untrained, model_rows().iloc[:0], line_rows({}), tmp_path)
    assert found.empty
    assert silent.empty
    assert tuple(found.columns) == PLAYER_PROP_PREDICTIONS.column_names


def test_no_forecast_is_missing_or_infinite_even_if_every_feature_is_unknown(tmp_path, with_model):
    given = feature_rows(1, 2)
    given[list(FEATURES)] = np.nan
    untrained = rows("untrained_forecasts", [said(1, moving_average=0.0), said(2, moving_average=70.0)]).to_pandas()
    lines = line_rows({1: 0.5, 2: 20.0})
    found, _ = frames(given, untrained, with_model, lines, tmp_path)
    numbers = ["predicted_value", *QUANTILES, "root_spread", "confidence_score", "over_probability", "edge"]
    assert np.isfinite(found[numbers].to_numpy(dtype="float64")).all()
    assert found[["confidence_score", "over_probability"]].to_numpy().min() >= 0
    assert found[["confidence_score", "over_probability"]].to_numpy().max() <= 1
