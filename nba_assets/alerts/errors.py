"""The error that a person must see or can mend."""

from __future__ import annotations


class AlertsError(Exception):
    """Something about alerts that a person must see or can mend; the message says what."""
