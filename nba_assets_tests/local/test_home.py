"""Dagster's home on one machine: what its configuration does."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import dagster as dg
import pytest
import yaml

from nba_assets.assets.raw import POOL, RAW_ASSETS
from nba_assets.local.home import open_instance, prepare_dagster_home
from nba_assets.settings import load_settings


def test_every_raw_table_is_in_the_pool_that_guards_the_rate():
    assert {asset.op.pool for asset in RAW_ASSETS} == {POOL}


def look(folder: Path) -> None:
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(folder)})) as instance:
        instance.get_runs()


def test_processes_that_open_a_new_home_at_once_do_not_break_it(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nba_assets.local.event_log"])
    processes = [context.Process(target=look, args=(tmp_path,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    look(tmp_path)


def test_one_step_at_a_time_is_in_the_pool(tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, "one run", "a step").is_claimed
        assert not storage.claim_concurrency_slot(POOL, "another run", "a step").is_claimed


@pytest.mark.parametrize("postgres", [{}, {"NBA_ASSETS_POSTGRES_URL": "postgresql://user@127.0.0.1/dagster"}])
def test_no_part_of_the_configuration_is_said_twice(tmp_path, postgres):
    home = prepare_dagster_home(load_settings({"NBA_ASSETS_HOME": str(tmp_path), **postgres}))
    # Of a part that stands twice, YAML keeps the last one without a word.
    parts = [key.value for key, _ in yaml.compose((home / "dagster.yaml").read_text()).value]
    assert len(parts) > 5
    assert sorted(parts) == sorted(set(parts))


@pytest.mark.parametrize("logger", ["nba_assets", "nba_assets.sources.live.shots"])
def test_what_sources_and_waiting_runs_say_is_in_the_log_of_the_run(tmp_path, monkeypatch, logger):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))

    @dg.asset
    def asking() -> None:
        logging.getLogger(logger).warning("Shots of game 1 do not add up")

    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        result = dg.materialize([asking], instance=instance)
        said = [event.user_message for event in instance.all_logs(result.run_id)]
    assert "Shots of game 1 do not add up" in said
