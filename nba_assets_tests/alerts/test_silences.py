"""The file of silences, and writing files whole."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.silences import Silence, add_silence, eastern_today, load_silences, remove_silence
from nba_assets.alerts.state import Group
from nba_assets.files import write_whole

GROUP = Group("nba_raw.games", "points_add_up")


def test_a_silence_lasts_through_its_last_day(tmp_path):
    today = eastern_today()
    add_silence(tmp_path, Silence(*GROUP, until=today, reason="known"))
    add_silence(tmp_path, Silence("nba_raw.shots", "has_rows", until=today - timedelta(days=1)))
    assert load_silences(tmp_path) == [Silence(*GROUP, until=today, reason="known")]


def test_a_later_silence_takes_the_place_of_an_earlier_one(tmp_path):
    for year in (2998, 2999):
        add_silence(tmp_path, Silence(*GROUP, until=date(year, 1, 1)))
    assert [silence.until.year for silence in load_silences(tmp_path)] == [2999]


def test_removing_says_whether_there_was_one(tmp_path):
    add_silence(tmp_path, Silence(*GROUP, until=date(2999, 1, 1)))
    assert remove_silence(tmp_path, GROUP)
    assert not remove_silence(tmp_path, GROUP)
    assert load_silences(tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"table": "a"}]'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "silenced.json").write_text(text)
    with pytest.raises(AlertsError, match=r"silenced\.json is damaged"):
        load_silences(tmp_path)


def test_a_write_that_fails_leaves_the_old_text_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    write_whole(file, "old")

    def fail(_):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, "new")
    assert [f.name for f in tmp_path.iterdir()] == ["a.json"]
    assert file.read_text() == "old"
