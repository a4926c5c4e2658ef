"""How long the work takes and how much memory, side by side with other packages."""
