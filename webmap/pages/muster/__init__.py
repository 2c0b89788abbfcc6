"""Muster: one button on evacuation, who is still where, who is safe; for the control room and for phones."""
