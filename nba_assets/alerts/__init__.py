"""Alerts: what is worth telling, said once, kept until it is delivered.

state (which checks fail, what was said) and stalled (what has stopped progressing) decide; messages words it; outbox
keeps it; delivery sends it; silences holds back what a person does not want to hear; reading asks Dagster; sensors ties
these together. Nothing here computes a table, and only reading and sensors know Dagster.
"""
