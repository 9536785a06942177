"""Whose turn it is to build: several runs at once, and never a wrong row."""
