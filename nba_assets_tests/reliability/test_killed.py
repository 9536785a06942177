"""A backfill that is killed, at each stage and at any moment, and given again: nothing in part, and the same tables."""

from __future__ import annotations

import random

import pytest

from nba_assets_tests.reliability import trials

AT = [("planned", 1), ("turn", 1), ("run", 2), ("deleted", 1), ("rows", 3), ("committed", 3), ("events", 5)]
"""Stages, and at which time of coming to it; `benchmarks/reliability.py` has all of them, many times."""
SEED, MOMENTS = 20191022, 2


@pytest.mark.parametrize(("stage", "nth"), AT)
def test_killed_at_a_stage_it_leaves_nothing_in_part_and_goes_on_from_there(tmp_path, setting, stage, nth):
    trials.killed_at(setting, tmp_path, stage, nth)


@pytest.mark.parametrize("part", [random.Random(SEED + n).uniform(0, 0.9) for n in range(MOMENTS)])  # noqa: S311
def test_killed_at_any_moment_it_leaves_nothing_in_part_and_goes_on_from_there(tmp_path, setting, part):
    trials.killed_after(setting, tmp_path, part)
