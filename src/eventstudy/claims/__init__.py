"""What reports claim, and the measures that judge it."""
