"""What breaks a backfill, tried many times; writes docs/reliability.md.

    python -m benchmarks.reliability faults --minutes 30
    NBA_ASSETS_ARCHIVE=folder python -m benchmarks.reliability ways 2019-10-22 2024-06-30

`make faults` is the first of them. Trials are those of the tests, with moments and places drawn from a seed.
"""
