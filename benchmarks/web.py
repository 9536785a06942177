"""How soon Dagster's web interface shows its first page, on a home with every season's partitions.

    python -m benchmarks.web FILE

Starts the web server alone (no daemon) on the home of the environment, opens the list of assets in headless Chromium
with an empty profile, and waits for what a person waits for: the names of the tables, with when they were materialized.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from benchmarks.commands import installed

PAGES = {
    "list of assets": ("/assets", r"player_game_summary"),
    "list of assets, with their partitions": ("/assets", r"\d partitions"),
    "a table with its partitions": (
        "/assets/nba_predictions/player_prop_predictions?view=partitions",
        r"Materialized \(\d",
    ),
}
"""What is measured -> path, and a pattern of what a person waits for."""
_PATIENCE = 120.0
_TEXT = "return document.body ? document.body.innerText : ''"


@contextmanager
def _serving(port: int) -> Iterator[None]:
    command = [installed("nba-assets"), "exec", "dagster-webserver", "-m", "nba_assets.definitions"]
    process = subprocess.Popen(
        [*command, "-h", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (the server that was just started)
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        return False


def _seconds_until(is_so: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    while not is_so():
        if time.perf_counter() - begun > _PATIENCE:
            raise TimeoutError(f"not so after {_PATIENCE:.0f} s")
        time.sleep(0.02)
    return time.perf_counter() - begun


def main(file: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile, _serving(port):
        took: dict[str, float | None] = {
            "server answers": _seconds_until(lambda: _answers(f"http://127.0.0.1:{port}/server_info"))
        }
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"):
            options.add_argument(argument)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            for name, (path, pattern) in PAGES.items():
                begun = time.perf_counter()
                driver.get(f"http://127.0.0.1:{port}{path}")
                try:
                    _seconds_until(lambda: _shows(driver, pattern))  # noqa: B023  (called before the loop goes on)
                    took[name] = time.perf_counter() - begun
                except TimeoutError as error:
                    # The other pages are still worth their figures, and this one is said to have none.
                    took[f"{name}: {error}"] = None
        finally:
            driver.quit()
    file.write_text(json.dumps(took))


def _shows(driver: webdriver.Chrome, pattern: str) -> bool:
    return re.search(pattern, driver.execute_script(_TEXT)) is not None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
