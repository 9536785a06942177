"""Transforms of nba_predictions, one module per table."""
