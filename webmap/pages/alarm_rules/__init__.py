"""Alarm rules: the conditions on readings as typed rows, and what a change would have raised last week."""
