"""What stands in the way of code that nobody here has read: the licences that a runtime dependency may have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ALLOWED = (
    *(
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "BSD",
        "3-Clause BSD",
        "0BSD",
        "ISC",
        "Zlib",
        "Apache",
        "PSF",
        "Python Software Foundation",
        "CC0",
    ),
    # Copyleft that ends at the file or at the library, used as they are published.
    *("MPL-2.0", "Mozilla Public License 2.0"),
)
"""Beginnings of the licences' names. A new one is a decision: what does it ask of those who use the platform?"""

ALLOWED_FOR = {"psycopg2-binary": "GNU Library or Lesser General Public License"}
"""Licences that one package may have and others not. psycopg2: LGPL, linked by Python's import and not changed."""


def locked(file: Path) -> list[str]:
    """Names of the packages in a lock file."""
    return re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", file.read_text(encoding="utf-8"), re.MULTILINE)


def licences(package: Message) -> list[str]:
    """What a package's metadata says of its licence: its parts, each of which has to be allowed; none if nothing."""
    expression = package.get("License-Expression") or ""
    classifiers = [c.rpartition(" :: ")[2] for c in package.get_all("Classifier") or [] if c.startswith("License ::")]
    named = [c for c in classifiers if c != "OSI Approved"]
    if expression:
        return _parts(expression)
    if named:
        return named
    first = (package.get("License") or "").strip().partition("\n")[0]
    return _parts(first) if first and len(first) <= 60 else []


def _parts(expression: str) -> list[str]:
    """The licences of an expression that all hold; of a choice the first that is allowed, or else the first."""
    found = []
    for both in re.split(r"\s+AND\s+", expression.strip("() ")):
        choices = [one.strip("() ") for one in re.split(r"\s+OR\s+", both)]
        found.append(next((one for one in choices if _is_allowed(one, "")), choices[0]))
    return found


def _is_allowed(licence: str, name: str) -> bool:
    own = ALLOWED_FOR.get(name)
    return licence.removeprefix("The ").startswith(ALLOWED) or (own is not None and licence.startswith(own))


def problems(names: Iterable[str]) -> list[str]:
    """What is wrong with the licences of installed packages; nothing of those for other systems, which are not here."""
    found = []
    for name in sorted(set(names)):
        try:
            package = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        said = licences(package)
        if not said:
            found.append(f"{name}: its metadata names no licence. Read it, and say here what it is.")
        found += [
            f"{name}: {one!r} is not among the allowed licences. Read it, then allow it here or do without the package."
            for one in said
            if not _is_allowed(one, name)
        ]
    return found
