"""The five systems, one module each. A set-based system's `predict` yields one row per feature row and says either a
predicted_value with a confidence_score, or a reason for its silence (column `reason`)."""

SYSTEMS = ("moving_average", "zone_matchup", "similarity", "lightgbm", "ensemble")
"""system_id of each, the ensemble last."""
