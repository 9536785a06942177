"""Delivery to real servers: once to each destination, again where it failed, and never lost in silence."""

from __future__ import annotations

import json
import time

import dagster as dg
import pytest
from apprise.plugins.custom_json import NotifyJSON

from nba_assets.alerts import delivery, outbox
from nba_assets.alerts.delivery import Destination, deliver, send
from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.messages import Message
from nba_assets.alerts.outbox import Outbox
from nba_assets.alerts.sensors import deliver_alerts

BODY = "- nba_raw.games points_add_up fails on 2022-01-03\n  a < b & c"
LINK = "http://127.0.0.1:3000/runs/abc"


def message(number=1, severity="ERROR", body=BODY):
    return Message(f"m{number}", severity, f"nba-assets {severity}: number {number}", body, LINK)


def put(settings, *messages):
    for given in messages or [message()]:
        Outbox(settings.alerts_folder).put(given)


def later(seconds):
    return lambda: time.time() + seconds


def tick():
    return deliver_alerts(dg.build_sensor_context())


def waiting(settings):
    return [letter.message.id for letter in Outbox(settings.alerts_folder).letters()]


def test_a_web_hook_gets_title_text_and_link(configure, hook):
    settings = configure(error=hook.url)
    put(settings)
    assert tick().skip_message == "1 delivered."
    [received] = hook.received
    assert received["title"] == "nba-assets ERROR: number 1"
    assert received["message"] == f"{BODY}\n\n{LINK}"
    assert received["type"] == "failure"
    assert waiting(settings) == []


def test_a_link_that_is_in_the_text_is_not_repeated(hook):
    assert send(message(body=f"It failed.\n  {LINK}"), Destination(hook.url)) == ""
    assert hook.received[0]["message"] == f"It failed.\n  {LINK}"


def test_an_e_mail_has_title_text_and_link(configure, mailbox):
    settings = configure(warn=mailbox.url)
    put(settings, message(severity="WARN"))
    tick()
    [received] = mailbox.received
    assert received["Subject"] == "nba-assets WARN: number 1"
    assert received["To"] == "someone@example.com"
    text = received.get_body(("plain",)).get_content()
    assert "points_add_up fails on 2022-01-03" in text
    assert LINK in text


def test_each_severity_goes_where_it_is_configured_to_go(configure, make_hook, mailbox):
    errors, both = make_hook(), make_hook()
    settings = configure(error=f"{errors.url} {both.url}\n{mailbox.url}", warn=both.url)
    put(settings, message(1), message(2, "WARN"))
    tick()
    assert errors.titles == ["nba-assets ERROR: number 1"]
    assert sorted(both.titles) == ["nba-assets ERROR: number 1", "nba-assets WARN: number 2"]
    assert [m["Subject"] for m in mailbox.received] == ["nba-assets ERROR: number 1"]


def test_a_refused_delivery_fails_the_tick_and_arrives_once_when_the_server_is_up(configure, make_hook, hook, mailbox):
    refusing = make_hook(is_open=False)
    settings = configure(error=f"{refusing.url} {hook.url} {mailbox.url}")
    put(settings)
    with pytest.raises(AlertsError, match=r"1 delivery has failed.*\n.*json://127.0.0.1:\d+, tried once: .*[Cc]onnect"):
        tick()
    assert waiting(settings) == ["m1"]
    with pytest.raises(AlertsError, match="tried once"):
        tick()
    assert deliver(settings, later(31)).failures[0].count("tried 2 times") == 1
    refusing.open()
    assert deliver(settings, later(40)).delivered == 0
    assert deliver(settings, later(100)).delivered == 1
    assert deliver(settings, later(10_000)).delivered == 0
    assert tick().skip_message == "0 delivered."
    assert len(refusing.received) == len(hook.received) == len(mailbox.received) == 1
    assert waiting(settings) == []


def test_waits_between_attempts_double_up_to_an_hour(configure, make_hook):
    settings = configure(error=make_hook(is_open=False).url)
    put(settings)
    now, waits = time.time(), []
    for _ in range(10):
        deliver(settings, lambda now=now: now)
        [letter] = Outbox(settings.alerts_folder).letters()
        [attempts] = letter.attempts.values()
        waits.append(round(attempts.next_attempt - now))
        now = attempts.next_attempt
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_server_that_answers_with_an_error_is_tried_again(configure, hook):
    settings = configure(error=hook.url)
    put(settings)
    hook.answer = 500
    with pytest.raises(AlertsError, match="500"):
        tick()
    hook.answer = 200
    assert deliver(settings, later(31)).delivered == 1
    assert len(hook.received) == 1


def test_a_message_that_is_refused_holds_no_other_back(configure, hook):
    settings = configure(error=hook.url)
    put(settings, message(1))
    hook.answer = 413
    deliver(settings)
    hook.answer = 200
    put(settings, message(2))
    outcome = deliver(settings, later(1))
    # The server works, so what it refused is tried again without waiting for its time.
    assert (outcome.delivered, outcome.failures) == (2, ())
    assert hook.titles == ["nba-assets ERROR: number 2", "nba-assets ERROR: number 1"]


def test_a_destination_that_fails_is_asked_once_in_a_round(configure, make_hook, monkeypatch):
    settings = configure(error=make_hook(is_open=False).url)
    put(settings, *[message(n) for n in range(5)])
    asked = []
    monkeypatch.setattr(delivery, "send", lambda *given: asked.append(given) or "no")
    deliver(settings)
    assert len(asked) == 1


def test_a_corrected_url_gets_what_the_wrong_one_did_not(configure, make_hook, hook):
    settings = configure(error=make_hook(is_open=False).url)
    put(settings)
    assert deliver(settings).failures
    outcome = deliver(configure(error=hook.url))
    assert (outcome.delivered, outcome.failures, len(hook.received)) == (1, (), 1)
    assert waiting(settings) == []


def test_without_any_destination_what_waits_stays_and_the_tick_says_so(configure):
    settings = configure()
    put(settings)
    assert tick().skip_message == "0 delivered. 1 wait: no destination is configured."
    assert waiting(settings) == ["m1"]


def test_no_secret_is_written_down_or_shown(configure, hook):
    secret = hook.url.rpartition("/")[2]
    settings = configure(error=hook.url)
    put(settings)
    hook.answer = 500
    with pytest.raises(AlertsError) as error:
        tick()
    assert secret not in str(error.value)
    assert secret not in repr(settings)
    files = [file for file in settings.alerts_folder.rglob("*") if file.is_file()]
    assert any(file.suffix == ".json" for file in files)
    assert not any(secret in file.read_text() for file in files)


@pytest.mark.parametrize(
    ("url", "quoted", "shown"),
    [
        ("json://127.0.0.1/T0KEN-T0KEN/x", "at /T0KEN-T0KEN/x", "at /***/x"),
        ("json://user:pass%20word1@127.0.0.1", "with pass word1 or pass%20word1", "with *** or ***"),
    ],
)
def test_a_reason_that_quotes_the_url_is_shown_without_its_secrets(monkeypatch, url, quoted, shown):
    def fail(self, *_, **__):
        self.logger.warning(quoted)
        return False

    monkeypatch.setattr(NotifyJSON, "send", fail)
    assert send(message(), Destination(url)) == shown


def test_a_long_message_goes_in_parts_to_a_service_with_little_room(hook, monkeypatch):
    monkeypatch.setattr(NotifyJSON, "body_maxlen", 500)
    assert send(message(body="\n".join(f"line {n} of many" for n in range(100))), Destination(hook.url)) == ""
    assert len(hook.received) > 1
    assert "line 99 of many" in hook.received[-1]["message"]


def test_two_processes_do_not_deliver_at_once(configure, hook):
    settings = configure(error=hook.url)
    put(settings)
    with delivery._only_one(Outbox(settings.alerts_folder)), pytest.raises(AlertsError, match="Another process"):
        deliver(settings)
    assert deliver(settings).delivered == 1


def test_a_message_is_queued_once_even_after_it_was_sent(configure, hook):
    settings = configure(error=hook.url)
    box = Outbox(settings.alerts_folder)
    assert box.put(message())
    assert not box.put(message())
    deliver(settings)
    assert not box.put(message())
    assert deliver(settings).delivered == 0
    assert len(hook.received) == 1


def test_the_latest_sent_messages_are_kept(configure, hook, monkeypatch):
    monkeypatch.setattr(outbox, "SENT_KEPT", 2)
    settings = configure(error=hook.url)
    for number in range(4):
        put(settings, message(number))
        deliver(settings)
    assert len(list((settings.alerts_folder / "sent").iterdir())) == 2


def test_a_crash_between_two_destinations_does_not_repeat_the_first(configure, make_hook, monkeypatch):
    first, second = make_hook(), make_hook()
    settings = configure(error=f"{first.url} {second.url}")
    put(settings)
    really_send = send

    def crash_at_the_second(given, destination):
        if destination.url == second.url:
            raise KeyboardInterrupt
        return really_send(given, destination)

    monkeypatch.setattr(delivery, "send", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        deliver(settings)
    monkeypatch.setattr(delivery, "send", really_send)
    assert deliver(settings).delivered == 1
    assert len(first.received) == len(second.received) == 1


def test_a_damaged_file_is_named(configure):
    settings = configure(error="json://127.0.0.1:9")
    put(settings)
    file = settings.alerts_folder / "outbox" / "m1.json"
    file.write_text(json.dumps({"message": {}}))
    with pytest.raises(AlertsError, match=r"m1\.json is damaged"):
        tick()
