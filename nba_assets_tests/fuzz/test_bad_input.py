"""Bad input gives a clear error and untouched tables, or a table that is right: a few examples of each kind.

Many more, of any seed: `make fuzz`.
"""

from __future__ import annotations

import pytest

from nba_assets_tests.fuzz import trial
from nba_assets_tests.fuzz.trials import TRIALS


@pytest.mark.parametrize("kind", TRIALS, ids=lambda one: one.kind)
def test_bad_input_is_refused_clearly_or_gives_what_is_right(kind, tmp_path):
    counts = trial.run(kind, tmp_path, count=25)
    assert counts.tried >= 25
    assert set(counts.outcomes) <= {trial.ERROR, trial.TABLE}
