"""Children that have been taken over by their file, and what must come of them."""
