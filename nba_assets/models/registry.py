"""Model files: text under `models/`, never a pickle, checked by hash at each use.

A file is named by market, information set, cut-off and content: `points-pregame-2022-01-01-abcdef12.txt`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class ModelFileError(Exception):
    """A model file is missing or is not the one that was registered. There is no fallback: train the day again."""


def save(folder: Path, name: str, text: str) -> tuple[str, str]:
    """Write the model as a whole; returns its id and its SHA-256. The same model gives the same id and file."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    model_id = f"{name}-{digest[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{model_id}.txt"
    partial = file.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(text)
    partial.replace(file)
    return model_id, digest


def is_intact(folder: Path, model_id: str, file_sha256: str) -> bool:
    """Whether the registered model's file is there, as it was registered."""
    file = folder / f"{model_id}.txt"
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == file_sha256


def has_file(folder: Path, row: Mapping[str, Any]) -> bool:
    """Whether the model that a row names is intact; one that names none needs none. row: with model_id, file_sha256."""
    return row["model_id"] is None or is_intact(folder, row["model_id"], row["file_sha256"])


def load(folder: Path, model_id: str, file_sha256: str) -> str:
    """The registered model's text.

    Raises:
        ModelFileError: the file is missing or its content has another hash.
    """
    file = folder / f"{model_id}.txt"
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"The model file {file} cannot be read ({error.strerror}). Build prop_model for the day again."
        ) from error
    # Before anything is made of it: text or not, it is what was registered, or it is not read.
    if hashlib.sha256(data).hexdigest() != file_sha256:
        raise ModelFileError(
            f"The model file {file} is not the one registered in nba_predictions.prop_model (hash differs). "
            "Delete it and build prop_model for the day again."
        )
    return data.decode()
