"""The 3D heat page: where people and risk concentrate, drawn by deck.gl from a pydeck description."""
