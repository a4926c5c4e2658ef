"""Frozen results that print, tabulate and draw themselves, one kind to a file."""
