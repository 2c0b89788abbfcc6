"""Measurements: datastreams with their newest values against their limits, and the chart of each."""
