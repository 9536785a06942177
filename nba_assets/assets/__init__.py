"""The twenty-four tables as Dagster assets: thin bodies around `sources/`, `transforms/` and `models/`."""
