"""Model files: named by content, written whole, and refused if they are not the ones that were registered."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nba_assets.models import registry
from nba_assets.tables.predictions import FEATURES
from nba_assets_tests.models.learning import tiny_booster

CUTOFF = date(2022, 2, 1)


def test_the_same_model_has_the_same_id_hash_and_file(tmp_path):
    first, second = (registry.save(tmp_path, "points", CUTOFF, tiny_booster()) for _ in range(2))
    assert first == second
    assert [file.name for file in tmp_path.iterdir()] == [f"{first[0]}.txt"]


def test_the_id_says_market_cutoff_and_content(tmp_path):
    model_id, digest = registry.save(tmp_path, "points", CUTOFF, tiny_booster())
    assert model_id == f"points-2022-02-01-{digest[:8]}"


def test_another_model_with_the_same_cutoff_is_another_file(tmp_path):
    ids = {registry.save(tmp_path, "points", CUTOFF, tiny_booster(seed=seed))[0] for seed in (1, 2)}
    assert len(ids) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_a_saved_model_predicts_as_it_did_before(tmp_path):
    booster = tiny_booster()
    inputs = np.random.default_rng(2).normal(0, 1, (50, len(FEATURES)))
    loaded = registry.load(tmp_path, *registry.save(tmp_path, "points", CUTOFF, booster))
    assert np.array_equal(loaded.predict(inputs), booster.predict(inputs))


def test_the_file_is_text_and_names_the_features(tmp_path):
    model_id, _ = registry.save(tmp_path, "points", CUTOFF, tiny_booster())
    text = (tmp_path / f"{model_id}.txt").read_text(encoding="ascii")
    assert text.startswith("tree\n")
    assert f"feature_names={' '.join(FEATURES)}" in text


def test_the_folder_is_made_if_it_is_missing(tmp_path):
    model_id, _ = registry.save(tmp_path / "new" / "models", "points", CUTOFF, tiny_booster())
    assert (tmp_path / "new" / "models" / f"{model_id}.txt").exists()


def test_a_missing_file_is_an_error_that_says_what_to_build(tmp_path):
    with pytest.raises(registry.ModelFileError, match=r"cannot be read.*Build prop_model for the day again"):
        registry.load(tmp_path, "points-2022-02-01-00000000", "0" * 64)


@pytest.mark.parametrize(
    "change", [lambda text: text + " ", lambda text: text.replace("tree", "pear", 1), lambda _: ""]
)
def test_a_file_that_was_changed_is_refused(tmp_path, change):
    model_id, digest = registry.save(tmp_path, "points", CUTOFF, tiny_booster())
    file = tmp_path / f"{model_id}.txt"
    file.write_text(change(file.read_text()))
    with pytest.raises(registry.ModelFileError, match="is not the one registered"):
        registry.load(tmp_path, model_id, digest)


def test_saving_again_mends_a_file_that_was_changed(tmp_path):
    model_id, digest = registry.save(tmp_path, "points", CUTOFF, tiny_booster())
    (tmp_path / f"{model_id}.txt").write_text("tampered")
    registry.save(tmp_path, "points", CUTOFF, tiny_booster())
    assert registry.load(tmp_path, model_id, digest).num_feature() == len(FEATURES)
