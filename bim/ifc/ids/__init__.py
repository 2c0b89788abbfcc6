"""Information Delivery Specifications (buildingSMART IDS 1.0 and 0.9): read one, run it over a model."""
