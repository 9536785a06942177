"""docs/reliability.md is what was counted, and nothing that was counted is lost from it."""

from __future__ import annotations

from benchmarks.reliability import results


def test_the_page_says_what_was_counted():
    counted = results.load()
    assert counted["faults"]["kinds"]
    assert any(name.startswith("ways ") for name in counted)
    assert results.PAGE.read_text(encoding="utf-8").startswith(results.page(counted).rstrip())
