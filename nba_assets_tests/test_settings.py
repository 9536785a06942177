"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_assets.settings import SettingsError, load_settings


def test_a_fresh_machine_gets_the_simulated_league_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert (settings.source, settings.archive, settings.warehouse, settings.seed) == ("simulated", None, "duckdb", 7)
    assert settings.home == tmp_path / ".nba_assets"
    assert settings.warehouse_file == settings.home / "warehouse.duckdb"
    assert settings.models_folder == settings.home / "models"
    assert settings.dagster_home == settings.home / "dagster"


def test_loading_makes_no_folder(tmp_path):
    load_settings({"NBA_ASSETS_HOME": str(tmp_path / "home")})
    assert list(tmp_path.iterdir()) == []


def test_an_archive_folder_selects_the_archive(tmp_path):
    settings = load_settings({"NBA_ASSETS_ARCHIVE": str(tmp_path)})
    assert (settings.source, settings.archive) == ("archive", tmp_path)


def test_the_source_may_be_chosen_against_the_folder(tmp_path):
    given = {"NBA_ASSETS_ARCHIVE": str(tmp_path), "NBA_ASSETS_SOURCE": "simulated"}
    assert load_settings(given).source == "simulated"


def test_empty_values_count_as_unset():
    names = ("HOME", "ARCHIVE", "SOURCE", "WAREHOUSE", "SEED")
    assert load_settings({f"NBA_ASSETS_{name}": "" for name in names}) == load_settings({})


def test_paths_are_absolute_and_know_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    assert load_settings({"NBA_ASSETS_HOME": "~/nba"}).home == Path("/somewhere/nba").resolve()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"NBA_ASSETS_SOURCE": "espn"}, "NBA_ASSETS_SOURCE is 'espn'; it must be one of archive, simulated"),
        ({"NBA_ASSETS_SOURCE": "archive"}, "set NBA_ASSETS_ARCHIVE"),
        ({"NBA_ASSETS_ARCHIVE": "/no/such/folder"}, "'/no/such/folder', which is not a folder"),
        ({"NBA_ASSETS_WAREHOUSE": "sqlite"}, "NBA_ASSETS_WAREHOUSE is 'sqlite'; it must be one of"),
        ({"NBA_ASSETS_SEED": "-1"}, "NBA_ASSETS_SEED is '-1'; it must be a whole number"),
        ({"NBA_ASSETS_SEED": "seven"}, "NBA_ASSETS_SEED is 'seven'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(given, message):
    with pytest.raises(SettingsError) as error:
        load_settings(given)
    assert message in str(error.value)


def test_the_environment_is_read_when_no_mapping_is_given(monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_SEED", "12")
    assert load_settings().seed == 12
