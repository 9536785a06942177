"""What comes from outside, and what reaches out: dependencies, their licences and audit, network, pickles, files."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import pickle
import re
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

from nba_assets.cli.main import cli
from nba_assets.models import registry
from nba_assets.models.trained_model import TrainedModel
from nba_assets_tests.cli.command import EVE
from nba_assets_tests.supply_chain import ROOT, licences, locked, problems

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bigquery-server.lock")
SOURCES = sorted((ROOT / "nba_assets").rglob("*.py"))


def in_a_process(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=given, timeout=600)


# Dependencies


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_dependency_has_an_exact_version_and_a_hash(lock):
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8").strip())
    assert len(entries) > 10
    assert [
        e.splitlines()[0]
        for e in entries
        if not re.match(r"[\w.-]+(\[[\w, -]+\])?==\S+", e) or "--hash=sha256:" not in e
    ] == []
    assert "://" not in "\n".join(line for e in entries for line in e.splitlines() if not line.strip().startswith("#"))


def test_every_runtime_dependency_has_an_allowed_licence():
    names = locked(ROOT / "requirements.lock")
    assert len(names) > 100
    assert problems(names) == []


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([("License-Expression", "MIT AND (GPL-3.0-only OR Apache-2.0)")], ["MIT", "Apache-2.0"]),
        ([("License-Expression", "AGPL-3.0-or-later")], ["AGPL-3.0-or-later"]),
        ([("Classifier", "License :: OSI Approved :: MIT License"), ("License", "whatever")], ["MIT License"]),
        ([("Classifier", "License :: OSI Approved")], []),
        ([("License", "BSD")], ["BSD"]),
        ([("License", "a licence of its own, " * 10)], []),
        ([], []),
    ],
)
def test_a_licence_is_read_from_the_metadata(headers, said):
    package = Message()
    for name, value in headers:
        package[name] = value
    assert licences(package) == said


@pytest.mark.parametrize(
    ("line", "problem"), [("License-Expression: AGPL-3.0-only", "AGPL-3.0-only"), ("Summary: x", "names no licence")]
)
def test_a_licence_that_is_not_allowed_or_not_known_is_a_problem(tmp_path, monkeypatch, line, problem):
    folder = tmp_path / "planted-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: planted\nVersion: 1.0\n{line}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = problems(["planted"])
    assert found.startswith("planted: ")
    assert problem in found


# Known vulnerabilities


def _audit():
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BAD = {"name": "six", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
GOOD = {"name": "six", "version": "1.1", "vulns": []}
UNKNOWN = {"name": "six", "skip_reason": "not found on PyPI"}


@pytest.mark.parametrize(
    ("status", "stdout", "stderr", "expected", "said"),
    [
        (0, {"dependencies": [GOOD]}, "", 0, "1 packages audited, no known vulnerability"),
        (1, {"dependencies": [GOOD, BAD]}, "Found 1 known vulnerability", 1, "six 1.0: PYSEC-1, mended in 1.1"),
        (1, {"dependencies": [BAD, UNKNOWN]}, "", 1, "not audited: requirements.lock: 1 of 2 packages"),
        (0, {"dependencies": [GOOD, UNKNOWN]}, "", 75, "not audited: requirements.lock: 1 of 2 packages"),
        (0, {"dependencies": []}, "", 75, "not audited"),
        (1, "", "ERROR:pip_audit._cli: Tried to connect\nConnectionError: refused", 75, "not audited: .* refused"),
        (1, "", "", 75, "not audited: .* it said nothing"),
        (1, "No module named pip_audit", "", 75, "not audited"),
    ],
)
def test_only_what_was_asked_and_answered_is_said_to_be_fine(status, stdout, stderr, expected, said):
    text = stdout if isinstance(stdout, str) else json.dumps(stdout)
    found, lines = _audit().verdict(Path("requirements.lock"), status, text, stderr)
    assert found == expected
    assert re.search(said if "*" in said else re.escape(said), "\n".join(lines))
    assert (found == 0) == ("no known vulnerability" in lines[-1])


# The network

_NO_NETWORK = """
import socket, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        raise RuntimeError(f"NETWORK {event} {arguments}")
sys.addaudithook(refuse)
"""
_IMPORT_ALL = (
    _NO_NETWORK
    + """
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
)


def test_no_module_asks_the_network_when_it_is_imported(tmp_path):
    modules = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in SOURCES]
    done = in_a_process(_IMPORT_ALL, *modules, NBA_ASSETS_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr[-2_000:]
    assert not (tmp_path / "home").exists()


def test_no_command_asks_the_network_for_its_help():
    groups = [[name] for name in cli.commands] + [["alerts", name] for name in cli.commands["alerts"].commands]
    code = _NO_NETWORK + (
        "from click.testing import CliRunner\nfrom nba_assets.cli.main import cli\n"
        f"for words in {groups!r}:\n"
        "    done = CliRunner().invoke(cli, [*words, '--help'])\n"
        "    assert done.exit_code == 0, (words, done.output, done.exception)\n"
    )
    done = in_a_process(code)
    assert done.returncode == 0, done.stderr[-2_000:]


def test_the_guard_against_the_network_sees_it():
    done = in_a_process(_NO_NETWORK + "socket.create_connection(('127.0.0.1', 9))")
    assert "NETWORK socket" in done.stderr


# Pickles

_PICKLERS = {"pickle", "_pickle", "cPickle", "joblib", "cloudpickle", "dill", "marshal", "shelve", "jsonpickle"}
_UNPICKLING = {"to_pickle", "read_pickle", "load_module", "unsafe_load", "full_load"}


def unpickling(source: str) -> list[str]:
    """Where code could read or write a pickle: imports, pandas' methods, numpy's allow_pickle, eval and exec."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.partition(".")[0] in _PICKLERS]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _PICKLERS:
            found.append(node.module or "")
        elif isinstance(node, ast.Attribute) and node.attr in _UNPICKLING | {"pickle"}:
            found.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found.append(node.arg)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            found.append(node.func.id)
    return found


def test_nothing_can_read_a_pickle():
    assert {str(f.relative_to(ROOT)): found for f in SOURCES if (found := unpickling(f.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import pandas as pd; pd.read_pickle('x')",
        "frame.to_pickle('x')",
        "np.load('x', allow_pickle=True)",
        "eval('1')",
    ],
)
def test_the_search_for_pickles_finds_one(code):
    assert unpickling(code)


class _Trap:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return (Path.touch, (self.file,))


def test_a_pickle_among_the_models_is_never_executed(tmp_path):
    trap = pickle.dumps(_Trap(tmp_path / "sprung"))
    for name in ("points-pregame-2019-12-01-abcdef12", "points-pregame-2019-12-01-abcdef12.txt"):
        (tmp_path / name).write_bytes(trap)
    with pytest.raises(registry.ModelFileError, match="not the one registered"):
        registry.load(tmp_path, "points-pregame-2019-12-01-abcdef12", "0" * 64)
    # Not even if somebody registers it.
    digest = hashlib.sha256(trap).hexdigest()
    with pytest.raises(ValueError, match="decode"):
        TrainedModel.from_text(registry.load(tmp_path, "points-pregame-2019-12-01-abcdef12", digest))
    assert not (tmp_path / "sprung").exists()
    pickle.loads(trap)  # noqa: S301 - to see that it would have
    assert (tmp_path / "sprung").exists()


# Files

_WATCHED = """
import json, os, sys
from pathlib import Path
written = set()
_ONE = {"os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.chown", "os.truncate", "os.utime", "os.mkfifo"}
_TWO = {"os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"}
def watch(event, a):
    if event == "open" and isinstance(a[0], (str, bytes)):
        flags, mode = a[2] or 0, a[1] or ""
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or set(str(mode)) & set("wax+"):
            written.add(os.path.abspath(os.fsdecode(a[0])))
    elif event in _ONE and isinstance(a[0], (str, bytes)):
        # Whoever removes a folder names what is in it by the folder's descriptor.
        within = a[1] if event in ("os.remove", "os.rmdir") and a[1] >= 0 else None
        folder = os.getcwd() if within is None else os.readlink(f"/proc/self/fd/{within}")
        written.add(os.path.abspath(os.path.join(folder, os.fsdecode(a[0]))))
    elif event in _TWO:
        written.update(os.path.abspath(os.fsdecode(one)) for one in a[:2] if isinstance(one, (str, bytes)))
    elif event == "sqlite3.connect" and a and ":memory:" not in str(a[0]):
        written.add(os.path.abspath(str(a[0])))
sys.addaudithook(watch)
from nba_assets.cli.main import main
for line in json.loads(sys.argv[1]):
    sys.argv = ["nba-assets", *line]
    try:
        main()
    except SystemExit as stop:
        print(line[0], stop.code, file=sys.stderr)
print("WRITTEN " + json.dumps(sorted(written)))
"""


def _listing(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*")}


def test_files_are_written_under_the_home_only(tmp_path):
    home, work, user, temporary = (tmp_path / name for name in ("home", "work", "user", "temporary"))
    for folder in (work, user, temporary):
        folder.mkdir()
    commands = [
        ["backfill", EVE, EVE, "--no-history"],
        ["predictions", EVE],
        ["status", EVE, EVE],
        ["report", EVE, EVE],
        ["report", EVE, EVE, "--output", "named.html"],
    ]
    # The threads that train are kept few; the working directory is none of the platform's.
    code = f"import os; os.chdir({str(work)!r})\n" + _WATCHED
    done = in_a_process(
        code,
        json.dumps(commands),
        NBA_ASSETS_HOME=str(home),
        HOME=str(user),
        TMPDIR=str(temporary),
        XDG_CACHE_HOME="",
        XDG_CONFIG_HOME="",
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    written = json.loads(done.stdout.partition("WRITTEN ")[2])
    # What Python was told to write, and what is there: DuckDB and SQLite write by themselves.
    assert any(file.startswith(f"{home}/") for file in written), "nothing was seen"
    allowed = (f"{home}", f"{temporary}/", f"{work}/named.html", f"{work}/.part-", "/dev/null")
    assert [file for file in written if not file.startswith(allowed) and file != str(work)] == []
    assert _listing(work) == {"named.html"}
    assert _listing(user) == set()
    assert _listing(temporary) == set(), "temporary files are left"
    assert {"warehouse.duckdb", "dagster", "reports"} <= {file.name for file in home.iterdir()}
