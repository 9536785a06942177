"""Rows of prop_model that stand: as long as nothing that they rest on has changed, and no longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nba_assets.information import INFORMATION_SETS
from nba_assets.markets import MARKETS
from nba_assets.models import calibration, network_training, registry
from nba_assets.models.unchanged import rows_that_stand, settings_fingerprint
from nba_assets.tables import TABLES
from nba_assets.warehouse.protocol import DayState

CUTOFF = date(2021, 12, 1)
WRITTEN = date(2021, 12, 4)
SEASON = 2021
BUILT = 100
READS = [name for name in TABLES["prop_model"].reads if name != "games"]


def state(table: str, day: date, changed: int, built: int = BUILT) -> DayState:
    return DayState(table, day, rows=1, set_aside=0, built=built, changed=changed)


def ledger(*changed: DayState) -> dict[tuple[str, date], DayState]:
    """All that the rows rest on changed last before they were built, but for what is given."""
    november = [CUTOFF - timedelta(days=n) for n in range(1, 31)]
    states = [state(name, day, changed=BUILT - 1) for name in READS for day in november]
    states.append(state("prop_model", WRITTEN, changed=3))
    return {(one.table, one.day): one for one in (*states, *changed)}


@pytest.fixture
def known(tmp_path) -> list[dict]:
    """A row for each market and information set, with its file."""
    rows = []
    for market in MARKETS:
        for information_set in INFORMATION_SETS:
            model_id, digest = registry.save(tmp_path, f"{market.name}-{information_set}", "a model")
            rows.append(
                {
                    "game_date": WRITTEN,
                    "market": market.name,
                    "information_set": information_set,
                    "training_cutoff": CUTOFF,
                    "model_id": model_id,
                    "file_sha256": digest,
                    "settings_fingerprint": settings_fingerprint(market),
                }
            )
    return rows


def cutoffs_that_stand(known, folder, states=None, season_year=SEASON) -> set[date]:
    return set(rows_that_stand(known, states or ledger(), season_year, folder))


def test_rows_stand_if_nothing_has_changed_since_they_were_written(known, tmp_path):
    assert rows_that_stand(known, ledger(), SEASON, tmp_path) == {CUTOFF: known}


@pytest.mark.parametrize("table", READS)
def test_a_day_before_the_cutoff_that_changed_since_is_learned_from_again(known, tmp_path, table):
    late = state(table, CUTOFF - timedelta(days=1), changed=BUILT + 1)
    assert cutoffs_that_stand(known, tmp_path, ledger(late)) == set()


@pytest.mark.parametrize("table", READS)
def test_what_happened_from_the_cutoff_on_is_nothing_to_them(known, tmp_path, table):
    late = state(table, CUTOFF, changed=BUILT + 1)
    assert cutoffs_that_stand(known, tmp_path, ledger(late)) == {CUTOFF}


def test_history_that_was_built_since_is_learned_from(known, tmp_path):
    late = state("player_game_summary", date(2019, 12, 24), changed=BUILT + 1, built=BUILT + 1)
    assert cutoffs_that_stand(known, tmp_path, ledger(late)) == set()


@pytest.mark.parametrize(
    ("module", "name"), [(network_training, "EPOCHS"), (calibration, "SETTINGS")], ids=["training", "calibration"]
)
def test_other_settings_are_learned_with(known, tmp_path, monkeypatch, module, name):
    monkeypatch.setattr(module, name, 99)
    assert cutoffs_that_stand(known, tmp_path) == set()


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_text("another")])
def test_a_model_whose_file_is_gone_or_changed_does_not_stand(known, tmp_path, damage):
    damage(tmp_path / f"{known[3]['model_id']}.txt")
    assert cutoffs_that_stand(known, tmp_path) == set()


def test_rows_without_a_model_stand_as_well(known, tmp_path):
    without = [{**row, "model_id": None, "file_sha256": None} for row in known]
    assert cutoffs_that_stand(without, tmp_path) == {CUTOFF}


def test_before_the_first_cutoff_there_is_nothing_that_could_change(known, tmp_path):
    cutoff, day = date(2019, 10, 1), date(2019, 10, 25)
    first = [{**row, "training_cutoff": cutoff, "game_date": day} for row in known]
    states = {("prop_model", day): state("prop_model", day, changed=3)}
    assert cutoffs_that_stand(first, tmp_path, states, season_year=2019) == {cutoff}


def test_a_cutoff_of_which_a_row_is_missing_or_from_before_settings_were_kept_does_not_stand(known, tmp_path):
    assert cutoffs_that_stand(known[1:], tmp_path) == set()
    assert cutoffs_that_stand([{**known[0], "settings_fingerprint": None}, *known[1:]], tmp_path) == set()


def test_rows_of_which_the_ledger_knows_nothing_do_not_stand(known, tmp_path):
    states = ledger()
    del states["prop_model", WRITTEN]
    assert cutoffs_that_stand(known, tmp_path, states) == set()


def test_rows_of_another_season_do_not_stand_though_their_cutoff_is_the_same(known, tmp_path):
    assert cutoffs_that_stand(known, tmp_path, season_year=SEASON + 1) == set()


def test_one_cutoff_may_stand_and_another_not(known, tmp_path):
    later, day = date(2022, 2, 1), date(2022, 2, 3)
    of_both = [*known, *({**row, "training_cutoff": later, "game_date": day} for row in known)]
    between = state("player_game_summary", date(2021, 12, 20), changed=BUILT + 1)
    states = ledger(between, state("prop_model", day, changed=3))
    assert cutoffs_that_stand(of_both, tmp_path, states) == {CUTOFF}
