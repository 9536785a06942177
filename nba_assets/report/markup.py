"""HTML from Python values. Whatever is not already `Html` is escaped: names come from sources and are not trusted."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import date

from nba_assets.days import DayRange, ranges_of
from nba_assets.visible import visible

RANGES_SHOWN = 3
_VOID = frozenset({"meta", "br"})


class Html(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element; children and attribute values are escaped unless they are Html. `class_` is written class."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(visible(value, has_lines=True))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(children)}</{name}>")


def join(parts: Iterable[object]) -> Html:
    """The parts one after the other; None is nothing."""
    return Html(
        "".join(
            part if isinstance(part, Html) else html.escape(visible(part, has_lines=True))
            for part in parts
            if part is not None
        )
    )


def section(identifier: str, title: str, *children: object) -> Html:
    """A part of the page with its heading."""
    heading = f"{identifier}-title"
    return tag("section", tag("h2", title, id=heading), *children, id=identifier, aria_labelledby=heading)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    label: str,
    numbers: Iterable[int] = (),
    is_wordy: bool = False,
) -> Html:
    """A table that scrolls sideways by itself; the columns `numbers` are set right, the first heads its row.

    is_wordy: it has columns of text, and is wider than a narrow screen rather than very long.
    """
    right = frozenset(numbers)

    def cell(name: str, position: int, value: object, scope: str | None = None) -> Html:
        return tag(name, value, class_="n" if position in right else None, scope=scope)

    head = tag("tr", *(cell("th", i, heading, "col") for i, heading in enumerate(headings)))
    body = [
        tag("tr", *(cell("td" if i else "th", i, value, None if i else "row") for i, value in enumerate(row)))
        for row in rows
    ]
    grid = tag("table", tag("thead", head), tag("tbody", *body))
    return tag(
        "div", grid, class_="scroll wordy" if is_wordy else "scroll", role="region", aria_label=label, tabindex=0
    )


def fold(title: str, *children: object, is_open: bool = False) -> Html:
    """A part of a section with its heading, which the reader can unfold."""
    summary = tag("summary", tag("h3", title))
    return tag("details", summary, *children, class_="part", open="" if is_open else None)


def figure(svg: str, caption: str) -> Html:
    """A chart with what it shows in words."""
    width = re.search(r'width="([\d.]+)pt"', svg)
    # Text in it is then as large as that around it; a narrow screen shows it down to 0.7 of that, and scrolls.
    style = f"--wide:{float(width[1]) * 1.5:.0f}px" if width else None
    labelled = svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(caption)}" ', 1)
    image = tag("div", Html(labelled), style=style)
    return tag("figure", tag("div", image, class_="scroll chart"), tag("figcaption", caption))


def days_as_ranges(days: Iterable[date]) -> Html:
    """The days as ranges with their number; where there are many ranges, the rest unfolds."""
    ranges = ranges_of(days)
    count = sum(len(r) for r in ranges)
    total = f"{count:,} day{'' if count == 1 else 's'}"
    shown = _ranges(ranges[:RANGES_SHOWN])
    if len(ranges) <= RANGES_SHOWN:
        return join([shown, tag("small", total)])
    more = tag("summary", f"and {len(ranges) - RANGES_SHOWN} more, {total}")
    return join([shown, tag("details", more, _ranges(ranges[RANGES_SHOWN:]))])


def _ranges(ranges: list[DayRange]) -> Html:
    # A line may be broken between ranges, not within one.
    return Html(", ".join(tag("span", str(r), class_="range") for r in ranges))


def breakable(name: str) -> Html:
    """A long name that a narrow screen may break after its dots and underscores."""
    return Html(html.escape(name).replace(".", ".<wbr>").replace("_", "_<wbr>"))
