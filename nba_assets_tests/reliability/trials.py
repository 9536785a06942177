"""One trial of each kind of fault: what is done to a backfill, and what has to hold then and after it is given again.

The tests make a few of them, `benchmarks/reliability.py` makes many. What does not hold is an AssertionError.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import time_machine

from nba_assets.planning import Request
from nba_assets.warehouse.protocol import WarehouseError
from nba_assets_tests.reliability import seen, stages
from nba_assets_tests.reliability.process import KILLED, Command, run, running
from nba_assets_tests.reliability.seen import NOTHING, Seen, see

FILE = "warehouse.duckdb"


@dataclass(frozen=True)
class Setting:
    """A backfill, what it builds if nothing happens, and in how many seconds.

    start: the home that it begins with; None for an empty one. comes: how many times it comes to each stage.
    """

    request: Request
    start: Path | None
    whole: Seen
    seconds: float
    comes: Mapping[str, int] = field(default_factory=dict)

    @property
    def ask(self) -> tuple[str, ...]:
        return ask_for(self.request)

    @property
    def before(self) -> Seen:
        return see(self.start, self.request.reach) if self.start else NOTHING

    def home(self, folder: Path) -> Path:
        """A home of its own to begin with."""
        return Path(shutil.copytree(self.start, folder / "home")) if self.start else folder / "home"


def ask_for(request: Request) -> tuple[str, ...]:
    tables = ("--tables", ",".join(request.tables)) if request.tables else ()
    return ("backfill", str(request.days.first), str(request.days.last), *tables)


def undisturbed(request: Request, folder: Path, start: Path | None = None) -> tuple[Setting, Path]:
    """The setting, and the home that nothing happened to."""
    run(folder / "home", "--version")  # the first waits until everything is loaded
    home = Setting(request, start, NOTHING, 0).home(folder)
    begun = time.monotonic()
    command = run(home, *ask_for(request), before=partial(stages.tell, folder / "stages"))
    seconds = time.monotonic() - begun
    assert_done(command)
    comes = Counter((folder / "stages").read_text().split())
    return Setting(request, start, see(home, request.reach), seconds, comes), home


def resumes(setting: Setting, home: Path) -> None:
    """Nothing is there in part; given again, it says that it skips what was built, and ends as if nothing happened:
    every check has judged every day."""
    left = see(home, setting.request.reach)
    assert_none(seen.partial(setting.request, setting.before, left, setting.whole))
    again = run(home, *setting.ask)
    assert_done(again)
    said, due = seen.counts_said(again.text), seen.counts_due(setting.request, left)
    assert said == due, f"it said {said}, not {due}, to build and up to date"
    result = see(home, setting.request.reach)
    assert_none(seen.unequal(result, setting.whole))
    assert_none(seen.dagster_lacks(home, result))
    assert_none(seen.not_judged(home, setting.request))


def assert_no_traceback(command: Command) -> None:
    assert "Traceback" not in command.text, f"{command.arguments}: {command.text[-3000:]}"
    assert "Stack Trace" not in command.text, f"{command.arguments}: {command.text[-3000:]}"


def assert_none(problems: list[str]) -> None:
    assert not problems, f"{len(problems)} problems: {problems[:3]}"


def assert_done(command: Command) -> None:
    assert command.ended() == 0, f"{command.arguments}: {command.text[-3000:]}"
    assert_no_traceback(command)


def assert_refused(command: Command, *words: str) -> None:
    """It ended with one message that says what, where and what to do."""
    assert command.ended() == 1, command.text
    assert_no_traceback(command)
    assert command.text.count("Error: ") >= 1
    assert all(word in command.text for word in words), command.text[-3000:]


def killed_at(setting: Setting, folder: Path, stage: str, nth: int) -> None:
    home = setting.home(folder)
    killed = run(home, *setting.ask, before=partial(stages.die_at, stage, nth))
    assert killed.ended() == KILLED, killed.text
    resumes(setting, home)


def killed_after(setting: Setting, folder: Path, part: float) -> None:
    """part: of the time that it takes undisturbed; it may end before."""
    home = setting.home(folder)
    Command(home, *setting.ask).ended(part * setting.seconds)
    resumes(setting, home)


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def files_limited(setting: Setting, folder: Path, size: int) -> None:
    """No file can grow beyond the size, as with a quota."""
    home = setting.home(folder)
    assert_refused(
        run(home, *setting.ask, before=partial(_limit_files, size)), "room on", "give the same command again"
    )
    resumes(setting, home)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[], None]]:
    """A disk of so many bytes at the folder, and what makes it large. Takes the rights of root."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True, capture_output=True)
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=1g", folder], check=True) and None
    finally:
        subprocess.run(["umount", folder], check=True)


def disk_full(setting: Setting, folder: Path, size: int) -> None:
    """size: of the disk; of a home that is copied, what is left on it."""
    given = sum(f.stat().st_size for f in setting.start.rglob("*") if f.is_file()) if setting.start else 0
    with small_disk(folder / "disk", given + size) as enlarge:
        home = setting.home(folder / "disk")
        assert_refused(run(home, *setting.ask), "room on", "give the same command again")
        enlarge()
        resumes(setting, home)


def _without_rights_of_root() -> None:
    """Root may write what is read-only; this process may not any more."""
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).capset(header, none) == 0


def _protect(paths: list[Path], is_read_only: bool) -> None:
    for path in paths:
        folder, file = (0o555, 0o444) if is_read_only else (0o755, 0o644)
        path.chmod(folder if path.is_dir() else file)


def read_only(setting: Setting, folder: Path, part: str, built: Path) -> None:
    """part: what of the home is read-only; `.` for all of it. Reading goes on, building says what is the matter."""
    home = Path(shutil.copytree(built, folder / "home"))
    paths = [home / part, *(home / part).rglob("*")]
    _protect(paths, True)
    try:
        day = str(setting.request.days.first)
        looked = run(home, "status", day, day, "--json", before=_without_rights_of_root)
        assert_no_traceback(looked)
        assert '"days_built": 1' in looked.text
        refused = run(home, *setting.ask, "--rebuild", before=_without_rights_of_root)
        assert_refused(refused, "Permission denied", str(home), "give the same command again")
    finally:
        _protect(paths, False)
    assert_none(seen.unequal(see(home, setting.request.reach), setting.whole))
    resumes(setting, home)


_HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def held(setting: Setting, folder: Path) -> None:
    """Another process has the file open for writing; it says so, waits, and goes on."""
    home = setting.home(folder)
    home.mkdir(parents=True, exist_ok=True)
    other = [sys.executable, "-c", _HOLD, str(home / FILE)]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with running(home, *setting.ask) as command:
            command.wait_for(f"Waiting for process {holder.pid} (")
            holder.communicate()
            assert_done(command)
    assert_none(seen.unequal(see(home, setting.request.reach), setting.whole))


def damaged(setting: Setting, folder: Path, damage: Callable[[Path], object], built: Path) -> bool:
    """What is damaged of the file is refused by whoever reads it; returns whether anything was."""
    home = Path(shutil.copytree(built, folder / "home"))
    damage(home / FILE)
    left = (home / FILE).read_bytes()
    command = run(home, *setting.ask)
    if is_refused := command.ended() != 0:
        assert_refused(command, str(home / FILE), "cannot be opened, read or written", "restore a backup")
        assert (home / FILE).read_bytes() == left
        assert_refused(run(home, "status", *setting.ask[1:3]), str(home / FILE), "restore a backup")
    else:
        assert_done(command)
        try:
            see(home, setting.request.reach)
        except WarehouseError as error:
            # The ledger is whole, rows of a table are not.
            is_refused = "restore a backup" in str(error)
    if is_refused:
        shutil.copy(built / FILE, home / FILE)
    resumes(setting, home)
    return is_refused


def zeroed(file: Path) -> None:
    file.write_bytes(b"")


def cut(part: float, file: Path) -> None:
    os.truncate(file, int(file.stat().st_size * part))


def overwritten(at: float, size: int, file: Path) -> None:
    """Bytes that mean nothing, from a place on; at: 0 for its header."""
    with file.open("r+b") as stream:
        stream.seek(int(file.stat().st_size * at))
        stream.write(bytes(range(1, 256)) * (size // 255 + 1))


def _clock(start: datetime, nth: int | None, jump: timedelta) -> None:
    """The process's clock; it jumps at the nth commit."""
    clock = time_machine.travel(start, tick=True).start()
    if nth is not None:
        stages.call_at("committed", nth, lambda: clock.shift(jump))


def clock_jumps(setting: Setting, folder: Path, start: datetime, nth: int, jump: timedelta) -> None:
    """In the middle of a backfill, and again by the time of the next, which has the machine's own clock."""
    home = setting.home(folder)
    command = run(home, *setting.ask, before=partial(_clock, start, nth, jump))
    assert_done(command)
    resumes(setting, home)


def clock_early(setting: Setting, folder: Path, start: datetime) -> None:
    """The clock says that the days are not over: what is fetched then is fetched again when they are."""
    home = setting.home(folder)
    early = run(home, *setting.ask, before=partial(_clock, start, None, timedelta()))
    assert_done(early)
    again = run(home, *setting.ask)
    assert_done(again)
    assert_none(seen.unequal(see(home, setting.request.reach), setting.whole))


def log_lost(setting: Setting, folder: Path, part: str, built: Path) -> None:
    """part: of Dagster's state, what is gone. Nothing is built again, and the days are shown as materialized."""
    home = Path(shutil.copytree(built, folder / "home"))
    shutil.rmtree(home / "dagster" / part)
    resumes(setting, home)


def at_once(setting: Setting, other: Request, union: Seen, folder: Path, shift: float) -> int:
    """Two backfills of overlapping days, the other `shift` seconds later, among readers; how often one has looked."""
    home = setting.home(folder)
    days = union_reach(setting.request, other)
    looks = 0
    asked = (str(other.days.first), str(other.days.last))
    with running(home, *setting.ask) as one:
        time.sleep(shift)
        with running(home, *ask_for(other)) as two:
            readers = [("status", *asked), ("report", *asked, "--output", str(folder / "report.html"))]
            reading = {reader: Command(home, *reader) for reader in readers}
            while one.is_alive or two.is_alive:
                assert_none(seen.wrong_days(days, see(home, days), union))
                seen.dagster_lacks(home, NOTHING)
                looks += 1
                for reader, command in reading.items():
                    if not command.is_alive:
                        _assert_read(command)
                        reading[reader] = Command(home, *reader)
                        looks += 1
            for command in (one, two, *reading.values()):
                command.ended()
                assert_no_traceback(command)
            assert (one.ended(), two.ended()) == (0, 0), one.text + two.text
    result = see(home, days)
    assert_none(seen.unequal(result, union))
    assert_none(seen.dagster_lacks(home, result))
    for request in (setting.request, other):
        assert_none(seen.not_judged(home, request))
    return looks


def _assert_read(command: Command) -> None:
    """It read, or said that there is nothing to read yet."""
    assert_no_traceback(command)
    assert command.ended() in (0, 1), command.text


def union_reach(one: Request, other: Request) -> seen.DayRange:
    return seen.DayRange(min(one.reach.first, other.reach.first), max(one.reach.last, other.reach.last))
