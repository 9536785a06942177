"""No room on the disk, a home that is read-only, a file that is held or damaged, a clock that jumps, no event log."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from nba_assets_tests.reliability import trials

MEGABYTE = 2**20


def test_where_files_cannot_grow_it_says_so_and_goes_on_afterwards(tmp_path, setting):
    trials.files_limited(setting, tmp_path, MEGABYTE)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes the rights of root")
def test_on_a_full_disk_it_says_so_and_goes_on_when_there_is_room(tmp_path, setting):
    trials.disk_full(setting, tmp_path, 4 * MEGABYTE)


@pytest.mark.parametrize("part", [".", "dagster"])
def test_a_home_that_cannot_be_written_can_be_read_and_is_named(tmp_path, setting, built, part):
    trials.read_only(setting, tmp_path, part, built)


def test_a_file_that_another_process_holds_is_waited_for(tmp_path, setting):
    trials.held(setting, tmp_path)


@pytest.mark.parametrize(
    "damage",
    [trials.zeroed, partial(trials.cut, 0.5), partial(trials.overwritten, 0.0, 4096)],
    ids=["no bytes", "half of it", "another header"],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path, setting, built, damage):
    assert trials.damaged(setting, tmp_path, damage, built)


def test_rows_that_are_damaged_under_a_whole_ledger_are_refused_by_who_reads_them(tmp_path, setting, built):
    """Which part of the file is hit depends on how DuckDB laid it out."""
    refused = []
    for at in (0.15, 0.3, 0.6):
        folder = tmp_path / f"{at}"
        folder.mkdir()
        refused.append(trials.damaged(setting, folder, partial(trials.overwritten, at, 100_000), built))
    assert any(refused)


@pytest.mark.parametrize("jump", [timedelta(days=-900), timedelta(days=900)], ids=["back", "forth"])
def test_a_clock_that_jumps_changes_nothing(tmp_path, setting, jump):
    trials.clock_jumps(setting, tmp_path, datetime(2024, 1, 1, tzinfo=UTC), 3, jump)


def test_days_that_the_clock_took_for_not_over_are_fetched_again(tmp_path, setting):
    trials.clock_early(setting, tmp_path, datetime(2019, 10, 25, 15, tzinfo=UTC))


@pytest.mark.parametrize("part", [".", "events"])
def test_without_dagsters_state_nothing_is_built_again_and_all_is_shown_as_built(tmp_path, setting, built, part):
    trials.log_lost(setting, tmp_path, part, built)
