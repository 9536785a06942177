"""Calendars of days and charts of graded forecasts: for asset pages, checks and the report alike.

Nothing here knows Dagster or HTML.
"""
