"""The landing zone: every raw response as it came, kept once and never changed. What is asked of whom is in `live/`."""
