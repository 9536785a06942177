"""What a profiler saw, told apart by what the time was spent on."""

from __future__ import annotations

from collections import defaultdict

import pytest
from pyinstrument.frame import Frame

from benchmarks.profiling import OTHER, OWN, lines, spent

LIBRARIES = "/home/me/nba_assets/.venv/lib/python3.11/site-packages"
FACTS = defaultdict(int)


def _frame(file: str, function: str, seconds: float, *children: Frame) -> Frame:
    """A frame with so many seconds of its own, beside its children's."""
    whole = seconds + sum(child.time for child in children)
    return Frame(f"{function}\0{file}\x001", children=list(children), time=whole)


@pytest.fixture
def root() -> Frame:
    ibis = _frame(f"{LIBRARIES}/ibis/expr/types/relations.py", "select", 2.0)
    imported = _frame(
        "<frozen importlib._bootstrap>",
        "_find_and_load",
        0.5,
        _frame(f"{LIBRARIES}/ibis/__init__.py", "<module>", 0.25),
    )
    query = _frame(f"{OWN}warehouse/duckdb_session.py", "put", 3.0)
    build = _frame(f"{OWN}transforms/analytics/roster.py", "build", 0.25, ibis, imported)
    run = _frame(f"{LIBRARIES}/dagster/_core/execution/api.py", "execute", 1.0, build, query)
    return _frame("/home/me/nba_assets/.venv/bin/nba-assets", "<module>", 0.125, run)


def test_time_is_of_the_part_whose_file_is_nearest(root):
    assert spent(root).by_part == {
        "Ibis expressions, and SQL of them": 2.0,
        "loading libraries": 0.75,
        "DuckDB": 3.0,
        "Dagster": 1.0,
        OTHER: 0.25 + 0.125,
    }


def test_a_function_has_the_time_of_the_libraries_that_it_calls_but_not_of_the_projects_functions(root):
    assert spent(root).by_function == {
        "transforms/analytics/roster.py build": 3.0,
        "warehouse/duckdb_session.py put": 3.0,
        "outside of it": 1.125,
    }


def test_no_time_is_lost_or_counted_twice(root):
    found = spent(root)
    assert sum(found.by_part.values()) == root.time == sum(found.by_function.values())


def test_the_page_has_the_largest_parts_of_the_last_first_and_the_whole(root):
    page = "\n".join(lines({"week": spent(root), "season": spent(root)}, FACTS, 0.5))
    assert "| spent on | week, seconds | week, share | season, seconds | season, share |" in page
    assert page.index("| DuckDB | 3.0 | 42% | 3.0 | 42% |") < page.index(
        "| Ibis expressions, and SQL of them | 2.0 | 28% |"
    )
    assert "| in all | 7.1 | 100% | 7.1 | 100% |" in page
