"""Forecasting: markets, the six systems, training, the model files, distributions. Nothing here imports Dagster."""

import os

# LightGBM's threads otherwise spin while they wait for each other: with another busy process on the same two cores a
# training took 57 s instead of 8 s. The setting is read when the library is loaded, which only this package does.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
