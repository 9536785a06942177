"""Where objects are kept: a local folder or a bucket of Google Cloud Storage. Nothing is ever overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from nba_assets.sources.protocol import SourceError


class Store(Protocol):
    """Named objects, each written once."""

    @property
    def address(self) -> str:
        """For people: the folder, or gs://bucket/prefix."""
        ...

    def names(self, prefix: str) -> Iterator[str]:
        """Names of the objects below a prefix, in no particular order."""
        ...

    def create(self, name: str, data: bytes) -> None:
        """Write an object, whole or not at all. Raises FileExistsError if there is one of this name."""
        ...

    def read(self, name: str) -> bytes:
        """The object's content."""
        ...


def open_store(address: str) -> Store:
    """The store at an address: gs://bucket/prefix, or a folder, which need not exist yet."""
    if address.startswith("gs://"):
        bucket, _, prefix = address.removeprefix("gs://").partition("/")
        return BucketStore(bucket, prefix.strip("/"))
    return FolderStore(Path(address))


class FolderStore:
    """Objects as files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def address(self) -> str:
        """See `Store`."""
        return str(self._folder)

    def names(self, prefix: str) -> Iterator[str]:
        """See `Store`."""
        for file in (self._folder / prefix).rglob("*.gz"):
            yield file.relative_to(self._folder).as_posix()

    def create(self, name: str, data: bytes) -> None:
        """See `Store`. The file gets its name when it is on disk: a link fails if the name is taken."""
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as folder:
            part = Path(folder) / "part"
            with part.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            target.hardlink_to(part)

    def read(self, name: str) -> bytes:
        """See `Store`."""
        return (self._folder / name).read_bytes()


class BucketStore:
    """Objects of a bucket, below a prefix. Whoever runs it needs to list, read and create objects, nothing else."""

    def __init__(self, bucket: str, prefix: str, client: Any = None) -> None:
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._client = client

    @property
    def address(self) -> str:
        """See `Store`."""
        return f"gs://{self._bucket}/{self._prefix}".rstrip("/")

    def names(self, prefix: str) -> Iterator[str]:
        """See `Store`."""
        blobs = self._said(lambda: list(self._open().list_blobs(self._bucket, prefix=f"{self._prefix}{prefix}/")))
        for blob in blobs:
            yield blob.name.removeprefix(self._prefix)

    def create(self, name: str, data: bytes) -> None:
        """See `Store`. The service itself refuses to write over an object."""
        from google.api_core.exceptions import PreconditionFailed

        blob = self._open().bucket(self._bucket).blob(f"{self._prefix}{name}")
        try:
            self._said(lambda: blob.upload_from_string(data, "application/gzip", if_generation_match=0))
        except PreconditionFailed as error:
            raise FileExistsError(f"{self.address}/{name}") from error

    def read(self, name: str) -> bytes:
        """See `Store`."""
        blob = self._open().bucket(self._bucket).blob(f"{self._prefix}{name}")
        data: bytes = self._said(blob.download_as_bytes)
        return data

    def _open(self) -> Any:
        if self._client is None:
            from google.cloud import storage

            self._client = self._said(storage.Client)
        return self._client

    def _said(self, action: Any) -> Any:
        from google.api_core.exceptions import GoogleAPIError, PreconditionFailed
        from google.auth.exceptions import GoogleAuthError

        try:
            return action()
        except PreconditionFailed:
            raise
        except (GoogleAPIError, GoogleAuthError) as error:
            raise SourceError(
                f"The landing zone {self.address} cannot be used: {type(error).__name__}: {str(error).splitlines()[0]} "
                "Compare NBA_ASSETS_LANDING, and whether the account may list, read and create objects there."
            ) from error
