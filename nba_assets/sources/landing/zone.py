"""The landing zone: captures by endpoint, written once and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nba_assets.sources.landing.capture import Capture, Entry, decoded, encoded, entry_of
from nba_assets.sources.landing.stores import Store
from nba_assets.sources.protocol import SourceError


class Landing:
    """Captures in a store. A second response to the same request is another capture, with its own time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def address(self) -> str:
        """For people: where it is."""
        return self._store.address

    def entries(self, endpoint: str) -> list[Entry]:
        """The captures of an endpoint, oldest first."""
        found = (entry_of(name) for name in self._store.names(endpoint))
        wanted = (e for e in found if e is not None and e.endpoint == endpoint)
        return sorted(wanted, key=lambda e: (e.captured_at, e.name))

    def add(self, capture: Capture) -> Capture:
        """Keep a capture, and return it as kept: if another has its very name, a microsecond later."""
        while True:
            try:
                self._store.create(capture.entry.name, encoded(capture))
            except FileExistsError:
                later = replace(capture.entry, captured_at=capture.entry.captured_at + timedelta(microseconds=1))
                capture = replace(capture, entry=later)
            else:
                return capture

    def read(self, entry: Entry) -> Capture:
        """The capture.

        Raises:
            SourceError: it cannot be read; names it.
        """
        try:
            data = self._store.read(entry.name)
        except OSError as error:
            raise SourceError(
                f"The object {entry.name} in the landing zone {self.address} cannot be read: {error}."
            ) from error
        return decoded(entry, data)
