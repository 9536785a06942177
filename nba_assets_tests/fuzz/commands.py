"""Commands with any text in place of dates, tables, markets, limits, files and settings, as the console script runs.

On the hostile home, which stays as it is: what would build is asked with --dry-run, what would become another process
is kept from it. An exception that would show a traceback is a failure (`cli/command.py`).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import strategies as st

from nba_assets.settings import SettingsError, load_settings
from nba_assets.variables import VARIABLES
from nba_assets_tests.cli.command import EVE, FULL, HOLIDAY, run
from nba_assets_tests.fuzz import hostile
from nba_assets_tests.fuzz.text import CANARY, arguments
from nba_assets_tests.fuzz.trial import ERROR, TABLE

_dates = st.one_of(
    st.sampled_from([EVE, FULL, HOLIDAY] * 3 + ["2020-02-29", "2021-02-29", "20191126", "2019-W48-2", "9999-12-31"]),
    arguments,
)
_numbers = st.one_of(st.sampled_from(["1", "0", "-1", "5", "nan", "inf", "1e400", "²", "9" * 400]), arguments)
_tables = st.one_of(
    st.sampled_from(["games", "nba_raw.games,shots", "x.games", ",", "games;--", "games," * 50]), arguments
)
_markets = st.one_of(st.sampled_from(["points", "threes", "Points", "points'--"]), arguments)
_files = st.one_of(
    st.sampled_from(
        ["out.html", "a/b/out.html", ".", "..", "/", "a/", "x" * 300, "/dev/full", "/proc/x", "out\n.html"]
    ),
    arguments,
)
_OPTIONS: dict[str, dict[str, st.SearchStrategy[str] | None]] = {
    "backfill": {"--tables": _tables, "--rebuild": None, "--refetch": None, "--no-history": None, "--strict": None},
    "plan": {"--tables": _tables, "--rebuild": None, "--no-history": None},
    "status": {},
    "validate": {},
    "check": {"--tables": st.sampled_from(["games", "nba_raw.shots"]) | arguments},
    "predictions": {
        "--market": _markets,
        "--set": _markets,
        "--team": arguments,
        "--limit": _numbers,
        "--line": _numbers,
    }
    | {"--why": None},
    "evaluate": {"--by": _markets, "--market": _markets, "--system": _markets, "--minimum-games": _numbers}
    | {"--page": _files, "--same-rows": None},
    "backtest": {"--market": _markets, "--set": _markets, "--system": _markets},
    "report": {"--output": _files},
    "unmatched": {},
    "copy": {"--to": st.sampled_from(["bigquery", "duckdb"]) | arguments, "--tables": _tables},
    "ui": {"--port": _numbers},
    "exec": {},
    "alerts": {"--until": _dates, "--reason": arguments},
}
_PLACES = {"predictions": (_dates,), "ui": (), "exec": (arguments, arguments)}
_ALERTS = st.sampled_from(["list", "silence", "unsilence", "test"]) | arguments
_NO_JSON = ("ui", "exec", "copy")


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[str, ...]:
    """A command with arguments, of which any may be nonsense, missing or one too many."""
    name = draw(st.sampled_from(sorted(_OPTIONS)))
    places = _PLACES.get(name, (_dates, _dates))
    if name == "alerts":
        places = (_ALERTS, st.sampled_from(["games", "nba_raw.games"]) | arguments, st.just("unique_key") | arguments)
    given = [draw(place) for place in places]
    if draw(st.integers(0, 9)) == 0:
        given = given[:-1] if draw(st.booleans()) else [*given, draw(arguments)]
    for option, values in (
        draw(st.lists(st.sampled_from(sorted(_OPTIONS[name].items(), key=str)), max_size=3)) if (_OPTIONS[name]) else ()
    ):
        given += [option] if values is None else [option, draw(values)]
    if draw(st.booleans()) and name not in _NO_JSON:
        given.append("--json")
    return (name, *given, *(["--dry-run"] if name == "backfill" else []))


KNOWN_COMMANDS = (
    *(
        ("predictions", FULL, "--line", number, *json)
        for number in ("nan", "inf", "1e308")
        for json in ((), ("--json",))
    ),
    ("report", EVE, HOLIDAY, "--output", "\udcff.html"),
    ("evaluate", EVE, HOLIDAY, "--minimum-games", "0", "--page", "\udcff.md"),
    ("exec", "/"),
)


def commanded(example: tuple[str, ...], folder: Path) -> str:
    """Run it; an error says something, and the home is as it was but for what was asked to be written."""
    home, _, _ = hostile.built()
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    before = _stamp(home)
    no_other = {"execve": mock.DEFAULT, "execvpe": mock.DEFAULT}
    with hostile.working_in(home), pytest.MonkeyPatch.context() as patch, mock.patch.multiple(os, **no_other):
        patch.chdir(work)
        outcome = run(*example)
    shutil.rmtree(home / "alerts", ignore_errors=True)
    assert _stamp(home) == before, "the warehouse was written to"
    assert not list(folder.rglob(".part-*")), "half a file was left behind"
    if outcome.status == 0:
        assert "--json" not in example or outcome.stdout.startswith("Usage:") or outcome.json is not None
        return TABLE
    assert outcome.text, "failed without a word"
    # Status 1 with a table is a finding, such as a day that is not built.
    return ERROR if outcome.status == 2 or "Error:" in outcome.stderr or not outcome.stdout else TABLE


def _stamp(home: Path) -> tuple[int, int]:
    stat = (home / "warehouse.duckdb").stat()
    return stat.st_size, stat.st_mtime_ns


@dataclass(frozen=True)
class Environment:
    """Values of some variables."""

    values: tuple[tuple[str, str], ...]


_SECRETS = [variable.name for variable in VARIABLES if variable.is_secret]
_SOME = "archive simulated nba_api landing duckdb bigquery 7 ² 1.5 /dev/null ~nobody-here gs:// gs://[ gs://b/p s3://x"
_OTHERS = (
    "// http://[ http://x:99999 2022-01-05T18:00Z 0001-01-01T00:00+23:59 9999-12-31T23:59-23:59 postgresql://u:p@h:x/d"
)
_likely = st.sampled_from([*_SOME.split(), *_OTHERS.split(), "9" * 5_000, "x" * 5_000, "http://\udcff"])
_BIGQUERY = {"NBA_ASSETS_WAREHOUSE": "bigquery", "NBA_ASSETS_BIGQUERY_PROJECT": "p"}
_NEEDS = {
    "NBA_ASSETS_LANDING_AS_OF": {"NBA_ASSETS_SOURCE": "landing"},
    "NBA_ASSETS_REFETCH_BEFORE": {"NBA_ASSETS_SOURCE": "nba_api"},
    "NBA_ASSETS_BIGQUERY_PROJECT": _BIGQUERY,
    "NBA_ASSETS_BIGQUERY_LOCATION": _BIGQUERY,
    "NBA_ASSETS_MAXIMUM_BYTES_BILLED": _BIGQUERY,
    "BIGQUERY_EMULATOR_HOST": _BIGQUERY,
}
"""What has to be set for a variable to be looked at."""
KNOWN_ENVIRONMENTS = tuple(
    Environment(tuple({**_NEEDS.get(variable.name, {}), variable.name: text}.items()))
    for variable in VARIABLES
    for text in (*_SOME.split(), *_OTHERS.split(), "9" * 5_000, "x" * 5_000, "\udcff")
)
environments = st.builds(
    lambda given: Environment(tuple(given.items())),
    st.dictionaries(st.sampled_from([variable.name for variable in VARIABLES]), _likely | arguments, max_size=4),
)


def set_to(example: Environment, folder: Path) -> str:
    """Load the settings: typed values, or an error that names a variable and shows no secret."""
    values = {name: f"{text}{CANARY}" if name in _SECRETS and text else text for name, text in example.values}
    try:
        load_settings(values)
    except SettingsError as error:
        text = str(error)
    else:
        return TABLE
    assert any(variable.name in text for variable in VARIABLES), text
    assert CANARY not in text, "a secret is shown"
    return ERROR


_LOCAL = [
    v.name for v in VARIABLES if v.name not in ("NBA_ASSETS_WAREHOUSE", "NBA_ASSETS_HOME", "NBA_ASSETS_POSTGRES_URL")
]
local_environments = st.tuples(
    st.sampled_from(
        [("status", EVE, FULL), ("plan", EVE, EVE), ("alerts", "list"), ("backfill", EVE, EVE, "--dry-run")]
    ),
    st.dictionaries(st.sampled_from(_LOCAL), _likely | arguments, min_size=1, max_size=2),
)


def commanded_in(example: tuple[tuple[str, ...], dict[str, str]], folder: Path) -> str:
    """Run a command with these variables set."""
    command, values = example
    home, _, _ = hostile.built()
    with hostile.working_in(home), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in values.items():
            patch.setenv(name, value)
        outcome = run(*command)
    assert outcome.text, "not a word"
    return ERROR if "Error:" in outcome.stderr else TABLE


homes = st.one_of(
    st.sampled_from(
        ["a b", "a: b", "a # b", "{x}", "'", '"', "a\\b", "%s", "*", "[0]", "~", "-x", "$HOME", "ニコラ", "\u202e"]
    ),
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
        lambda name: name not in (".", "..")
    ),
    arguments.filter(lambda name: name.strip("./")),
)


KNOWN_HOMES = ("what?", "a: b # {x}", '👨\u200d👩\x85\\"', "a\udce9b")


def at_home(example: str, folder: Path) -> str:
    """Build a table in a home of this name: it is there and only there, or it is said why not."""
    root = folder / "homes"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    home = root / example.replace("/", "_")
    with hostile.working_in(home):
        outcome = run("backfill", EVE, EVE, "--tables", "games", "--no-history")
    if outcome.status == 0:
        assert {file.name for file in root.iterdir()} == {home.name}
        assert (home / "warehouse.duckdb").exists()
        return TABLE
    assert "Error: " in outcome.stderr
    return ERROR
