"""Importing building models: upload, progress, verdict."""
