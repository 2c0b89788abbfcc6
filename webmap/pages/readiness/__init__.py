"""How far a revision can be used for each safety function, and the published IDS pack."""
