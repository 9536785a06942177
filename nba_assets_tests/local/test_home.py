"""Dagster's home on one machine: what its configuration does."""

from __future__ import annotations

import logging

import dagster as dg

from nba_assets.assets.raw import POOL, RAW_ASSETS
from nba_assets.local.home import open_instance
from nba_assets.settings import load_settings


def test_every_raw_table_is_in_the_pool_that_guards_the_rate():
    assert {asset.op.pool for asset in RAW_ASSETS} == {POOL}


def test_one_step_at_a_time_is_in_the_pool(tmp_path):
    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, "one run", "a step").is_claimed
        assert not storage.claim_concurrency_slot(POOL, "another run", "a step").is_claimed


def test_what_a_source_says_is_in_the_log_of_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))

    @dg.asset
    def asking() -> None:
        logging.getLogger("nba_assets.sources.live.shots").warning("Shots of game 1 do not add up")

    with open_instance(load_settings({"NBA_ASSETS_HOME": str(tmp_path)})) as instance:
        result = dg.materialize([asking], instance=instance)
        said = [event.user_message for event in instance.all_logs(result.run_id)]
    assert "Shots of game 1 do not add up" in said
