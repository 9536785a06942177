"""Bad input of every kind, many times over, and what came of it.

    python benchmarks/fuzz.py --examples 500 --seed 1 --json artifacts/fuzz.json --page docs/reliability.md

The kinds are those of the tests (`nba_assets_tests/fuzz/trials.py`); the seed decides the examples. Prints a table, and
exits with 1 if anything gave neither a clear error nor a correct result.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# Run by its path, it finds the project that it belongs to.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nba_assets_tests.conftest  # noqa: F401  (short trainings, as in the tests)
from nba_assets_tests.fuzz import trial
from nba_assets_tests.fuzz.trials import COMMANDS, TRIALS

BEGIN, END = "<!-- fuzz -->", "<!-- /fuzz -->"
HEADING = "# Reliability\n\n"


def campaign(examples: int, seed: int, only: str) -> dict[str, Any]:
    """The counts of every kind whose name has `only` in it."""
    kinds = []
    for one in (*TRIALS, *COMMANDS):
        if only not in one.kind:
            continue
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            counts = trial.run(one, Path(folder), examples, seed, is_patient=True)
        kinds.append(
            {
                "kind": one.kind,
                "tried": counts.tried,
                "clear_errors": counts.outcomes[trial.ERROR],
                "correct": counts.outcomes[trial.TABLE],
                "failures": len(counts.failures),
                "examples_of_failures": counts.failures[:5],
                "seconds": round(time.monotonic() - begun, 1),
            }
        )
        print(*_cells(kinds[-1]), sep=" | ", flush=True)
    return {"examples": examples, "seed": seed, "kinds": kinds}


def _cells(kind: dict[str, Any]) -> list[str]:
    return [kind["kind"], *(f"{kind[name]:,}" for name in ("tried", "clear_errors", "correct", "failures"))]


def section(found: dict[str, Any]) -> str:
    """What the page says of a campaign."""
    lines = [
        "## Bad input",
        "",
        f"`make fuzz FUZZ_EXAMPLES={found['examples']} FUZZ_SEED={found['seed']}` tried this; kinds that take long are",
        "tried less often. A clear error names what is wrong and where, and leaves the tables as they were, byte for",
        "byte. Correct is a table whose rows satisfy its record, with every other row set aside with a reason, or a",
        "command that did what it was asked. Anything else is a failure.",
        "",
        "| input | tried | clear errors | correct | failures |",
        "|---|--:|--:|--:|--:|",
        *(f"| {' | '.join(_cells(kind))} |" for kind in found["kinds"]),
    ]
    return "\n".join(lines)


def write_section(page: Path, text: str) -> None:
    """Put the text between the markers of the page, which are added at its end if they are not there."""
    old = page.read_text(encoding="utf-8") if page.exists() else HEADING
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        before, after = old.rstrip() + "\n\n", "\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Run a campaign."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds with this in their name; no page is written then")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    for name in [n for n in os.environ if n.startswith("NBA_ASSETS_")]:
        del os.environ[name]
    found = campaign(asked.examples, asked.seed, asked.only)
    if asked.json is not None:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if asked.page is not None and not asked.only:
        write_section(asked.page, section(found))
    failures = [text for kind in found["kinds"] for text in kind["examples_of_failures"]]
    print(*failures, sep="\n", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
