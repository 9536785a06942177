"""The names of the systems that forecast. What each does is in `models/`."""

from __future__ import annotations

UNTRAINED = ("moving_average", "zone_matchup", "similarity")
"""They need no training and have a module each in `models/systems/`."""
LIGHTGBM = "lightgbm"
"""The trees of the model that prop_model names for the day, on its linear fit."""
NETWORK = "network"
"""The neural network of the same model."""
TRAINED = (LIGHTGBM, NETWORK)
"""They need a trained model."""
ENSEMBLE = "ensemble"
"""The trained, weighted as they earned it; where neither speaks, the others alike."""
SYSTEMS = (*UNTRAINED, *TRAINED, ENSEMBLE)
"""system_id of each, the ensemble last."""
