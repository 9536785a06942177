"""A home with alerts configured, an instance in it, and servers to send to."""

from __future__ import annotations

import pytest

from nba_assets.local.home import BATCH_SIZE_VARIABLE, open_instance
from nba_assets.settings import load_settings
from nba_assets_tests.alerts.scene import Scene
from nba_assets_tests.alerts.servers import WebHook, mail_server


@pytest.fixture
def make_hook():
    """Makes web hooks, open or refusing connections; closes them."""
    made = []

    def make(is_open=True):
        hook = WebHook()
        made.append(hook)
        if is_open:
            hook.open()
        return hook

    yield make
    for hook in made:
        hook.close()


@pytest.fixture
def hook(make_hook):
    return make_hook()


@pytest.fixture
def mailbox():
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def configure(monkeypatch):
    """Sets destinations as a person does, and gives the settings."""

    def configure(error="", warn="", **more):
        monkeypatch.setenv("NBA_ASSETS_ALERTS_ERROR", error)
        monkeypatch.setenv("NBA_ASSETS_ALERTS_WARN", warn)
        for name, value in more.items():
            monkeypatch.setenv(f"NBA_ASSETS_{name.upper()}", value)
        return load_settings()

    return configure


@pytest.fixture
def scene(configure, monkeypatch):
    """A person who configured somewhere to send to; nothing is sent unless the test delivers."""
    # Opening the instance sets it for the process.
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "1000")
    settings = configure(error="json://127.0.0.1:9/error", warn="json://127.0.0.1:9/warn")
    with open_instance(settings) as instance:
        yield Scene(instance, settings)
