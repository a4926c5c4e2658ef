"""Statistics on the draws of a null model."""
