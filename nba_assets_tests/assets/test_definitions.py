"""Every asset has all that an asset of this platform should have, and nothing is defined twice or left unloaded."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

import nba_assets.assets
from nba_assets.assets.factory import asset_key
from nba_assets.definitions import ASSETS, build_definitions
from nba_assets.partitions import DAILY
from nba_assets.tables import DATASETS, TABLES
from nba_assets_tests.graph import make_platform

ROOT = Path(__file__).parents[2]
SPECS = {spec.key: spec for asset in ASSETS for spec in asset.specs}


@pytest.fixture(params=TABLES.values(), ids=TABLES)
def table(request):
    return request.param


def test_there_is_one_asset_for_each_of_the_twenty_three_tables():
    assert len(ASSETS) == len(TABLES) == 24
    assert set(SPECS) == {dg.AssetKey([table.dataset, name]) for name, table in TABLES.items()}


def test_upstreams_are_those_of_the_record_each_with_the_identity_mapping(table):
    spec = SPECS[asset_key(table)]
    assert {dep.asset_key for dep in spec.deps} == {asset_key(TABLES[name]) for name in table.reads}
    assert all(isinstance(dep.partition_mapping, dg.IdentityPartitionMapping) for dep in spec.deps)


def test_every_asset_is_daily_partitioned_and_backfilled_in_a_single_run(table):
    asset = next(a for a in ASSETS if a.key == asset_key(table))
    assert asset.partitions_def == DAILY
    assert asset.backfill_policy == dg.BackfillPolicy.single_run()


def test_every_asset_says_what_it_is_and_whose(table):
    spec = SPECS[asset_key(table)]
    assert spec.group_name == table.dataset in DATASETS
    assert spec.owners
    assert spec.kinds
    assert table.grain in spec.description
    assert spec.metadata["look_back"]


def test_column_metadata_is_the_record(table):
    schema = SPECS[asset_key(table)].metadata["dagster/column_schema"]
    assert [c.name for c in schema.columns] == list(table.column_names)
    assert [not c.constraints.nullable for c in schema.columns] == [c.required for c in table.columns]
    assert all(c.description for c in schema.columns)


def test_no_asset_of_any_module_is_left_out_of_the_definitions():
    found = set()
    for module in pkgutil.iter_modules(nba_assets.assets.__path__):
        loaded = importlib.import_module(f"nba_assets.assets.{module.name}")
        found |= {v.key for _, v in inspect.getmembers(loaded) if isinstance(v, dg.AssetsDefinition)}
    assert found == {asset.key for asset in ASSETS}


def test_an_assets_variable_is_named_like_its_table():
    for module in pkgutil.iter_modules(nba_assets.assets.__path__):
        loaded = importlib.import_module(f"nba_assets.assets.{module.name}")
        for name, value in inspect.getmembers(loaded):
            if isinstance(value, dg.AssetsDefinition):
                assert value.key.path[-1] == name


def test_definitions_load_with_any_platform_and_resolve_the_graph(tmp_path):
    definitions = build_definitions(make_platform(tmp_path))
    dg.Definitions.validate_loadable(definitions)
    job = definitions.resolve_job_def("whole_graph")
    assert job.partitions_def == DAILY


def test_today_is_a_partition_and_opening_night_of_2019_is_the_first():
    keys = DAILY.get_partition_keys()
    assert keys[0] == "2019-10-22"
    assert DAILY.timezone == "America/New_York"
    assert DAILY.end_offset == 1


def test_workspace_and_command_name_the_same_module():
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    named = {entry["python_module"]["module_name"] for entry in workspace["load_from"]}
    assert named == {"nba_assets.definitions"}
    for module in ("nba_assets.backfill", "nba_assets.cli.ui"):
        assert "nba_assets.definitions" in Path(importlib.import_module(module).__file__).read_text()


def test_no_tool_table_overrules_workspace_yaml():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert not {"dg", "dagster"} & set(tools)


def test_transforms_and_models_and_warehouse_import_no_dagster():
    code = (
        "import sys, pkgutil, importlib\n"
        "for package in ('tables', 'sources', 'warehouse', 'transforms', 'models'):\n"
        "    root = importlib.import_module(f'nba_assets.{package}')\n"
        "    for m in pkgutil.walk_packages(root.__path__, root.__name__ + '.'):\n"
        "        importlib.import_module(m.name)\n"
        "assert 'dagster' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_only_settings_reads_the_environment():
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nba_assets").rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    # The others pass it on, or set what Dagster (home, batch size) and LightGBM (how its threads wait) take from it.
    assert readers <= {
        "nba_assets/settings.py",
        "nba_assets/cli/exec.py",
        "nba_assets/cli/ui.py",
        "nba_assets/local/home.py",
        "nba_assets/models/__init__.py",
    }


def test_committed_pages_are_what_the_records_say():
    from nba_assets.docs import DOCS, PAGES

    for name, page in PAGES.items():
        assert (DOCS / name).read_text() == page(), f"docs/{name} is out of date; run: make docs"
