"""The generated pages of docs/: the data dictionary, the picture of the graph, the lists of checks and of settings.

Run as `python -m nba_assets.docs`; a test keeps the committed pages current. Pages written by hand are in docs/ itself.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from nba_assets.checks.catalog import CHECKS
from nba_assets.checks.keys import THRESHOLDS
from nba_assets.checks.look import OPENING_DAYS
from nba_assets.tables import DATASETS, TABLES, Table
from nba_assets.variables import VARIABLES

DOCS = Path(__file__).parent.parent / "docs"


def data_dictionary() -> str:
    """docs/data-dictionary.md."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from the table records (`nba_assets/tables/`); `make docs` writes it anew.",
        "Dates are US Eastern calendar dates. `_pct` and rates are 0..1. NULL means unknown, zero means zero.",
        "",
    ]
    for dataset in DATASETS:
        lines += [f"## {dataset}", ""]
        for table in TABLES.values():
            if table.dataset == dataset:
                lines += _table_section(table)
    return "\n".join(lines)


def _table_section(table: Table) -> list[str]:
    lines = [f"### {table.full_name}", "", table.description, "", f"- Grain: {table.grain}"]
    lines.append(f"- Key: {', '.join(f'`{k}`' for k in table.key)}")
    if table.reads:
        lines.append("- Reads: " + "; ".join(f"`{name}` ({back})" for name, back in table.reads.items()))
    if table.formula:
        lines.append(f"- Formula: {table.formula}")
    lines += ["", "| column | type | unit | NULL | meaning |", "|---|---|---|---|---|"]
    for column in table.columns:
        null = "never" if column.required else "unknown"
        lines.append(f"| {column.name} | {column.type} | {column.unit} | {null} | {column.meaning} |")
    if table.rules:
        lines += ["", "Each row must satisfy, or it is set aside:", ""]
        lines += [f"- {rule.name}" for rule in table.rules]
    return [*lines, ""]


def graph() -> str:
    """docs/graph.mmd: the tables and what they read, as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    for dataset in DATASETS:
        lines.append(f"  subgraph {dataset}")
        lines += [f"    {table.name}" for table in TABLES.values() if table.dataset == dataset]
        lines.append("  end")
    lines += [f"  {upstream} --> {table.name}" for table in TABLES.values() for upstream in table.reads]
    return "\n".join([*lines, ""])


_HOW_CHECKS_WORK = """\
Each check gives a verdict for every day, also in a run over a range of days. An ERROR means that the day must not be
relied on, a WARN that a person should look. A check that blocks stops what is downstream of its table in the same run,
on all days of the run, and is kept for what would make all of them wrong; any other lets the other days go on. A day
without games passes because the schedule says so. A check that finds nothing to look at does not pass: the day was
never built, its schedule was not, or rows that were written are gone."""


def checks() -> str:
    """docs/checks.md: every check, what it asks, of which tables, how bad a failure is and why."""
    lines = [
        "# Checks",
        "",
        "Generated from `nba_assets/checks/catalog.py`; `make docs` writes it anew.",
        "",
        textwrap.fill(_HOW_CHECKS_WORK, 118),
        "",
        "| check | question | severity | blocks | why | tables |",
        "|---|---|---|---|---|---|",
    ]
    for check in CHECKS:
        named = [name for name in TABLES if name in check.tables]
        tables = "all" if len(named) == len(TABLES) else ", ".join(f"`{name}`" for name in named)
        blocks = "yes" if check.is_blocking else "no"
        lines.append(f"| `{check.name}` | {check.question} | {check.severity} | {blocks} | {check.why} | {tables} |")
    lines += [
        "",
        "## Thresholds",
        "",
        f"A season's opening phase is its first {OPENING_DAYS} days. Coverage is asked for whole, but for:",
        "",
        "| table | opening phase | after it |",
        "|---|---|---|",
        *(f"| `{name}` | {early:.0%} | {settled:.0%} |" for name, (early, settled) in THRESHOLDS.items()),
        "",
        "Bounds of values and declared shares of NULLs are in `nba_assets/tables/limits.py`; windows and limits of",
        "`drift`, `calibration`, `model_freshness` and `not_too_good` in `nba_assets/checks/skill.py`.",
        "",
    ]
    return "\n".join(lines)


_HOW_SETTINGS_WORK = """\
Settings are environment variables; an empty one counts as unset. The same code runs on a laptop and for a team: what
differs is said here. Secrets are read from the environment only. They are in no file that the platform writes, and in
no log, error or metadata."""


def settings() -> str:
    """docs/settings.md: every environment variable."""
    lines = [
        "# Settings",
        "",
        "Generated from `nba_assets/variables.py`; `make docs` writes it anew.",
        "",
        textwrap.fill(_HOW_SETTINGS_WORK, 118),
        "",
        "| variable | meaning | default | secret |",
        "|---|---|---|---|",
        *(f"| `{v.name}` | {v.meaning} | {v.default} | {'yes' if v.is_secret else ''} |" for v in VARIABLES),
        "",
    ]
    return "\n".join(lines)


PAGES = {"data-dictionary.md": data_dictionary, "graph.mmd": graph, "checks.md": checks, "settings.md": settings}
"""File under docs/ -> what it must say."""


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
