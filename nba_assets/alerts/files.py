"""Writing the small files of alerts so that each is whole or absent."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class AlertsError(Exception):
    """Something about alerts that a person must see or can mend; the message says what."""


def write_whole(file: Path, text: str) -> None:
    """Replace a file in one step that survives a crash of the machine: the text is on disk before the name is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
