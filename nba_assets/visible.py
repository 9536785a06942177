"""Text that others wrote, made harmless where it is shown: names come from sources and are not trusted."""

from __future__ import annotations

import re

_CONTROLS = re.compile(
    # Control characters, with which text could move the cursor, clear a terminal or end a line,
    "[\x00-\x1f\x7f-\x9f\u2028\u2029"
    # those that turn the direction of what stands after it,
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    # and halves of characters, which no file can hold.
    "\ud800-\udfff]"
)
_BUT_LINES = re.compile(f"(?!\n){_CONTROLS.pattern}")


def visible(text: object, has_lines: bool = False) -> str:
    """The text with control characters written as Python writes them: \\x1b for escape. has_lines: line ends stay."""
    return (_BUT_LINES if has_lines else _CONTROLS).sub(lambda found: ascii(found[0])[1:-1], str(text))
