"""What a run changes about memory, for its own time."""

from __future__ import annotations

import gc

import pyarrow as pa

from nba_assets.cli.main import main
from nba_assets.memory import sparing_memory


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
