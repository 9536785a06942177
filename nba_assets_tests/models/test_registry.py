"""Model files: named by content, written whole, and refused if they are not the ones that were registered."""

from __future__ import annotations

import hashlib

import pytest

from nba_assets.models import registry
from nba_assets.models.features import MODEL_FEATURES
from nba_assets.models.trained_model import TrainedModel
from nba_assets_tests.models.learning import few_rounds, small_model

NAME = "points-pregame-2022-02-01"
TEXT = '{"features": ["a"], "linear": {}}'


def test_the_same_model_has_the_same_id_hash_and_file(tmp_path):
    first, second = (registry.save(tmp_path, NAME, TEXT) for _ in range(2))
    assert first == second
    assert [file.name for file in tmp_path.iterdir()] == [f"{first[0]}.txt"]


def test_the_id_says_what_it_is_of_and_its_content(tmp_path):
    model_id, digest = registry.save(tmp_path, NAME, TEXT)
    assert digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert model_id == f"{NAME}-{digest[:8]}"


def test_another_model_or_another_name_is_another_file(tmp_path):
    of = ((NAME, TEXT), (NAME, TEXT + " "), ("points-lineup-2022-02-01", TEXT))
    ids = {registry.save(tmp_path, name, text)[0] for name, text in of}
    assert len(ids) == len(list(tmp_path.iterdir())) == 3


def test_a_trained_model_comes_back_as_it_was_saved(tmp_path, monkeypatch):
    few_rounds(monkeypatch)
    model = small_model()
    loaded = registry.load(tmp_path, *registry.save(tmp_path, NAME, model.to_text()))
    assert loaded == model.to_text()
    assert TrainedModel.from_text(loaded).regression.features == MODEL_FEATURES


def test_the_file_is_plain_text(tmp_path, monkeypatch):
    few_rounds(monkeypatch)
    model_id, _ = registry.save(tmp_path, NAME, small_model().to_text())
    text = (tmp_path / f"{model_id}.txt").read_text(encoding="ascii")
    assert text.startswith("{")
    assert "feature_names=" in text


def test_the_folder_is_made_if_it_is_missing(tmp_path):
    model_id, _ = registry.save(tmp_path / "new" / "models", NAME, TEXT)
    assert (tmp_path / "new" / "models" / f"{model_id}.txt").exists()


def test_nothing_but_the_file_is_left_behind(tmp_path):
    registry.save(tmp_path, NAME, TEXT)
    assert [file.suffix for file in tmp_path.iterdir()] == [".txt"]


def test_a_missing_file_is_an_error_that_says_what_to_build(tmp_path):
    assert not registry.is_intact(tmp_path, f"{NAME}-00000000", "0" * 64)
    with pytest.raises(registry.ModelFileError, match=r"cannot be read.*Build prop_model for the day again"):
        registry.load(tmp_path, f"{NAME}-00000000", "0" * 64)


@pytest.mark.parametrize("change", [lambda text: text + " ", lambda text: text.replace("a", "b", 1), lambda _: ""])
def test_a_file_that_was_changed_is_refused(tmp_path, change):
    model_id, digest = registry.save(tmp_path, NAME, TEXT)
    assert registry.is_intact(tmp_path, model_id, digest)
    file = tmp_path / f"{model_id}.txt"
    file.write_text(change(file.read_text()))
    assert not registry.is_intact(tmp_path, model_id, digest)
    with pytest.raises(registry.ModelFileError, match="is not the one registered"):
        registry.load(tmp_path, model_id, digest)


def test_saving_again_mends_a_file_that_was_changed(tmp_path):
    model_id, digest = registry.save(tmp_path, NAME, TEXT)
    (tmp_path / f"{model_id}.txt").write_text("tampered")
    registry.save(tmp_path, NAME, TEXT)
    assert registry.load(tmp_path, model_id, digest) == TEXT
