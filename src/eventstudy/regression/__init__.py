"""Counts of events as a table, and the regressions of it."""
