"""The standing report: what a range of days holds, what is missing, which checks fail, how good its forecasts are.

calendar, failures and gaps sort what coverage and checks have found; grades and edges read the forecasts; gather brings
all of it together through one session. charts draws, markup escapes, sections and forecasts word the parts, and page
makes the file. Nothing here writes to the warehouse, and nothing here knows Dagster.
"""
