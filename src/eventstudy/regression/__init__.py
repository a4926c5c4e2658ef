"""Tables of event counts, and regressions on them."""
