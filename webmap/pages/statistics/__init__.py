"""Statistics of risk: every figure leads to the list and the map behind it."""
