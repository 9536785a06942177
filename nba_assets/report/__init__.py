"""The standing report: what a range of days holds, what is missing, which checks fail, how good its forecasts are.

failures and gaps sort what checks and coverage have found, edges reads lines; gather brings all of it together through
one session. markup escapes, sections and forecasts word the parts, and page makes the file. Charts and calendars are in
`figures/`. Nothing here writes to the warehouse, and nothing here knows Dagster.
"""
