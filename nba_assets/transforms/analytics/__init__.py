"""Transforms of nba_analytics, one module per table."""
