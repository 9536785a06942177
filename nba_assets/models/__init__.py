"""Forecasting: markets, the five systems, training, the model files, distributions. Nothing here imports Dagster."""
