"""Rows from live services, by way of the landing zone: `source.py` is the source, each feed has a module."""
