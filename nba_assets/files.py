"""Writing a file so that it is whole or absent. Model files have rules of their own, in `models/registry.py`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Replace a file in one step that survives a crash of the machine: the text is on disk before the name is.

    Whoever opens the file sees the old one or the new one. Folders on the way are made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own the new file gets the rights that any file gets; a temporary file is its writer's only.
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".part-") as folder:
        part = Path(folder) / file.name
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
