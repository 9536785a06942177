"""Help, quick to come; and arguments that cannot be meant, refused with a reason before anything is touched."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from nba_assets.cli.main import cli
from nba_assets_tests.cli.command import run

RANGE_COMMANDS = ("backfill", "status", "validate", "evaluate", "backtest")
TODAY = datetime.now(ZoneInfo("America/New_York")).date()


def in_a_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", sorted(cli.commands))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(command, flag):
    result = CliRunner().invoke(cli, [command, flag])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert cli.commands[command].help.split(",")[0].split(".")[0] in " ".join(result.output.split())


def test_every_option_is_explained():
    for command in cli.commands.values():
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or parameter.help, f"{command.name} {parameter.name}"


def test_the_commands_that_scripts_rely_on_are_there():
    assert {"backfill", "status", "validate", "predictions", "evaluate", "backtest"} <= set(cli.commands)


def test_help_loads_none_of_the_heavy_packages():
    heavy = "{'dagster', 'ibis', 'pandas', 'numpy', 'pyarrow', 'duckdb', 'lightgbm', 'scipy'}"
    done = in_a_process(f"import sys, nba_assets.cli.main\nprint(sorted({heavy} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done


def test_the_console_script_prints_help_and_exits_with_0():
    done = in_a_process("import sys; sys.argv[1:] = ['--help']\nfrom nba_assets.cli.main import main\nmain()")
    assert done.returncode == 0
    assert "backfill" in done.stdout


def test_without_a_command_the_help_is_shown(home):
    outcome = run()
    assert outcome.status != 0
    assert "backfill" in outcome.text


def test_an_unknown_command_is_a_usage_error(home):
    assert run("backfil", "2022-01-01", "2022-01-02").status == 2


def test_the_version_is_told(home):
    outcome = run("--version")
    assert outcome.status == 0
    assert "version" in outcome.stdout


@pytest.mark.parametrize("command", RANGE_COMMANDS)
def test_an_end_before_the_start_is_a_usage_error(home, command):
    outcome = run(command, "2022-01-07", "2022-01-01")
    assert outcome.status == 2
    assert "END (2022-01-01) is before START (2022-01-07)." in outcome.text


@pytest.mark.parametrize("command", RANGE_COMMANDS)
@pytest.mark.parametrize("day", ["yesterday", "2022-13-01", "2022-02-30", "01/02/2022", "", "2022-1-1"])
def test_what_is_no_date_is_a_usage_error_that_shows_how_to_write_one(home, command, day):
    outcome = run(command, day, "2022-01-07")
    assert outcome.status == 2
    assert f"'{day}' is not a date like 2022-01-31." in outcome.text


@pytest.mark.parametrize("day", ["2019-10-21", "1999-01-01", str(TODAY + timedelta(days=2)), "2999-01-01"])
def test_a_day_that_is_no_partition_is_a_usage_error_that_says_which_are(home, day):
    for arguments in (*([command, day, day] for command in RANGE_COMMANDS), ["predictions", day]):
        outcome = run(*arguments)
        assert outcome.status == 2
        assert f"{day} is not between 2019-10-22, the first partition, and today, 20" in outcome.text


@pytest.mark.parametrize("command", RANGE_COMMANDS)
def test_a_missing_end_is_a_usage_error(home, command):
    outcome = run(command, "2022-01-01")
    assert outcome.status == 2
    assert "Missing argument 'END'" in outcome.text


@pytest.mark.parametrize("tables", ["gmaes", "games,gmaes", "nba_raw.gmaes", "", ","])
def test_an_unknown_table_is_a_usage_error_that_lists_the_tables(home, tables):
    outcome = run("backfill", "2022-01-01", "2022-01-01", "--tables", tables, "--dry-run")
    assert outcome.status == 2
    assert "No table is named" in outcome.text
    assert "player_game_summary" in outcome.text


@pytest.mark.parametrize(
    ("option", "value", "message"), [("--market", "dunks", "'points', 'rebounds'"), ("--team", "XYZ", "ATL, BKN, BOS")]
)
def test_an_unknown_market_or_team_is_a_usage_error_that_lists_them(home, option, value, message):
    outcome = run("predictions", "2022-01-01", option, value)
    assert outcome.status == 2
    assert value in outcome.text
    assert message in outcome.text


@pytest.mark.parametrize("command", ["evaluate", "backtest"])
@pytest.mark.parametrize(
    ("option", "message"), [("--market", "'points', 'rebounds'"), ("--system", "'moving_average', 'zone_matchup'")]
)
def test_an_unknown_market_or_system_is_a_usage_error_that_lists_them(home, command, option, message):
    outcome = run(command, "2022-01-01", "2022-01-02", option, "dunks")
    assert outcome.status == 2
    assert "dunks" in outcome.text
    assert message in outcome.text


@pytest.mark.parametrize("line", ["nan", "inf", "-1", "1e308", "many"])
def test_a_line_that_no_market_has_is_a_usage_error(home, line):
    assert run("predictions", "2022-01-01", "--line", line).status == 2


def test_a_limit_below_one_is_a_usage_error(home):
    assert run("predictions", "2022-01-01", "--limit", "0").status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "2022-01-01", "2022-01-02"],
        ["validate", "2022-01-01", "2022-01-02"],
        ["evaluate", "2022-01-01", "2022-01-02"],
        ["backtest", "2022-01-01", "2022-01-02"],
        ["predictions", "2022-01-01"],
    ],
)
def test_without_a_warehouse_the_message_says_what_to_run(home, arguments):
    outcome = run(*arguments)
    assert outcome.status == 1
    assert f"Error: There is no warehouse at {home / 'warehouse.duckdb'}." in outcome.text
    assert "nba-assets backfill START END" in outcome.text
    assert not home.exists()


@pytest.mark.parametrize(
    "arguments", [["backfill", "2022-01-01", "2022-01-01"], ["status", "2022-01-01", "2022-01-01"]]
)
def test_a_setting_that_cannot_be_used_is_one_message(home, monkeypatch, arguments):
    monkeypatch.setenv("NBA_ASSETS_SOURCE", "nonsense")
    outcome = run(*arguments)
    assert outcome.status == 1
    assert (
        outcome.stderr
        == "Error: NBA_ASSETS_SOURCE is 'nonsense'; it must be one of archive, simulated, nba_api, landing.\n"
    )


def test_a_setting_that_cannot_be_used_shows_no_traceback_in_a_process_of_its_own():
    code = (
        "import os, sys; os.environ['NBA_ASSETS_SOURCE'] = 'nonsense'\n"
        "sys.argv[1:] = ['backfill', '2022-01-01', '2022-01-01']\n"
        "from nba_assets.cli.main import main\nmain()"
    )
    done = in_a_process(code)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: NBA_ASSETS_SOURCE is 'nonsense'")


def test_a_file_that_is_no_database_is_one_message(home):
    home.mkdir()
    (home / "warehouse.duckdb").write_text("not a database")
    for arguments in (["status", "2022-01-01", "2022-01-01"], ["backfill", "2022-01-01", "2022-01-01", "--dry-run"]):
        outcome = run(*arguments)
        assert outcome.status == 1
        assert "cannot be opened" in outcome.text


def test_a_home_that_cannot_be_made_is_one_message(home):
    home.write_text("a file where the folder should be")
    outcome = run("backfill", "2022-01-01", "2022-01-01", "--tables", "games", "--json")
    assert outcome.status == 1
    assert outcome.stderr.startswith("Error: ")
    assert str(home) in outcome.stderr


def test_a_command_that_exec_cannot_find_is_named(home):
    outcome = run("exec", "no-such-command", "--help")
    assert outcome.status == 1
    assert "There is no command 'no-such-command'." in outcome.stderr
