"""Transforms of nba_predictions that are set-based; prop_model and player_prop_predictions are in `models/`."""

from nba_assets.transforms.predictions import ml_feature_store_v2, prediction_accuracy

__all__ = ["ml_feature_store_v2", "prediction_accuracy"]
