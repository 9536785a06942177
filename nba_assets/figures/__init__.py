"""Calendars, charts and the sums that they are drawn from: for asset pages, checks and the report alike.

Nothing here knows Dagster or HTML.
"""
