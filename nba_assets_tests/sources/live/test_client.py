"""Asking a service: distance, patience, and what is said when it does not help. No test waits: the clock is turned."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest

from nba_assets.sources.live import odds
from nba_assets.sources.live.client import ATTEMPTS, Client
from nba_assets.sources.protocol import SourceError
from nba_assets_tests.sources.live.conftest import services_at
from nba_assets_tests.sources.live.server import Fault

SCHEDULE = ("stats/scheduleleaguev2", {"LeagueID": "00", "Season": "2023-24"})


def get(client, feeds, interval_seconds=0.0, absent=frozenset()):
    service = services_at(feeds, None, interval_seconds).stats
    return client.get(service, *SCHEDULE, "days 2024-01-15", absent)


def test_an_answer_is_the_body_as_it_came(client, feeds):
    assert get(client, feeds).body.startswith('{"meta":')


def test_requests_to_a_service_keep_their_distance(client, feeds, time):
    get(client, feeds, interval_seconds=1.5)
    time.now += timedelta(seconds=0.5)
    get(client, feeds, interval_seconds=1.5)
    assert time.naps == [1.0]


def test_nothing_is_waited_for_when_the_distance_is_kept_already(client, feeds, time):
    get(client, feeds, interval_seconds=1.5)
    time.now += timedelta(seconds=2)
    get(client, feeds, interval_seconds=1.5)
    assert time.naps == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(client, feeds, time, status):
    feeds.faults = [Fault(status), Fault(status)]
    assert get(client, feeds).status == 200
    assert len(feeds.asked) == 3
    assert len(time.naps) == 2


def test_waits_grow_and_are_not_the_same_for_everybody(feeds, time):
    naps = []
    for _ in range(2):
        time.naps.clear()
        feeds.faults = [Fault(500)] * (ATTEMPTS - 1)
        get(Client(clock=time.clock), feeds)
        naps.append(list(time.naps))
    for waits in naps:
        assert all(2**n <= wait <= 2**n + 2 for n, wait in enumerate(waits))
    assert naps[0] != naps[1]


def test_retry_after_in_seconds_is_heeded(client, feeds, time):
    feeds.faults = [Fault(429, {"Retry-After": "37"})]
    get(client, feeds)
    assert time.naps == [37.0]


def test_retry_after_as_a_date_is_heeded(client, feeds, time):
    feeds.faults = [Fault(503, {"Retry-After": format_datetime(time.now + timedelta(seconds=90), usegmt=True)})]
    get(client, feeds)
    assert time.naps == [90.0]


def test_retry_after_that_cannot_be_read_is_waited_for_as_without(client, feeds, time):
    feeds.faults = [Fault(429, {"Retry-After": "soon"})]
    get(client, feeds)
    assert 1 <= time.naps[0] <= 3


def test_a_wait_longer_than_anybody_has_is_an_error_at_once(client, feeds, time):
    feeds.faults = [Fault(429, {"Retry-After": "7200"})]
    with pytest.raises(SourceError, match="asks to be left alone for 7200 s"):
        get(client, feeds)
    assert time.naps == []


def test_what_does_not_pass_is_an_error_that_names_service_endpoint_and_days(client, feeds):
    feeds.faults = [Fault(500)] * ATTEMPTS
    with pytest.raises(SourceError) as error:
        get(client, feeds)
    assert str(error.value).startswith("stats.nba.com/stats/scheduleleaguev2, days 2024-01-15: HTTP 500 ")
    assert len(feeds.asked) == ATTEMPTS


def test_a_refusal_is_not_asked_again(client, feeds):
    feeds.faults = [Fault(403)]
    with pytest.raises(SourceError, match="HTTP 403"):
        get(client, feeds)
    assert len(feeds.asked) == 1


def test_a_status_that_says_there_is_nothing_is_an_answer(client, feeds):
    feeds.faults = [Fault(404, body="nothing")]
    answer = get(client, feeds, absent=frozenset({404}))
    assert (answer.status, answer.body) == (404, "nothing")


def test_truncated_json_is_asked_for_again(client, feeds):
    feeds.faults = [Fault(is_truncated=True)]
    assert get(client, feeds).body.endswith("}")
    assert len(feeds.asked) == 2


def test_truncated_json_that_stays_so_is_an_error(client, feeds):
    feeds.faults = [Fault(is_truncated=True)] * ATTEMPTS
    with pytest.raises(SourceError, match="is no whole JSON document"):
        get(client, feeds)


def test_no_answer_in_time_is_tried_again(client, feeds):
    release = threading.Event()
    feeds.faults = [Fault(silent_for=release)]
    try:
        assert get(client, feeds).status == 200
    finally:
        release.set()
    assert len(feeds.asked) == 2


def test_nobody_there_is_an_error_after_all_attempts(client, feeds, time):
    service = services_at(feeds, None).stats
    closed = type(service)(service.name, "http://127.0.0.1:1", 0.0)
    with pytest.raises(SourceError, match="the connection failed"):
        client.get(closed, *SCHEDULE, "days 2024-01-15", frozenset())
    assert len(time.naps) == ATTEMPTS - 1


def test_requests_go_through_the_proxy(feeds, time):
    """The server stands in for a proxy, which is asked for whole addresses."""
    proxied = Client(feeds.url, clock=time.clock)
    service = services_at(feeds, None).stats
    behind = type(service)(service.name, "http://stats.example.com", 0.0)
    assert proxied.get(behind, *SCHEDULE, "days 2024-01-15", frozenset()).status == 200
    assert feeds.asked[0][0] == "/stats/scheduleleaguev2"


@pytest.mark.parametrize(
    "fault", [Fault(401), Fault(500), Fault(is_truncated=True), Fault(429, {"Retry-After": "7200"})]
)
def test_no_error_shows_a_key_or_what_caused_it(client, feeds, fault, caplog):
    caplog.set_level(logging.DEBUG)
    feeds.faults = [fault] * ATTEMPTS
    service = services_at(feeds, "s3cret-odds-key").odds
    with pytest.raises(SourceError) as error:
        client.get(service, "v4/sports/basketball_nba/odds", {"regions": "us"}, "days 2024-01-15", frozenset())
    assert feeds.asked[0][1]["apiKey"] == "s3cret-odds-key"
    assert error.value.__cause__ is None
    assert "s3cret" not in f"{error.value!r} {error.value.__context__!r} {service!r} {caplog.text}"
    assert "GET /v4/sports/basketball_nba/odds" in caplog.text


@pytest.mark.parametrize(
    ("proxy", "said"),
    [(None, "the connection failed"), ("http://user:s3cret@127.0.0.1:1", "the proxy of NBA_ASSETS_PROXY")],
)
def test_an_unreachable_service_or_proxy_shows_neither_key_nor_password(time, caplog, proxy, said):
    caplog.set_level(logging.DEBUG)
    service = odds.service("s3cret-odds-key", "http://127.0.0.1:1", 0.0)
    with pytest.raises(SourceError, match=said) as error:
        Client(proxy, time.clock).get(service, "v4/sports/basketball_nba/odds", {}, "days 2024-01-15", frozenset())
    assert "s3cret" not in f"{error.value!r} {error.value.__context__!r} {caplog.text}"
