"""Pages: one module per screen; a view translates, then makes one domain call."""
