"""Dagster's state on one machine: its home folder and its event log."""
