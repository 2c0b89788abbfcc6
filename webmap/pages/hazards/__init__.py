"""Hazard reporting and tickets: report one on the phone, follow it, do what the transition table allows."""
