"""Zones of a site: drawn, edited, withdrawn, taken from models and files."""
