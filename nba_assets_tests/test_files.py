"""A report's file is the old one or the new one, never half of one."""

from __future__ import annotations

import pytest

from nba_assets.files import write_whole


def test_who_has_the_old_file_open_reads_it_to_its_end(tmp_path):
    file = tmp_path / "reports" / "report.html"
    write_whole(file, "the old one")
    with file.open() as reader:
        write_whole(file, "new")
        assert reader.read() == "the old one"
    assert file.read_text() == "new"
    assert list(file.parent.iterdir()) == [file]


def test_text_is_written_as_utf_8_and_others_may_read_it(tmp_path):
    file = tmp_path / "report.html"
    write_whole(file, "Dončić ✓")
    assert file.read_bytes() == "Dončić ✓".encode()
    other = tmp_path / "other"
    other.touch()
    assert file.stat().st_mode == other.stat().st_mode


def test_a_folder_in_the_way_is_an_error_and_nothing_is_left_behind(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "report.html", "text")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
