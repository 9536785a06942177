"""Asks a vulnerability service about every locked runtime dependency, by pip-audit.

    python .ci/audit.py [lock file ...]

Exit status 0: asked, and nothing is known against any of them. 1: something is. 75: not audited, because nobody could
be asked, or not about all of them. What was not asked is never said to be fine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 75
LOCKS = ("requirements.lock",)


def audit(lock: Path) -> tuple[int, list[str]]:
    """Exit status and what to say of the lock file."""
    # A service that does not know the first one is none: nobody is asked about the others.
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.txt"
        first.write_text(lock.read_text(encoding="utf-8").partition(" ")[0])
        status, said = _asked(lock, first, "--no-deps")
    return (status, said) if status == NOT_AUDITED else _asked(lock, lock, "--require-hashes")


def _asked(lock: Path, requirements: Path, how: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", how, "--progress-spinner", "off", "--timeout", "20"]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "--requirement", str(requirements)],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return NOT_AUDITED, [f"not audited: {lock}: pip-audit did not run: {error}"]
    return verdict(lock, done.returncode, done.stdout, done.stderr)


def verdict(lock: Path, status: int, stdout: str, stderr: str) -> tuple[int, list[str]]:
    """What pip-audit's answer means. Its status 1 is a finding as well as a failure; only its report tells."""
    try:
        asked = json.loads(stdout)["dependencies"]
        known = [(one["name"], one["version"], bad) for one in asked for bad in one.get("vulns", ())]
        skipped = [one["skip_reason"] for one in asked if "skip_reason" in one]
    except (ValueError, KeyError, TypeError):
        last = (stderr.strip().splitlines() or ["it said nothing"])[-1]
        return NOT_AUDITED, [f"not audited: {lock}: no vulnerability service could be asked: {last[:300]}"]
    lines = [
        f"{name} {version}: {bad['id']}, mended in {', '.join(bad['fix_versions']) or 'no version yet'}"
        for name, version, bad in known
    ]
    if skipped:
        # pip-audit itself calls this no known vulnerability.
        lines.append(f"not audited: {lock}: {len(skipped)} of {len(asked)} packages, such as: {skipped[0]}")
    if known:
        return VULNERABLE, [*lines, f"{lock}: {len(known)} known vulnerabilities. make lock takes newer versions."]
    if skipped or not asked or status != 0:
        return NOT_AUDITED, lines or [f"not audited: {lock}: pip-audit ended with status {status} and no finding"]
    return CLEAN, [f"{lock}: {len(asked)} packages audited, no known vulnerability"]


def main(locks: list[str]) -> int:
    """Audit the lock files; the worst of what was found."""
    found = [audit(Path(lock)) for lock in locks or LOCKS]
    for _, lines in found:
        print(*lines, sep="\n", flush=True)
    statuses = {status for status, _ in found}
    return next((status for status in (VULNERABLE, NOT_AUDITED) if status in statuses), CLEAN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
