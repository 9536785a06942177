"""Settings from the environment."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nba_assets import settings as settings_module
from nba_assets.settings import BigQuerySettings, SettingsError, load_settings
from nba_assets.variables import VARIABLES

SETTINGS = Path(settings_module.__file__)


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
    assert load_settings({variable.name: "" for variable in VARIABLES}) == load_settings({})


def test_every_variable_that_is_read_is_in_the_list_and_every_listed_one_is_read():
    listed = [variable.name for variable in VARIABLES]
    assert len(set(listed)) == len(listed)
    assert _names_in(SETTINGS) == set(listed)


def test_no_other_module_knows_a_variable_that_is_not_in_the_list():
    files = SETTINGS.parent.rglob("*.py")
    assert {name for file in files for name in _names_in(file)} <= {variable.name for variable in VARIABLES}


def _names_in(file: Path) -> set[str]:
    """The variables named in a module."""
    texts = (node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"(NBA_ASSETS|BIGQUERY)_[A-Z_]+", text)}


def test_paths_are_absolute_and_know_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    assert load_settings({"NBA_ASSETS_HOME": "~/nba"}).home == Path("/somewhere/nba").resolve()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"NBA_ASSETS_SOURCE": "espn"},
            "NBA_ASSETS_SOURCE is 'espn'; it must be one of archive, simulated, nba_api, landing",
        ),
        ({"NBA_ASSETS_SOURCE": "archive"}, "set NBA_ASSETS_ARCHIVE"),
        ({"NBA_ASSETS_ARCHIVE": "/no/such/folder"}, "'/no/such/folder', which is not a folder"),
        ({"NBA_ASSETS_WAREHOUSE": "sqlite"}, "NBA_ASSETS_WAREHOUSE is 'sqlite'; it must be one of"),
        ({"NBA_ASSETS_WAREHOUSE": "bigquery"}, "set NBA_ASSETS_BIGQUERY_PROJECT to the project"),
        (
            {
                "NBA_ASSETS_WAREHOUSE": "bigquery",
                "NBA_ASSETS_BIGQUERY_PROJECT": "team",
                "NBA_ASSETS_MAXIMUM_BYTES_BILLED": "1 GB",
            },
            "NBA_ASSETS_MAXIMUM_BYTES_BILLED is '1 GB'; it must be a whole number of bytes",
        ),
        ({"NBA_ASSETS_SEED": "-1"}, "NBA_ASSETS_SEED is '-1'; it must be a whole number"),
        ({"NBA_ASSETS_SEED": "seven"}, "NBA_ASSETS_SEED is 'seven'"),
        ({"NBA_ASSETS_UI_URL": "dagster.example.com"}, "NBA_ASSETS_UI_URL is 'dagster.example.com'; it must be like"),
        ({"NBA_ASSETS_UI_URL": "https://"}, "NBA_ASSETS_UI_URL is 'https:'"),
        (
            {"NBA_ASSETS_LANDING": "s3://bucket/x"},
            "NBA_ASSETS_LANDING is 's3://bucket/x'; it must be a folder or like gs",
        ),
        ({"NBA_ASSETS_LANDING": "gs:///x"}, "NBA_ASSETS_LANDING is 'gs:///x'"),
        (
            {"NBA_ASSETS_LANDING_AS_OF": "2022-01-05T18:00Z"},
            "NBA_ASSETS_LANDING_AS_OF is for NBA_ASSETS_SOURCE=landing",
        ),
        (
            {"NBA_ASSETS_SOURCE": "landing", "NBA_ASSETS_LANDING_AS_OF": "2022-01-05"},
            "NBA_ASSETS_LANDING_AS_OF is '2022-01-05'; it must be a time with its zone",
        ),
        ({"NBA_ASSETS_SOURCE": "landing", "NBA_ASSETS_LANDING_AS_OF": "now"}, "NBA_ASSETS_LANDING_AS_OF is 'now'"),
        (
            {"NBA_ASSETS_PROXY": "proxy.example.com:3128"},
            "NBA_ASSETS_PROXY must be like http://user:password@host:port.",
        ),
        ({"NBA_ASSETS_STALLED_AFTER_MINUTES": "0"}, "NBA_ASSETS_STALLED_AFTER_MINUTES is '0'; it must be a whole"),
        ({"NBA_ASSETS_CONCURRENT_RUNS": "0"}, "NBA_ASSETS_CONCURRENT_RUNS is '0'; it must be a whole number"),
        ({"NBA_ASSETS_CONCURRENT_RUNS": "2"}, "a DuckDB file has one writer"),
        ({"NBA_ASSETS_HOME": "a\udcff"}, "NBA_ASSETS_HOME has a value that is no text in UTF-8"),
        ({"NBA_ASSETS_HOME": "/what?/home"}, "NBA_ASSETS_HOME is '/what?/home'; its path may have no question mark"),
        ({"NBA_ASSETS_SEED": "²"}, "NBA_ASSETS_SEED is '²'; it must be a whole number"),
        ({"NBA_ASSETS_SEED": "9" * 5000}, "it must be a whole number"),
        ({"NBA_ASSETS_HOME": "~nobody-here/x"}, "NBA_ASSETS_HOME is '~nobody-here/x', which can be no folder"),
        ({"NBA_ASSETS_ARCHIVE": "x" * 5000}, "which is not a folder"),
        ({"NBA_ASSETS_UI_URL": "http://[x"}, "NBA_ASSETS_UI_URL is 'http://[x'; it must be like"),
        ({"NBA_ASSETS_UI_URL": "http://x:99999"}, "NBA_ASSETS_UI_URL is 'http://x:99999'; it must be like"),
        ({"NBA_ASSETS_PROXY": "http://[x"}, "NBA_ASSETS_PROXY must be like"),
        ({"NBA_ASSETS_LANDING": "gs://["}, "NBA_ASSETS_LANDING is 'gs://['"),
        (
            {"NBA_ASSETS_SOURCE": "landing", "NBA_ASSETS_LANDING_AS_OF": "0001-01-01T00:00+23:59"},
            "it must be a time with its zone",
        ),
        (
            {"NBA_ASSETS_WAREHOUSE": "bigquery", "NBA_ASSETS_BIGQUERY_PROJECT": "a`; DROP"},
            "NBA_ASSETS_BIGQUERY_PROJECT is 'a`; DROP'; it may have letters",
        ),
        (
            {
                "NBA_ASSETS_WAREHOUSE": "bigquery",
                "NBA_ASSETS_BIGQUERY_PROJECT": "team",
                "BIGQUERY_EMULATOR_HOST": "localhost",
            },
            "BIGQUERY_EMULATOR_HOST is 'localhost'; it must be like http://127.0.0.1:9050",
        ),
        ({"NBA_ASSETS_STALLED_AFTER_MINUTES": "1.5"}, "NBA_ASSETS_STALLED_AFTER_MINUTES is '1.5'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(given, message):
    with pytest.raises(SettingsError) as error:
        load_settings(given)
    assert message in str(error.value)


def test_the_environment_is_read_when_no_mapping_is_given(monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_SEED", "12")
    assert load_settings().seed == 12


def test_alerts_go_nowhere_unless_destinations_are_named():
    settings = load_settings({})
    assert (settings.alerts_error, settings.alerts_warn) == ((), ())
    assert (settings.ui_url, settings.stalled_after_minutes) == ("http://127.0.0.1:3000", 15)


def test_destinations_are_separated_by_blanks_or_lines_and_taken_once(tmp_path):
    given = {
        "NBA_ASSETS_HOME": str(tmp_path),
        "NBA_ASSETS_ALERTS_ERROR": "json://one.example.com  json://two.example.com\n json://one.example.com\n",
        "NBA_ASSETS_ALERTS_WARN": "mailto://mail.example.com?from=a@example.com&to=b@example.com",
        "NBA_ASSETS_UI_URL": "https://dagster.example.com/nba/",
        "NBA_ASSETS_STALLED_AFTER_MINUTES": "30",
    }
    settings = load_settings(given)
    assert settings.alerts_error == ("json://one.example.com", "json://two.example.com")
    assert settings.alerts_warn == ("mailto://mail.example.com?from=a@example.com&to=b@example.com",)
    assert (settings.ui_url, settings.stalled_after_minutes) == ("https://dagster.example.com/nba", 30)
    assert settings.alerts_folder == tmp_path / "alerts"


@pytest.mark.parametrize("url", ["slack://s3cret", "nosuch://user:s3cret@host", "s3cret", "mailto://u:s3cret@"])
@pytest.mark.parametrize("name", ["NBA_ASSETS_ALERTS_ERROR", "NBA_ASSETS_ALERTS_WARN"])
def test_a_destination_that_cannot_be_used_is_counted_and_its_secrets_are_not_shown(name, url, capfd):
    with pytest.raises(SettingsError) as error:
        load_settings({name: f"json://example.com {url}"})
    assert str(error.value).startswith(f"{name}: URL number 2 ")
    assert "s3cret" not in str(error.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "url", ["s3cret", "mysql://u:s3cret@host/db", "postgresql://u:s3cret@host", "postgresql://u:s3/cret:s3cret@host/db"]
)
def test_an_address_of_a_database_that_cannot_be_used_is_named_without_its_secrets(url):
    with pytest.raises(SettingsError, match="NBA_ASSETS_POSTGRES_URL is no address of a database") as error:
        load_settings({"NBA_ASSETS_POSTGRES_URL": url})
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None


def test_the_examples_of_the_documentation_can_be_used():
    text = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text()
    examples = re.findall(r'^ +export (NBA_ASSETS_ALERTS_\w+)="([^"]+)"', text, re.MULTILINE)
    assert len(examples) > 3
    for name, urls in examples:
        assert load_settings({name: urls})


def test_secrets_are_not_in_the_text_of_the_settings():
    values = {
        "NBA_ASSETS_POSTGRES_URL": "postgresql://user:s3cret@example.com/dagster",
        "NBA_ASSETS_ALERTS_ERROR": "json://user:s3cret@error.example.com",
        "NBA_ASSETS_ALERTS_WARN": "json://user:s3cret@example.com",
        "NBA_ASSETS_ODDS_API_KEY": "s3cret",
        "NBA_ASSETS_PROXY": "http://user:s3cret@proxy.example.com:3128",
    }
    assert set(values) == {variable.name for variable in VARIABLES if variable.is_secret}
    assert "s3cret" not in repr(load_settings(values))


def test_without_alerts_the_notification_library_is_not_loaded():
    code = "import sys, nba_assets.settings as s; s.load_settings({}); print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_raw_responses_land_below_the_home_or_where_one_says(tmp_path):
    home = {"NBA_ASSETS_HOME": str(tmp_path)}
    assert load_settings(home).landing == str(tmp_path / "landing")
    assert load_settings({**home, "NBA_ASSETS_LANDING": str(tmp_path / "raw")}).landing == str(tmp_path / "raw")
    assert load_settings({**home, "NBA_ASSETS_LANDING": "gs://bucket/raw/"}).landing == "gs://bucket/raw"


def test_the_landing_zone_is_read_as_of_a_time_in_utc():
    given = {"NBA_ASSETS_SOURCE": "landing", "NBA_ASSETS_LANDING_AS_OF": "2022-01-05T13:00-05:00"}
    assert load_settings(given).landing_as_of == datetime(2022, 1, 5, 18, tzinfo=UTC)


def test_what_landed_before_a_time_can_be_fetched_again():
    given = {"NBA_ASSETS_SOURCE": "nba_api", "NBA_ASSETS_REFETCH_BEFORE": "2022-01-05T18:00Z"}
    assert load_settings(given).refetch_before == datetime(2022, 1, 5, 18, tzinfo=UTC)
    with pytest.raises(SettingsError, match="NBA_ASSETS_REFETCH_BEFORE is for NBA_ASSETS_SOURCE=nba_api"):
        load_settings({**given, "NBA_ASSETS_SOURCE": "landing"})


def test_the_odds_key_and_the_proxy_are_taken_and_not_shown():
    given = {"NBA_ASSETS_ODDS_API_KEY": "s3cret", "NBA_ASSETS_PROXY": "http://user:s3cret@proxy:3128"}
    settings = load_settings(given)
    assert (settings.odds_api_key, settings.proxy) == ("s3cret", "http://user:s3cret@proxy:3128")
    assert "s3cret" not in repr(settings)
    with pytest.raises(SettingsError) as error:
        load_settings({"NBA_ASSETS_PROXY": "user:s3cret@proxy"})
    assert "s3cret" not in str(error.value)


def test_live_sources_and_their_captures_are_built_from_settings(tmp_path):
    from nba_assets.platform import build_platform
    from nba_assets.sources.live.source import LiveSource

    for source in ("nba_api", "landing"):
        built = build_platform(load_settings({"NBA_ASSETS_HOME": str(tmp_path), "NBA_ASSETS_SOURCE": source})).source
        assert isinstance(built, LiveSource)
        assert built.name == "nba_api"
        assert built.is_online == (source == "nba_api")
    assert list(tmp_path.iterdir()) == []


def test_bigquery_is_a_project_a_place_and_a_limit():
    given = {"NBA_ASSETS_WAREHOUSE": "bigquery", "NBA_ASSETS_BIGQUERY_PROJECT": "team"}
    assert load_settings(given).bigquery == BigQuerySettings("team", "US", None, None)
    given |= {"NBA_ASSETS_BIGQUERY_LOCATION": "EU", "NBA_ASSETS_MAXIMUM_BYTES_BILLED": "1000"}
    given |= {"BIGQUERY_EMULATOR_HOST": "http://127.0.0.1:9050"}
    assert load_settings(given).bigquery == BigQuerySettings("team", "EU", 1000, "http://127.0.0.1:9050")
