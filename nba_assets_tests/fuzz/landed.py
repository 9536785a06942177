"""A landing zone in which objects are damaged, and others do not belong."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from nba_assets.sources.landing.stores import FolderStore
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.live.client import Clock
from nba_assets.sources.live.source import LiveSource
from nba_assets.tables import TABLES
from nba_assets.tables.raw import RAW_TABLES
from nba_assets_tests.fuzz.oracle import fetched_and_ingested
from nba_assets_tests.fuzz.responses import BEFORE, LATER, ONE, Asked, source_at, world_at


@dataclass(frozen=True)
class Damage:
    """What was done to the landing zone before a table is read from it: number of the object, what, where."""

    table: str
    at: datetime
    files: tuple[tuple[int, str, int], ...]


_FOREIGN = (
    "notes.gz",
    "all/x.json.gz",
    "2024-99-99_2024-01-15/all/20240115T200000.000000Z.json.gz",
    "2024-01-16_2024-01-15/all/20240115T200000.000000Z.json.gz",
    "2024-01-15_2024-01-15/all/20249999Tx.json.gz",
    "2024-01-15_2024-01-15/all/20240115T200000.000000Z.json.gz",
)
_DAMAGE = st.sampled_from(
    ["cut", "flipped", "empty", "not gzipped", "no object", "body", "status", "request", "foreign"]
)


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """A landing zone with damaged objects, and some that do not belong there."""
    files = st.lists(st.tuples(st.integers(0, 20), _DAMAGE, st.integers(0, 10_000)), min_size=1, max_size=3)
    tables = st.sampled_from([one.name for one in RAW_TABLES])
    return Damage(draw(tables), draw(st.sampled_from([LATER, BEFORE])), tuple(draw(files)))


KNOWN_DAMAGE = (
    *(Damage("games", LATER, tuple((n, "flipped", where) for n in range(9))) for where in (60, 61, 62, 63)),
    *(Damage(one.name, LATER, tuple((n, "foreign", n) for n in range(12))) for one in RAW_TABLES),
    *(Damage("games", LATER, tuple((n, what, 2) for n in range(9))) for what in ("body", "status", "request")),
)


def damaged(example: Damage, folder: Path) -> str:
    """Read the table from the damaged landing zone and write it."""
    whole, root = folder / f"whole-{example.at:%d}", folder / "landing"
    if not whole.exists():
        with source_at(
            example.at, Landing(FolderStore(whole)), world_at(example.at), Asked("", example.at, ())
        ) as source:
            for one in RAW_TABLES:
                source.fetch(one.name, ONE)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(whole, root)
    files = sorted(root.rglob("*.gz"))
    for number, what, where in example.files:
        file = files[number % len(files)]
        if what == "foreign":
            file = file.parents[2] / _FOREIGN[where % len(_FOREIGN)]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"something else")
        else:
            file.write_bytes(_broken(file.read_bytes(), what, where))
    source = LiveSource(Landing(FolderStore(root)), None, clock=Clock(now=lambda: example.at))
    return fetched_and_ingested(source, TABLES[example.table], ONE, folder)


def _broken(data: bytes, what: str, where: int) -> bytes:
    if what == "cut":
        return data[: where % (len(data) + 1)]
    if what == "flipped" and data:
        where %= len(data)
        return data[:where] + bytes([data[where] ^ 0x55]) + data[where + 1 :]
    if what in ("empty", "not gzipped"):
        return b"" if what == "empty" else b'{"status": 200}'
    others: dict[str, Any] = {"no object": [1], "body": {"body": [1, "{", 5][where % 3]}, "status": {"status": "x"}}
    other = others.get(what, {"request": {"url": 1, "params": []}})
    try:
        document = json.loads(gzip.decompress(data))
        document = {**document, **other} if isinstance(other, dict) else other
    except Exception:  # broken before
        document = other
    return gzip.compress(json.dumps(document).encode())
