"""What breaks a backfill in the middle, and what is left of it: killed, no disk, no clock, no log, several at once.

`process.py` runs commands in processes of their own, `stages.py` kills them, `seen.py` says what a home then holds.
`benchmarks/reliability.py` does the same many more times and writes docs/reliability.md.
"""
