"""The two sets of information that a forecast is made from. They have rows of their own and are never mixed."""

from __future__ import annotations

PREGAME = "pregame"
"""What is known before tip-off: the projected roster."""
LINEUP = "lineup"
"""The active lists as well, which are out about half an hour before tip-off; where a source has none, who appeared.
Nothing of what anybody then did."""
INFORMATION_SETS = (PREGAME, LINEUP)
"""In the order in which they come to be known, and are shown."""
