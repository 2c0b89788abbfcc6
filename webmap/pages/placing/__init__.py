"""Placing a model by hand: pairs of points in the model and on the map."""
