"""What was found: frozen results that print, tabulate and draw themselves, one kind a file."""
