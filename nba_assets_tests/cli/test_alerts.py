"""nba-assets alerts: trying destinations, what is undelivered, silencing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nba_assets.alerts.delivery import deliver
from nba_assets.alerts.messages import Message
from nba_assets.alerts.outbox import Outbox
from nba_assets.alerts.silences import eastern_today
from nba_assets.cli import alerts as command
from nba_assets.settings import load_settings
from nba_assets_tests.alerts.servers import WebHook, mail_server
from nba_assets_tests.cli.command import run

TOMORROW = str(eastern_today() + timedelta(days=1))


@pytest.fixture
def hook():
    hook = WebHook()
    yield hook
    hook.close()


@pytest.fixture
def checks(monkeypatch):
    """The checks of a table, without loading the whole graph."""
    monkeypatch.setattr(command, "known_checks", lambda table: [f"{table.rpartition('.')[2]}_ok", "has_rows"])


def test_a_test_message_of_each_severity_reaches_its_destinations(home, monkeypatch, hook):
    hook.open()
    with mail_server() as mailbox:
        monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", f"{hook.url} {mailbox.url}")
        monkeypatch.setenv("NBA_ASSETS_ALERTS_WARN", hook.url)
        outcome = run("alerts", "test")
        assert [m["Subject"] for m in mailbox.received] == ["nba-assets ERROR: test"]
    assert outcome.status == 0
    assert hook.titles == ["nba-assets ERROR: test", "nba-assets WARN: test"]
    assert outcome.stdout.count("delivered") == 3


def test_a_destination_that_fails_is_named_with_the_reason_and_exit_status_1(home, monkeypatch, hook):
    with mail_server() as mailbox:
        monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", f"{hook.url} {mailbox.url}")
        outcome = run("alerts", "test")
        assert len(mailbox.received) == 1
    assert outcome.status == 1
    assert "ERROR: json://127.0.0.1:" in outcome.text
    assert "failed: A Connection error occurred" in outcome.text
    assert "WARN: no destination; set NBA_ASSETS_ALERTS_WARN" in outcome.text
    assert "secret" not in outcome.text


def test_without_any_destination_the_test_says_what_to_set_and_fails(home):
    outcome = run("alerts", "test")
    assert outcome.status == 1
    assert "set NBA_ASSETS_ALERTS_ERROR" in outcome.text


def test_a_url_that_cannot_be_used_is_one_message(home, monkeypatch):
    monkeypatch.setenv("NBA_ASSETS_ALERTS_WARN", "slack://nonsense")
    outcome = run("alerts", "test")
    assert outcome.status == 1
    assert outcome.stderr.startswith("Error: NBA_ASSETS_ALERTS_WARN: URL number 1 (slack://...) is none that")


def test_what_is_undelivered_is_listed_with_the_reason_and_the_next_attempt(home, monkeypatch, hook):
    monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", hook.url)
    settings = load_settings()
    Outbox(settings.alerts_folder).put(Message("m1", "ERROR", "It failed", "body", "link"))
    deliver(settings)
    outcome = run("alerts", "list")
    assert outcome.status == 0
    assert "1 undelivered message - It failed (queued 20" in outcome.text
    assert "tried once, again at 20" in outcome.text
    assert "A Connection error occurred" in outcome.text
    assert "No silenced checks" in outcome.text
    [letter] = run("alerts", "list", "--json").json["undelivered"]
    assert (letter["id"], letter["severity"], letter["title"]) == ("m1", "ERROR", "It failed")
    [destination] = letter["destinations"]
    assert (destination["attempts"], destination["delivered"]) == (1, None)


def test_with_nothing_to_list_the_list_says_so_and_makes_no_folder(home):
    assert run("alerts", "list").text == "No undelivered messages No silenced checks"
    assert run("alerts", "list", "--json").json == {"undelivered": [], "silenced": []}
    assert not home.exists()


@pytest.mark.parametrize("table", ["games", "nba_raw.games"])
def test_a_check_is_silenced_listed_and_heard_again(home, checks, table):
    assert run("alerts", "silence", table, "has_rows", "--until", TOMORROW, "--reason", "known gap").status == 0
    listed = run("alerts", "list", "--json").json["silenced"]
    assert listed == [{"table": "nba_raw.games", "check": "has_rows", "until": TOMORROW, "reason": "known gap"}]
    assert f"1 silenced check - nba_raw.games has_rows until {TOMORROW}: known gap" in run("alerts", "list").text
    assert run("alerts", "unsilence", table, "has_rows").status == 0
    assert run("alerts", "list", "--json").json["silenced"] == []
    assert run("alerts", "unsilence", table, "has_rows").status == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gmaes", "has_rows", "--until", TOMORROW], "No table is named gmaes. Tables: games,"),
        (["nba_analytics.games", "has_rows", "--until", TOMORROW], "No table is named nba_analytics.games."),
        (
            ["games", "has_rwos", "--until", TOMORROW],
            "nba_raw.games has no check has_rwos. It has: games_ok, has_rows.",
        ),
        (["games", "has_rows", "--until", "2022-01-31"], "--until is 2022-01-31, which is past."),
        (["games", "has_rows", "--until", "soon"], "'soon' does not match the format"),
        (["games", "has_rows"], "Missing option '--until'"),
    ],
)
def test_what_cannot_be_silenced_is_a_usage_error_that_says_why(home, checks, arguments, message):
    outcome = run("alerts", "silence", *arguments)
    assert outcome.status == 2
    assert message in outcome.text
    assert not home.exists()


def test_the_checks_of_a_table_are_those_of_the_code_location(home):
    from nba_assets.definitions import defs

    keys = defs.resolve_asset_graph().asset_check_keys
    for table in ("nba_raw.games", "nba_raw.shots"):
        assert command.known_checks(table) == sorted(k.name for k in keys if k.asset_key.path == table.split("."))


@pytest.mark.parametrize("name", sorted(command.alerts.commands))
def test_every_subcommand_and_option_is_explained(name):
    subcommand = command.alerts.commands[name]
    assert subcommand.help
    for parameter in subcommand.params:
        assert parameter.param_type_name == "argument" or parameter.help
