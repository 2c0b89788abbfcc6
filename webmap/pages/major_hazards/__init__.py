"""Major hazard installations: units with dangerous substances, how close they are, and their signed identification."""
