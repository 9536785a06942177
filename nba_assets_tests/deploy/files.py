"""What the deployment files say, for tests that hold them against the project."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PLATFORM_SERVICES = ("code", "web", "daemon")


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def dockerfile() -> list[tuple[str, str]]:
    """(instruction, arguments), continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def in_exec_form(instruction: str) -> list[str]:
    """The words of the image's ENTRYPOINT, CMD or HEALTHCHECK."""
    (rest,) = [rest for word, rest in dockerfile() if word == instruction]
    return json.loads(rest[rest.index("[") :])


def command(service: str) -> list[str]:
    """What a service of the platform runs: the image's entry point with the service's arguments."""
    return [*in_exec_form("ENTRYPOINT"), *compose()["services"][service]["command"]]


def healthcheck(service: str) -> list[str]:
    """The words of a service's health check, the image's own where the compose file gives none."""
    given = compose()["services"][service].get("healthcheck")
    if given is None:
        return in_exec_form("HEALTHCHECK")
    assert given["test"][0] == "CMD"
    return given["test"][1:]


def terraform() -> dict[str, list[Any]]:
    """The blocks of all files by their kind."""
    found: dict[str, list[Any]] = {}
    for file in sorted((DEPLOY / "terraform").glob("*.tf")):
        with file.open() as stream:
            for kind, blocks in _plain(hcl2.load(stream)).items():
                found.setdefault(kind, []).extend(blocks)
    return found


def _plain(value: Any) -> Any:
    """Without the quotes that the parser leaves around texts and names, and without its marks."""
    if isinstance(value, dict):
        return {k.strip('"'): _plain(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.strip('"') if isinstance(value, str) else value
