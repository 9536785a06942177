"""The two sets of information that a forecast is made from. They have rows of their own and are never mixed."""

from __future__ import annotations

PREGAME = "pregame"
"""What is known before tip-off: the projected roster."""
LINEUP = "lineup"
"""The active list at tip-off as well. On a day already played: who appeared, as far as the list would have told it, and
nothing of what he then did."""
INFORMATION_SETS = (PREGAME, LINEUP)
"""In the order in which they come to be known, and are shown."""
