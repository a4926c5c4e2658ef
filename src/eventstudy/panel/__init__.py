"""One test for each group of a long table, corrected together."""
