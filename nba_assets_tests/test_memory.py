"""What a run changes about memory, for its own time."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from nba_assets.cli.main import main
from nba_assets.memory import give_back, sparing_memory


def test_garbage_is_looked_for_as_before_once_the_run_is_over():
    before = gc.get_threshold()
    with sparing_memory():
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before


def test_a_command_that_ended_looks_for_garbage_as_before(monkeypatch):
    before, during = gc.get_threshold(), []
    monkeypatch.setattr("nba_assets.cli.main.cli", lambda: during.append(gc.get_threshold()))
    main()
    assert during > [before]
    assert gc.get_threshold() == before


def test_what_arrow_frees_goes_back_to_the_system():
    with sparing_memory():
        assert pa.default_memory_pool().backend_name == "system"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such call")
def test_what_was_freed_between_what_is_kept_goes_back_to_the_system():
    pieces = [bytes(60_000) for _ in range(4_000)]
    kept = pieces[::100]
    pieces.clear()
    before = _resident_megabytes()
    give_back()
    assert _resident_megabytes() < before - 150
    assert len(kept) == 40


_LARGE_BESIDE_SMALL = """
from nba_assets.memory import sparing_memory
from nba_assets_tests.test_memory import _resident_megabytes
with sparing_memory():
    freed = b"x" * 30_000_000
    del freed
    large, small = [], []
    for _ in range(40):
        large.append(b"x" * 6_000_000)
        small.append(b"x" * 100_000)
    most = _resident_megabytes()
    large.clear()
    print(most - _resident_megabytes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides otherwise")
def test_large_pieces_go_back_when_they_are_freed_whatever_was_freed_before():
    """240 MB, in a process of its own: what others allocated would be in the way."""
    command = [sys.executable, "-c", _LARGE_BESIDE_SMALL]
    given_back = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert float(given_back) > 200


def _resident_megabytes() -> float:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
