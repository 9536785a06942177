"""The names of the systems that forecast. What each does is in `models/`."""

from __future__ import annotations

UNTRAINED = ("moving_average", "zone_matchup", "similarity")
"""They need no training and have a module each in `models/systems/`."""
LIGHTGBM = "lightgbm"
"""The trained model that prop_model names for the day."""
ENSEMBLE = "ensemble"
"""All of them, weighted as they earned it."""
SYSTEMS = (*UNTRAINED, LIGHTGBM, ENSEMBLE)
"""system_id of each, the ensemble last."""
