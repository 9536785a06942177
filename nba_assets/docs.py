"""The generated pages of docs/: the data dictionary and the picture of the graph, both from the table records.

Run as `python -m nba_assets.docs`; a test keeps the committed pages current. Pages written by hand are in docs/ itself.
"""

from __future__ import annotations

from pathlib import Path

from nba_assets.tables import DATASETS, TABLES, Table

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


PAGES = {"data-dictionary.md": data_dictionary, "graph.mmd": graph}
"""File under docs/ -> what it must say."""


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
