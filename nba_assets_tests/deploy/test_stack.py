"""The team's set-up at work, with a secret planted in every variable that holds one.

Runs of the web interface and of the command line take turns, and no secret is anywhere afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from nba_assets.alerts import sensors
from nba_assets.alerts.errors import AlertsError
from nba_assets.days import DayRange
from nba_assets.local.home import open_instance
from nba_assets.settings import load_settings
from nba_assets.variables import VARIABLES
from nba_assets_tests.deploy.stack import Stack, running_stack
from nba_assets_tests.postgres import PASSWORD, Postgres
from nba_assets_tests.turns.holding import holding
from nba_assets_tests.ui.api import Api
from nba_assets_tests.ui.server import wait_until

DAY = "2019-10-22"
OPENING_NIGHT = DayRange(date(2019, 10, 22), date(2019, 10, 22))
TOKEN = "planted" * 2
"""Stands in every secret but the password of the database, which is that of the server."""

_LOG = """
query ($id: ID!) {
  logsForRun(runId: $id) { ... on EventConnection { events { ... on MessageEvent { message } } } }
}"""
_CONFIGURATION = "{ instance { info } }"


def planted(postgres_url: str) -> dict[str, str]:
    """A usable value with a secret in it for every variable that holds one. Nobody listens where the alerts go."""
    return {
        "NBA_ASSETS_POSTGRES_URL": postgres_url,
        "NBA_ASSETS_ALERTS_ERROR": f"json://user:{TOKEN}@127.0.0.1:9/{TOKEN}",
        "NBA_ASSETS_ALERTS_WARN": f"json://127.0.0.1:9/{TOKEN}",
        "NBA_ASSETS_ODDS_API_KEY": TOKEN,
        "NBA_ASSETS_PROXY": f"http://user:{TOKEN}@127.0.0.1:9",
    }


def secrets(postgres_url: str) -> list[bytes]:
    """What must be nowhere: the token and the password, as it is and as it is in the URL."""
    escaped = postgres_url.partition("dagster:")[2].partition("@127.0.0.1")[0]
    return [TOKEN.encode(), PASSWORD.encode(), escaped.encode()]


def leaks(wanted: list[bytes], folders: list[Path], postgres_url: str) -> list[str]:
    """Files, and tables of the database, in which one of the secrets is."""
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    found = [str(file) for file in files if any(secret in file.read_bytes() for secret in wanted)]
    with psycopg2.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT CAST(t AS text) FROM "{table}" AS t')
            if any(secret in row.encode() for (row,) in cursor.fetchall() for secret in wanted):
                found.append(f"table {table}")
    connection.close()
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("team")


@pytest.fixture(scope="module")
def url(postgres) -> str:
    return postgres.new_database("team")


@pytest.fixture(scope="module")
def stack(folder, url) -> Iterator[Stack]:
    environment = {"NBA_ASSETS_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1", **planted(url)}
    with running_stack(folder, environment) as running:
        yield running


@pytest.fixture
def api(stack) -> Api:
    return Api(stack.url)


def messages(api: Api, run_id: str) -> str:
    return "\n".join(event.get("message", "") for event in api.ask(_LOG, id=run_id)["logsForRun"]["events"])


def test_a_run_of_the_web_interface_waits_for_a_command_and_says_so_in_its_log(stack, api, folder):
    with holding(str(folder / "home" / "turn.lock"), OPENING_NIGHT, "nba-assets backfill 2019-10-22") as first:
        assert first.says() == "held"
        run_id = api.launch_run({"nba_raw.games", "nba_raw.injuries"}, [DAY])
        wait_until(
            lambda: "Waiting for nba-assets backfill 2019-10-22 (process " in messages(api, run_id),
            120,
            lambda: messages(api, run_id),
        )
        first.let_go()
    assert api.wait_for_run(run_id, 120) == "SUCCESS"
    assert "It is this run's turn, after " in messages(api, run_id)
    assert api.materialized_ranges(["nba_raw", "games"]) == [(DAY, DAY)]


def test_no_secret_is_anywhere_after_a_day_and_whatever_can_fail(stack, api, folder, url, monkeypatch):
    assert set(planted(url)) == {variable.name for variable in VARIABLES if variable.is_secret}, "plant one in each"
    said = folder / "said"
    said.mkdir()

    def keep(name: str, text: str) -> str:
        (said / name).write_text(text)
        return text

    def run(name: str, *words: str, status: int | None, **environment: str) -> str:
        here = Stack(stack.web_port, stack.code_port, {**stack.environment, **environment}, stack.logs)
        done = here.run("nba-assets", *words)
        text = keep(name, done.stdout + done.stderr)
        assert status is None or done.returncode == status, text
        return text

    run("backfill", "backfill", DAY, DAY, status=0)
    assert api.materialized_ranges(["nba_predictions", "player_prop_predictions"]) == [(DAY, DAY)]
    run("check", "check", DAY, DAY, status=None)
    run("report", "report", DAY, DAY, "--output", str(folder / "home" / "report.html"), status=0)
    assert "127.0.0.1" in run("alerts_test", "alerts", "test", status=1)
    # The server is not there, or the password is wrong: of a command, and of Dagster's own.
    nobody = Postgres(port=9).url("team")
    games = ("backfill", DAY, DAY, "--tables", "games", "--rebuild")
    assert "cannot be used" in run("no_server", *games, status=1, NBA_ASSETS_POSTGRES_URL=nobody)
    wrong = url.replace("dagster:", f"dagster:{TOKEN}")
    assert "password authentication failed" in run("refused", *games, status=1, NBA_ASSETS_POSTGRES_URL=wrong)
    run("dagster_refused", "exec", "dagster", "run", "list", status=1, NBA_ASSETS_POSTGRES_URL=wrong)
    keep("configuration", str(api.ask(_CONFIGURATION)))
    for name, value in {**planted(url), "NBA_ASSETS_HOME": stack.environment["NBA_ASSETS_HOME"]}.items():
        monkeypatch.setenv(name, value)
    keep("sensors", _tick_sensors())
    found = leaks(secrets(url), [folder], url)
    assert found == []
    assert b"env: NBA_ASSETS_POSTGRES_URL" in (folder / "home" / "dagster" / "dagster.yaml").read_bytes()
    assert list((folder / "home" / "alerts").rglob("*.json")), "no alert was queued, so that none could leak"


def _tick_sensors() -> str:
    """What the sensors say of the day's checks, queue, and fail to deliver."""
    said = []
    with open_instance(load_settings()) as instance:
        for sensor in (sensors.alert_failed_checks, sensors.alert_failed_runs, sensors.deliver_alerts):
            try:
                said.append(str(sensor(dg.build_sensor_context(instance=instance))))
            except AlertsError as error:
                said.append(str(error))
    assert "have failed" in said[-1] or "has failed" in said[-1], said
    return "\n".join(said)


def test_a_leak_would_be_found_in_a_file_and_in_the_database(tmp_path, database):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text("harmless")
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE event_logs (event text); INSERT INTO event_logs VALUES ('harmless')")
    assert leaks(secrets(database), [tmp_path], database) == []
    (tmp_path / "deep" / "log").write_text(f"could not send to json://{TOKEN}")
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO event_logs VALUES (%s)", (f"could not connect: {database}",))
    connection.close()
    assert leaks(secrets(database), [tmp_path], database) == [str(tmp_path / "deep" / "log"), "table event_logs"]
