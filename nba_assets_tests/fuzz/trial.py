"""A kind of bad input, tried many times: in a test with few examples, in `benchmarks/fuzz.py` with many."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

ERROR, TABLE = "clear error", "correct"


@dataclass(frozen=True)
class Trial:
    """kind: of input. examples: what is tried. body: example, empty folder -> ERROR or TABLE, or it fails.
    known: examples that once went wrong, tried each time. cost: how many others could be tried in the time of one.

    The folder is the same for all examples of a trial: what one of them leaves there, the next ones live with.
    """

    kind: str
    examples: st.SearchStrategy[Any]
    body: Callable[[Any, Path], str]
    known: tuple[Any, ...] = ()
    cost: int = 1


@dataclass
class Counts:
    """How it went. failures: what neither was refused clearly nor gave a correct result, with the example."""

    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def run(trial: Trial, folder: Path, count: int, seed_: int | None = None, is_patient: bool = False) -> Counts:
    """Try so many examples: always the same ones without a seed. A failure ends it with the smallest example that
    shows it, or is counted (is_patient)."""
    counts = Counts()

    def once(example: Any) -> None:
        counts.tried += 1
        try:
            counts.outcomes[trial.body(example, folder)] += 1
        except Exception as error:
            if not is_patient:
                raise
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"
            counts.failures.append(f"{text[:500]} | {example!r:.500}")

    for example in trial.known:
        once(example)
    phases = [Phase.generate] if is_patient else [Phase.generate, Phase.shrink]
    wanted = settings(
        max_examples=max(1, count // trial.cost),
        derandomize=seed_ is None,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet if is_patient else Verbosity.normal,
    )
    test = wanted(given(trial.examples)(once))
    (test if seed_ is None else seed(seed_)(test))()
    return counts
