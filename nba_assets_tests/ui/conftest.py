"""One web interface for all tests of this folder: the history of a January week is built, the week itself is not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from nba_assets_tests.conftest import ARCHIVE_VARIABLE
from nba_assets_tests.real_history import EVE, WEEK, home_on_the_eve
from nba_assets_tests.ui.api import Api
from nba_assets_tests.ui.pages import Browser
from nba_assets_tests.ui.seasons import copy_of_the_real_seasons, simulated_seasons
from nba_assets_tests.ui.server import Place, Server, running_ui

DAYS = [str(day) for day in WEEK]
SCREENSHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots"


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """Files of seasons that tests may damage, real ones if there are any."""
    folder = tmp_path_factory.mktemp("archive")
    real = os.environ.get(ARCHIVE_VARIABLE)
    if real:
        copy_of_the_real_seasons(Path(real), folder)
    else:
        simulated_seasons(folder, WEEK)
    return folder


@pytest.fixture(scope="session")
def place(tmp_path_factory, archive) -> Place:
    """A home with the history of the week, and two folders that stay empty."""
    base = tmp_path_factory.mktemp("place")
    place = Place(base / "home", archive, base / "working_directory", base / "user_home")
    place.working_directory.mkdir()
    place.user_home.mkdir()
    real = os.environ.get(ARCHIVE_VARIABLE)
    if real:
        home_on_the_eve(tmp_path_factory, Path(real), place.home)
    else:
        place.run("backfill", EVE, EVE)
    return place


@pytest.fixture(scope="session")
def server(place) -> Iterator[Server]:
    """The running web interface; Ctrl-C must end it and everything that it started."""
    with running_ui(place, place.user_home.parent / "ui.log") as server:
        yield server
        left = server.interrupt()
        assert not left, f"Ctrl-C leaves processes behind: {left}"


@pytest.fixture(scope="session")
def api(server) -> Api:
    return Api(server.url)


@pytest.fixture(scope="session")
def browser(server, tmp_path_factory) -> Iterator[Browser]:
    """Headless Chromium on the web interface, with empty memory; its screenshots are kept in artifacts/screenshots."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("chromium or chromedriver is not installed (Debian: apt-get install chromium chromium-driver)")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for old in SCREENSHOTS.glob("*.png"):
        old.unlink()
    options = Options()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1600,1200",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    try:
        yield Browser(driver, server.url, SCREENSHOTS)
    finally:
        driver.quit()
