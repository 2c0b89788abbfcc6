"""Tickets as BCF files."""
