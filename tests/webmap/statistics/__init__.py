"""Statistics of risk."""
