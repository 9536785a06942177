"""A person at a browser: opens pages of the web interface, clicks what has a name, reads what is to be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from nba_assets_tests.ui.server import wait_until

_PATIENCE = 60.0
_NOT_YET = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
"""The page is still being drawn, and the next look may find it ready."""


class Browser:
    """One window on the web interface. Whatever is asked of it waits until the page is so far."""

    def __init__(self, driver: WebDriver, url: str, screenshots: Path) -> None:
        self._driver = driver
        self._url = url
        self._screenshots = screenshots
        self._taken = 0

    def open(self, path: str) -> None:
        self._driver.get(self._url + path)

    def see(self, *texts: str) -> None:
        """Wait until the page shows all of these."""
        self._wait(lambda: all(text in self.text for text in texts), lambda: [t for t in texts if t not in self.text])

    def see_no(self, text: str) -> None:
        self._wait(lambda: text not in self.text, lambda: f"still there: {text}")

    @property
    def text(self) -> str:
        """All that the page says."""
        return self._driver.execute_script("return document.body.innerText")

    def click(self, kind: str, name: str) -> None:
        """Click the button, or the link (a), with this name; of several the last one, as dialogs are on top."""
        self._act(lambda: self._visible(f"//{kind}[normalize-space(.) = {name!r}]").click(), f"{kind} {name}")

    def enter(self, placeholder: str, text: str) -> None:
        """Replace what stands in the field that is labelled so."""

        def type_it() -> None:
            field = self._visible(f"//input[contains(@placeholder, {placeholder!r})]")
            field.click()
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(text, Keys.ENTER)

        self._act(type_it, f"field {placeholder}")

    def click_text(self, text: str) -> None:
        self._act(lambda: self._visible(f"//*[normalize-space(text()) = {text!r}]").click(), text)

    def see_metadata(self, name: str, value: str) -> None:
        """Wait until the page's table of metadata says so."""
        self._wait(lambda: self._metadata(name) == value, lambda: f"{name} is {self._metadata(name)}, not {value}")

    def see_rows(self, expected: Callable[[list[list[str]]], Any], explain: str) -> None:
        """Wait until the rows of the page's tables, cell by cell, are as expected."""
        self._wait(lambda: expected(self._rows()), lambda: f"{explain}: {self._rows()}")

    def screenshot(self, name: str) -> None:
        self._taken += 1
        self._driver.save_screenshot(str(self._screenshots / f"{self._taken:02}-{name}.png"))

    def _metadata(self, name: str) -> str | None:
        return next((cells[1] for cells in self._rows() if len(cells) > 1 and cells[0] == name), None)

    def _rows(self) -> list[list[str]]:
        return self._driver.execute_script(
            "return [...document.querySelectorAll('tr')].map(r => [...r.cells].map(c => c.innerText.trim()))"
        )

    def _visible(self, path: str) -> WebElement:
        found = [element for element in self._driver.find_elements(By.XPATH, path) if element.is_displayed()]
        if not found:
            raise NoSuchElementException(path)
        return found[-1]

    def _act(self, act: Callable[[], object], name: str) -> None:
        def is_done() -> bool:
            try:
                act()
            except _NOT_YET:
                return False
            return True

        self._wait(is_done, lambda: f"cannot be clicked or filled in: {name}")

    def _wait(self, is_so: Callable[[], Any], explain: Callable[[], object]) -> None:
        try:
            wait_until(is_so, _PATIENCE, explain)
        except AssertionError:
            self.screenshot("failed")
            raise
